// Programs of Node 20 about when shutdown(2) is called, and so when 'finish'
// comes among the events of other sockets, recorded here.
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20Shutdown : public V20Program {
 protected:
  auto Cried(std::string actor, std::string text) {
    return [this, actor, text](const Error*) { process.Log(actor, text); };
  }
};

TEST_P(V20Shutdown, Case221ThreeClientsOfAUnixSocket) {
  int n = 0;
  const auto server = Watched([&](const SocketHandle& s) {
    const int k = ++n;
    process.Watch(s, absl::StrCat("srv", k));
    s->Write(absl::StrCat("hello", k));
    if (k == 3) s->End("bye");
  });
  Server::ListenOptions on;
  on.path = "/three.sock";
  std::vector<SocketHandle> cs;
  server->on.listening([&] {
    for (int i = 1; i <= 3; ++i) {
      ConnectOptions to;
      to.path = on.path;
      cs.push_back(Connect(process.stack(), std::move(to), Socket::Options()));
      process.Watch(cs.back(), absl::StrCat("client", i));
    }
    cs[0]->on.data([&](absl::string_view) {
      cs[0]->End("one", Cried("client1", "end cb"));
    });
    cs[1]->on.data([&](absl::string_view) {
      cs[1]->Write("two");
      cs[1]->Destroy();
    });
    cs[2]->on.data.Once([&](absl::string_view) {
      cs[2]->Write("three");
      Immediate([&] {
        const bool room = cs[2]->Write("late", [&](const Error* e) {
          process.Log("client3", "write cb ", e == nullptr ? "ok" : e->code());
        });
        process.Log("client3", "immediate write -> ", Bool(room));
      });
    });
    After(60, [&] {
      for (const SocketHandle& c : cs) c->Destroy();
      server->Close();
    });
  });
  server->Listen(on);
  EXPECT_EQ(process.Run(), RecordedLines("v20/221-unix-three-clients"));
}

TEST_P(V20Shutdown, Case222EndsUnderPressure) {
  std::map<std::string, size_t> got;
  std::vector<SocketHandle> srv;
  Server::Options paused;
  paused.pause_on_connect = true;
  const auto server = Watched(
      [&](const SocketHandle& s) {
        srv.push_back(s);
        const std::string who = absl::StrCat("srv", srv.size());
        s->on.data([&, who](absl::string_view d) { got[who] += d.size(); });
        s->on.end([&, who] { process.Log(who, "end ", got[who]); });
        s->on.finish([&, who] { process.Log(who, "finish"); });
        s->on.close([&, who](bool) { process.Log(who, "close"); });
      },
      paused);
  const std::string big(8 << 20, 'x');
  int left = 3;
  server->on.listening([&] {
    const auto a = Dial(*server, "a");
    const auto b = Dial(*server, "b");
    const auto c = Dial(*server, "c");
    const auto write = [&](const std::string& who, Socket* s, auto written) {
      process.Log(who, "write -> ", Bool(s->Write(big, written)));
    };
    a->on.connect([&, write, a = a.get()] {
      write("a", a, Cried("a", "write cb"));
      a->End("", Cried("a", "end cb"));
    });
    b->on.connect(
        [&, write, b = b.get()] { write("b", b, Cried("b", "write cb")); });
    b->on.drain([&, b = b.get()] {
      process.Log("b", "end()");
      b->End("last", Cried("b", "end cb"));
    });
    c->on.connect([&, write, c = c.get()] {
      write("c", c, [&, c](const Error*) {
        process.Log("c", "write cb");
        Tick([&, c] {
          process.Log("c", "tick");
          c->End("", Cried("c", "end cb"));
        });
      });
    });
    for (const SocketHandle& s : {a, b, c}) {
      s->on.close([&](bool) {
        if (--left == 0) server->Close();
      });
    }
    const auto resume = [&](size_t i, int ms, const std::string& who) {
      After(ms, [&, i, who] {
        process.Log("main", "resume ", who);
        srv[i]->Resume();
      });
    };
    resume(0, 50, "a");
    resume(1, 200, "b");
    resume(2, 350, "c");
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/222-end-under-pressure"));
}

INSTANTIATE_TEST_SUITE_P(, V20Shutdown, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
