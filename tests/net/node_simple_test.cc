// Of the tests of Node v0.1.96 (test/simple), those about net and
// the loop, each under its name there, in that version's discipline.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

using NodeSimpleTest = PlainNetTest<loop::Discipline::kV0196>;

std::shared_ptr<Server> Serve(NodeProcess& process,
                              Server::ConnectionListener listener,
                              std::function<void(uint16_t port)> then,
                              Server::ListenOptions options = {}) {
  const auto server = Server::Create(process.stack(), std::move(listener));
  Server* const s = server.get();
  s->on.listening([s, then] { then(s->address()->port); });
  s->Listen(std::move(options));
  return server;
}

// test-net-pingpong, over IPv4 and over a Unix path: 1000 round trips; the last
// answer comes after end().
class Pingpong final {
 public:
  static constexpr int kTimes = 1000;

  Pingpong(NodeProcess& process, Server::ListenOptions options)
      : process_(process) {
    const std::string path = options.path;
    server_ = Serve(
        process,
        [this](const std::shared_ptr<Socket>& socket) {
          Socket* const c = socket.get();
          c->SetNoDelay(true);
          c->on.data([c](absl::string_view data) {
            EXPECT_TRUE(c->writable());
            EXPECT_TRUE(c->readable());
            if (data == "PING") c->Write("PONG");
          });
          c->on.end([c] {
            EXPECT_TRUE(c->writable());
            EXPECT_FALSE(c->readable());
            c->End();
          });
          c->on.close([this, c](bool had_error) {
            EXPECT_FALSE(c->writable());
            EXPECT_FALSE(had_error);
            server_->Close();
          });
        },
        [this, path](uint16_t port) {
          Begin(path.empty() ? Connect(process_.stack(), port)
                             : ConnectPath(process_.stack(), path));
        },
        std::move(options));
  }
  int count() const { return count_; }
  bool sent_last() const { return sent_last_; }

 private:
  void Begin(const std::shared_ptr<Socket>& client) {
    Socket* const c = client.get();
    c->on.connect([c] {
      EXPECT_TRUE(c->readable());
      EXPECT_TRUE(c->writable());
      c->Write("PING");
    });
    c->on.data([this, c](absl::string_view data) {
      EXPECT_EQ(data, "PONG");
      ++count_;
      if (sent_last_) {
        EXPECT_EQ(c->ready_state(), "readOnly");
        return;
      }
      EXPECT_EQ(c->ready_state(), "open");
      if (count_ < kTimes) {
        c->Write("PING");
      } else {
        sent_last_ = true;
        c->Write("PING");
        c->End();
      }
    });
  }

  NodeProcess& process_;
  std::shared_ptr<Server> server_;
  int count_ = 0;
  bool sent_last_ = false;
};

TEST_P(NodeSimpleTest, TestNetPingpong) {
  Server::ListenOptions any;
  Server::ListenOptions ip;
  ip.host = "127.0.0.1";
  Server::ListenOptions path;
  path.path = absl::StrCat("./pingpong_", GetParam().name, ".sock");
  Pingpong first(process, any);
  Pingpong second(process, ip);
  Pingpong third(process, path);
  process.Run();
  for (const Pingpong* one : {&first, &second, &third}) {
    EXPECT_EQ(one->count(), Pingpong::kTimes + 1);
    EXPECT_TRUE(one->sent_last());
  }
}

// test-tcp-reconnect: from 'close', 50 times.
TEST_P(NodeSimpleTest, TestTcpReconnect) {
  constexpr int kTimes = 50;
  int got = 0;
  int closed = 0;
  std::shared_ptr<Server> server;
  server = Serve(
      process,
      [](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        c->on.connect([c] { c->Write("hello\r\n"); });
        c->on.end([c] { c->End(); });
        c->on.close([](bool had_error) { EXPECT_FALSE(had_error); });
      },
      [&](uint16_t port) {
        const auto client = Connect(process.stack(), port);
        Socket* const c = client.get();
        c->on.data([&, c](absl::string_view chunk) {
          ++got;
          EXPECT_EQ(chunk, "hello\r\n");
          c->End();
        });
        c->on.close([&, c, port](bool had_error) {
          EXPECT_FALSE(had_error);
          if (++closed < kTimes) {
            c->Connect(port);
          } else {
            server->Close();
          }
        });
      });
  process.Run();
  EXPECT_EQ(got, kTimes);
  EXPECT_EQ(closed, kTimes);
}

// test-tcp-binary: all 256 byte values, singly and in bulk.
TEST_P(NodeSimpleTest, TestTcpBinary) {
  std::string all;
  for (int byte = 255; byte >= 0; --byte) all += static_cast<char>(byte);
  std::string got;
  std::shared_ptr<Server> server;
  server = Serve(
      process,
      [](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        c->on.data([c](absl::string_view data) { c->Write(data); });
        c->on.end([c] { c->End(); });
      },
      [&](uint16_t port) {
        const auto client = Connect(process.stack(), port);
        Socket* const c = client.get();
        c->on.connect([&, c] { c->Write(all.substr(0, 1)); });
        c->on.data([&, c](absl::string_view data) {
          got += std::string(data);
          if (got.size() < all.size()) {
            c->Write(all.substr(got.size(), 1));
          } else if (got.size() == all.size()) {
            c->Write(all);
          } else if (got.size() == 2 * all.size()) {
            c->End();
          }
        });
        c->on.close([&](bool) { server->Close(); });
      });
  process.Run();
  EXPECT_EQ(got, all + all);
}

// test-next-tick, test-next-tick-ordering: a tick set first runs before any
// timer; nested ones all run.
TEST_P(NodeSimpleTest, TestNextTickOrdering) {
  std::vector<std::string> done;
  const auto push = [&](std::string what) {
    return [&done, what] { done.push_back(what); };
  };
  for (const int ms : {1, 1, 2, 5, 10}) {
    process.loop().SetTimeout(absl::Milliseconds(ms),
                              push(absl::StrCat(ms, " ms")));
  }
  process.loop().NextTick([&] {
    push("tick")();
    process.loop().NextTick(push("nested"));
  });
  process.Run();
  ASSERT_EQ(done.size(), 7u);
  EXPECT_EQ(done[0], "tick");
  EXPECT_EQ(done.back(), "10 ms");
}

// test-event-emitter-modify-in-emit.
TEST_P(NodeSimpleTest, TestEventEmitterModifyInEmit) {
  Event<> foo;
  std::string called;
  const auto three = [&] { called += "3"; };
  const auto two = [&] {
    called += "2";
    foo(three);
  };
  ListenerId one = 0;
  one = foo([&] {
    called += "1";
    foo(two);
    foo(three);
    foo.Remove(one);
  });
  EXPECT_EQ(foo.count(), 1);
  foo.Emit();
  EXPECT_EQ(called, "1");
  EXPECT_EQ(foo.count(), 2);
  foo.Emit();
  EXPECT_EQ(called, "123");
  // A listener that a listener removes still runs this time.
  Event<> bar;
  std::string again;
  ListenerId b = 0;
  bar([&] {
    again += "a";
    bar.Remove(b);
  });
  b = bar([&] { again += "b"; });
  bar.Emit();
  bar.Emit();
  EXPECT_EQ(again, "aba");
}

// test-exception-handler: what handles the uncaught may do two things.
TEST_P(NodeSimpleTest, TestExceptionHandler) {
  int handled = 0;
  process.loop().SetUncaughtHandler([&](std::exception_ptr) { handled += 2; });
  process.loop().SetTimeout(absl::Milliseconds(10),
                            [] { throw Error("", "catch me if you can"); });
  process.Run();
  EXPECT_EQ(handled, 2);
}

INSTANTIATE_TEST_SUITE_P(Kernels, NodeSimpleTest, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
