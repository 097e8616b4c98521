// The loop of Node v0.1.96: ticks, timers and what is ready, in the order of
// its own programs. In virtual time only.
#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

using V0196Loop = PlainNetTest<loop::Discipline::kV0196>;

// 'uncaughtException'.
void LogUncaught(NodeProcess& process) {
  process.loop().SetUncaughtHandler([&](std::exception_ptr thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Error& error) {
      process.Log("process", "uncaught ",
                  error.syscall().empty() ? error.message() : Described(error));
    } catch (const std::exception& error) {
      process.Log("process", "uncaught ", error.what());
    }
  });
}

TEST_P(V0196Loop, RunsATickOnceBeforeThePoll) {
  process.Log("main", "sync");
  const auto log = [this](const char* actor, const char* what) {
    return [this, actor, what] { process.Log(actor, what); };
  };
  loop::EventLoop& loop = process.loop();
  loop.NextTick([&] {
    process.Log("main", "nextTick 1");
    loop.NextTick(log("main", "nextTick nested (next loop turn)"));
  });
  loop.NextTick(log("main", "nextTick 2"));
  After(process, 0, log("main", "timer 0"));
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    c->Write("z");
    c->End();
    c->on.end([c] { c->End(); });
  });
  server->Listen(0);
  server->on.listening([&, s] {
    process.Log("main", "listening");
    const auto client = Connect(process.stack(), s->address()->port);
    Socket* const c = client.get();
    c->on.data([&](absl::string_view) {
      process.Log("io", "data callback");
      After(process, 0, [&] {
        process.Log("io", "timer 0");
        loop.NextTick(log("io", "nextTick in timer"));
      });
      After(process, 0, log("io", "timer 0b"));
      loop.NextTick(log("io", "nextTick"));
      back_end->Work(absl::Milliseconds(5));
      process.Log("io", "data callback returns");
    });
    c->on.end([&, c, s] {
      process.Log("io", "end");
      c->End();
      s->Close();
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/28-loop-phases.out"));
}

TEST_P(V0196Loop, FiresAClearedTimerThatHasExpired) {
  const auto after = [&](int ms, const char* what) {
    After(process, ms, [this, what] { process.Log("t", what); });
  };
  after(10, "10ms #1");
  after(5, "5ms #1");
  after(10, "10ms #2");
  After(process, 1, [&] {
    process.Log("t", "1ms #1");
    after(0, "0ms nested");
    process.loop().NextTick([&] { process.Log("t", "nextTick from 1ms"); });
  });
  after(0, "0ms #2");
  after(5, "5ms #2");
  loop::Timer never(process.loop(), [&] { process.Log("t", "never"); });
  never.Start(absl::Milliseconds(5));
  After(process, 2, [&] {
    process.Log("t", "clears");
    never.Stop();
  });
  loop::Timer interval(process.loop(), [&] {
    process.Log("t", "interval");
    interval.Stop();
  });
  interval.Start(absl::Milliseconds(3), absl::Milliseconds(3));
  back_end->Work(absl::Milliseconds(30));
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/29-timers-order.out"));
}

// One that repeats has been started again by then, and so stopping it takes its
// event back.
TEST_P(V0196Loop, DoesNotFireAClearedIntervalThatHasExpired) {
  loop::Timer interval(process.loop(), [&] { process.Log("t", "interval"); });
  loop::Timer once(process.loop(), [&] { process.Log("t", "once"); });
  After(process, 2, [&] {
    process.Log("t", "clears");
    interval.Stop();
    once.Stop();
  });
  interval.Start(absl::Milliseconds(5), absl::Milliseconds(5));
  once.Start(absl::Milliseconds(5));
  back_end->Work(absl::Milliseconds(20));
  EXPECT_EQ(process.Run(),
            "  1 t        clears\n  2 t        once\n"
            "  3 process  exit\n");
}

// One that is late comes once, and is then due as if it had been in time, but
// not before now.
TEST_P(V0196Loop, CatchesUpWithALateInterval) {
  int count = 0;
  loop::Timer interval(process.loop(), [&] {
    process.Log(
        "t", "interval at ",
        absl::ToInt64Milliseconds(process.loop().Now() - loop::Instant()));
    if (++count == 2) back_end->Work(absl::Milliseconds(25));
    if (count == 5) interval.Stop();
  });
  interval.Start(absl::Milliseconds(10), absl::Milliseconds(10));
  EXPECT_EQ(process.Run(), R"(  1 t        interval at 10
  2 t        interval at 20
  3 t        interval at 45
  4 t        interval at 45
  5 t        interval at 55
  6 process  exit
)");
}

TEST_P(V0196Loop, StrandsTheTicksBehindOneThatThrows) {
  LogUncaught(process);
  process.loop().NextTick([&] {
    process.Log("main", "tick 1");
    throw Error("", "tick boom");
  });
  process.loop().NextTick([&] { process.Log("main", "tick 2 (stranded)"); });
  After(process, 20, [&] {
    process.Log("main", "timer 20: tick 2 still not run");
    process.loop().NextTick([&] { process.Log("main", "tick 3"); });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/30-nexttick-exception.out"));
}

TEST_P(V0196Loop, RunsADueTimerBeforeIo) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    c->on.data(
        [&](absl::string_view data) { process.Log("io", "data ", data); });
    c->on.end([&, c, s] {
      process.Log("io", "end");
      c->End();
      s->Close();
    });
  });
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    Socket* const c = client.get();
    c->on.connect([&, c] {
      After(process, 30, [&, c] {
        After(process, 5, [&] { process.Log("timer", "due"); });
        c->Write("x");
        c->End();
        back_end->Work(absl::Milliseconds(20));
        process.Log("main", "both ready now");
      });
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/44-timer-before-io.out"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/44-timer-before-io.strace")));
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Loop,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
