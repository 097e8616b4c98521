// Programs of Node 20 about listeners, recorded here: those that come and go
// while data comes, and those that throw.
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20Listener : public V20Program {};
class V20ListenerTimed : public V20Program {};

TEST_P(V20ListenerTimed, Case69AddsAndRemovesListenersOfData) {
  const auto server = Watched();
  server->on.connection([&](const SocketHandle& s) {
    const auto send = [&](int i) {
      return [s, i] {
        if (i < 6) {
          s->Write("m" + std::to_string(i));
        } else {
          s->End();
        }
      };
    };
    send(0)();
    for (int i = 1; i <= 6; ++i) After(40 * i, send(i));
    s->on.close([&](bool) { server->Close(); });
  });
  server->on.listening([&] {
    const auto c = Dial(*server, "c", false);
    const auto log = [&](const char* name) {
      return [&, name](absl::string_view d) { process.Log("c", name, " ", d); };
    };
    const auto b = std::make_shared<ListenerId>(0);
    c->on.data([&, c, b, log](absl::string_view d) {
      process.Log("c", "A ", d, " ", c->on.data.count());
      if (d == "m1") {
        c->on.data.Remove(*b);
        c->on.data(log("late"));
      }
      if (d == "m3") {
        c->on.data.Clear();
        After(60, [&, c, log] {
          process.Log("c", "again ", Bool(c->paused()));
          c->on.data(log("D"));
        });
      }
    });
    c->on.data.Once([&, c, log](absl::string_view d) {
      process.Log("c", "once ", d);
      c->on.data.Once(log("once in once"));
    });
    *b = c->on.data(log("B"));
    c->on.data(log("C"));
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/69-data-listeners"));
}

TEST_P(V20Listener, Case70ThrowsInListeners) {
  SocketHandle srv;
  LogUncaught([&](const Error& error) {
    if (error.message() != "in end") return;
    Immediate([&] {
      process.Log("srv", "state ", srv->ready_state());
      srv->End();
    });
  });
  const auto server = Server::Create(process.stack(), [&](const auto& s) {
    srv = s;
    process.Watch(s, "srv");
    s->on.data([p = s.get()](absl::string_view) {
      p->Write("echo");
      Throw("in data");
    });
    s->on.end([] { Throw("in end"); });
    Tick([] { Throw("in tick"); });
    Tick([&] { process.Log("srv", "tick 2"); });
    Throw("in connection");
  });
  process.Watch(server, "server");
  server->on.close([&] { process.Log("server", "close 2"); });
  server->on.listening([&] {
    const auto c = Dial(*server, "c");
    c->on.connect([&, c] {
      c->Write("hello", [](const Error*) { Throw("in write cb"); });
      c->Write("x", [&](const Error*) { process.Log("c", "cb x"); });
    });
    c->on.data.Once([c](absl::string_view) {
      c->End("", [](const Error*) { Throw("in end cb"); });
    });
    c->on.finish([] { Throw("in finish"); });
    c->on.close([&](bool) {
      server->Close([](const Error*) { Throw("in close cb"); });
      Throw("in close");
    });
    Throw("in listening");
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/70-throwing-listeners"));
}

INSTANTIATE_TEST_SUITE_P(, V20Listener, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20ListenerTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
