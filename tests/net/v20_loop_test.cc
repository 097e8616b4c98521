// The order of Node 20's loop as its own programs show it over net: ticks,
// microtasks, immediates, timers and I/O; and EventEmitter's rules. In virtual
// time: while a program works, BackEnd::Work() lets it pass.
#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

using V20Loop = PlainNetTest<loop::Discipline::kModern>;

TEST_P(V20Loop, RunsTicksMicrotasksImmediatesAndTimersInOrder) {
  loop::EventLoop& loop = process.loop();
  const auto log = [this](const char* actor, const char* what) {
    return [this, actor, what] { process.Log(actor, what); };
  };
  process.Log("main", "sync");
  loop.NextTick(log("main", "nextTick 1"));
  loop.QueueMicrotask(log("main", "microtask 1"));
  loop.QueueMicrotask([&] {
    process.Log("main", "microtask 2");
    loop.NextTick(log("main", "nextTick from microtask"));
  });
  loop.NextTick([&] {
    process.Log("main", "nextTick 2");
    loop.QueueMicrotask(log("main", "microtask from nextTick"));
  });
  const auto server = Server::Create(
      process.stack(),
      [](const std::shared_ptr<Socket>& socket) { socket->End("z"); });
  Server* const s = server.get();
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    client->on.data.Once([&](absl::string_view) {
      process.Log("io", "data callback");
      loop.SetTimeout(absl::ZeroDuration(), [&] {
        process.Log("io", "timer 0");
        loop.NextTick(log("io", "nextTick in timer 0"));
      });
      loop.SetTimeout(absl::ZeroDuration(), log("io", "timer 0b"));
      loop.SetImmediate([&] {
        process.Log("io", "immediate 1");
        loop.NextTick(log("io", "nextTick in immediate 1"));
        loop.SetImmediate(log("io", "immediate nested"));
      });
      loop.SetImmediate(log("io", "immediate 2"));
      loop.NextTick(log("io", "nextTick"));
      loop.QueueMicrotask(log("io", "microtask"));
      back_end->Work(absl::Milliseconds(5));
      process.Log("io", "data callback returns");
    });
    client->on.close([s](bool) { s->Close(); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), Recorded("v20/30-loop-phases.out"));
}

TEST_P(V20Loop, RunsTimersByExpiry) {
  loop::EventLoop& loop = process.loop();
  const auto after = [&](int ms, const char* what) {
    loop.SetTimeout(absl::Milliseconds(ms),
                    [this, what] { process.Log("t", what); });
  };
  after(10, "10ms #1");
  after(5, "5ms #1");
  after(10, "10ms #2");
  loop.SetTimeout(absl::Milliseconds(1), [&] {
    process.Log("t", "1ms #1");
    after(0, "0ms nested in 1ms");
  });
  after(0, "0ms(=1) #2");
  after(5, "5ms #2");
  loop::Timer cancelled(loop, [&] { process.Log("t", "never"); });
  cancelled.Start(absl::Milliseconds(5));
  loop.SetTimeout(absl::Milliseconds(2), [&] {
    process.Log("t", "clears");
    cancelled.Stop();
  });
  loop::Timer interval(loop, [&] {
    process.Log("t", "interval 3ms");
    interval.Stop();
  });
  interval.Start(absl::Milliseconds(3), absl::Milliseconds(3));
  back_end->Work(absl::Milliseconds(30));
  loop.SetImmediate([&] { process.Log("main", "immediate"); });
  EXPECT_EQ(process.Run(), Recorded("v20/31-timers-order.out"));
}

TEST_P(V20Loop, PollsBeforeItRunsADueTimer) {
  loop::EventLoop& loop = process.loop();
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    socket->on.data(
        [&](absl::string_view data) { process.Log("io", "data ", data); });
    socket->on.end([&] { process.Log("io", "end"); });
    socket->on.close([s](bool) { s->Close(); });
  });
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    Socket* const c = client.get();
    c->on.connect([&, c] {
      loop.SetTimeout(absl::Milliseconds(30), [&, c] {
        loop.SetTimeout(absl::Milliseconds(5),
                        [&] { process.Log("timer", "due"); });
        loop.SetImmediate([&] { process.Log("immediate", "runs"); });
        c->End("x");
        c->Resume();
        back_end->Work(absl::Milliseconds(20));
        process.Log("main", "both ready now");
      });
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), Recorded("v20/54-timer-vs-io.out"));
}

// There are no 'newListener', 'removeListener' and prependListener(): their
// lines are printed where the program itself adds and removes.
TEST_P(V20Loop, EmitsToACopyOfTheListeners) {
  Event<> x;
  Event<const Error&> error;
  ListenerId c2 = 0;
  const auto added = [this] { process.Log("e", "newListener x"); };
  const auto removed = [this] { process.Log("e", "removeListener x"); };
  process.Log("e", "newListener removeListener");
  x([&] { process.Log("e", "prepended"); });
  bool has_c2 = true;
  x([&] {
    process.Log("e", "c1");
    added();
    x([&] { process.Log("e", "c3"); });
    x.Remove(c2);
    if (std::exchange(has_c2, false)) removed();
  });
  c2 =
      x([&] { process.Log("e", "c2 (removed during emit, still runs once)"); });
  x.Once([&] {
    removed();
    process.Log("e", "once");
  });
  for (int i = 0; i < 4; ++i) added();
  process.Log("e", "emit -> ", Bool(x.Emit()));
  process.Log("e", "emit -> ", Bool(x.Emit()));
  process.Log("e", "emit unknown -> ", Bool(Event<>().Emit()));
  const Error nobody("", "no listener");
  if (!error.Emit(nobody)) process.Log("e", "throws ", nobody.message());
  EXPECT_EQ(process.Run(), Recorded("v20/47-event-emitter-order.out"));
}

INSTANTIATE_TEST_SUITE_P(Kernels, V20Loop, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
