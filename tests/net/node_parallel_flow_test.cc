// Of Node's own tests (test/parallel), those about how data flow, each under
// its name there.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/node_parallel.h"

namespace simloop::net {
namespace {

using NodeFlowTest = PlainNetTest<loop::Discipline::kModern>;
using NodeTimedTest = PlainNetTest<loop::Discipline::kModern>;

// test-net-write-connect-write: "before" then "after".
TEST_P(NodeFlowTest, TestNetWriteConnectWrite) {
  std::string received;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        c->on.data([c](absl::string_view data) { c->Write(data); });
      },
      [&](uint16_t port) {
        const auto client = To(process, port);
        Socket* const c = client.get();
        c->on.connect([c] { c->Write("after"); });
        c->on.data([&, c](absl::string_view data) {
          received += std::string(data);
          if (received.size() < 11) return;
          c->Destroy();
          server->Close();
        });
        c->Write("before");
      });
  process.Run();
  EXPECT_EQ(received, "beforeafter");
}

// test-net-server-pause-on-connect: nothing is read until resume().
TEST_P(NodeFlowTest, TestNetServerPauseOnConnect) {
  Server::Options paused;
  paused.pause_on_connect = true;
  bool resumed = false;
  std::string got;
  std::shared_ptr<Server> server;
  server = Serve(
      process, paused,
      [&](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        c->on.data([&, c](absl::string_view data) {
          EXPECT_TRUE(resumed);
          got += std::string(data);
          c->End();
          server->Close();
        });
        process.loop().SetTimeout(absl::Milliseconds(20), [&, c] {
          EXPECT_EQ(c->bytes_read(), 0u);
          resumed = true;
          c->Resume();
        });
      },
      [&](uint16_t port) {
        const auto client = To(process, port);
        client->Write("hello");
        client->Resume();
      });
  process.Run();
  EXPECT_EQ(got, "hello");
}

// test-net-pause-resume-connecting: data flow iff the last call was resume().
TEST_P(NodeFlowTest, TestNetPauseResumeConnecting) {
  const std::vector<std::string> calls = {"", "p", "pr", "rp", "prp"};
  std::vector<size_t> got(calls.size());
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [](const std::shared_ptr<Socket>& socket) {
        socket->on.error([](const Error&) {});
        socket->End("data");
      },
      [&](uint16_t port) {
        for (size_t i = 0; i < calls.size(); ++i) {
          const auto client = To(process, port);
          Socket* const c = client.get();
          c->on.data([&, i](absl::string_view d) { got[i] += d.size(); });
          for (const char call : calls[i])
            call == 'p' ? c->Pause() : c->Resume();
          process.loop().SetTimeout(absl::Milliseconds(30),
                                    [c, client] { c->Destroy(); });
        }
        process.loop().SetTimeout(absl::Milliseconds(30),
                                  [&] { server->Close(); });
      });
  process.Run();
  EXPECT_EQ(got, (std::vector<size_t>{4, 0, 4, 0, 0}));
}

// test-net-allow-half-open: not destroyed at 'end', nor at 'finish'.
TEST_P(NodeFlowTest, TestNetAllowHalfOpen) {
  std::string events;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [](const std::shared_ptr<Socket>& socket) {
        socket->Resume();
        socket->End("data");
      },
      [&](uint16_t port) {
        ConnectOptions to;
        to.port = port;
        const auto client =
            Connect(process.stack(), std::move(to),
                    {.allow_half_open = true, .signal = nullptr});
        Socket* const c = client.get();
        c->Resume();
        c->on.end([&, c] {
          events += "end,";
          process.loop().SetImmediate([&, c] {
            EXPECT_FALSE(c->destroyed());
            c->End("bye");
          });
        });
        c->on.finish([&, c] {
          events += "finish,";
          EXPECT_FALSE(c->destroyed());
        });
        c->on.close([&](bool) {
          events += "close";
          server->Close();
        });
      });
  process.Run();
  EXPECT_EQ(events, "end,finish,close");
}

// test-net-socket-close-after-end: unread data delay 'end'.
TEST_P(NodeFlowTest, TestNetSocketCloseAfterEnd) {
  bool ended = false;
  bool closed = false;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [&](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        c->on.end([&] {
          EXPECT_FALSE(closed);
          ended = true;
        });
        c->on.close([&](bool) {
          EXPECT_TRUE(ended);
          closed = true;
          server->Close();
        });
        process.loop().SetTimeout(absl::Milliseconds(20),
                                  [c, socket] { c->Resume(); });
      },
      [&](uint16_t port) { To(process, port)->End("foo"); });
  process.Run();
  EXPECT_TRUE(closed);
}

// test-socket-write-after-fin: a half-open server echoes all on 'end'.
TEST_P(NodeFlowTest, TestSocketWriteAfterFin) {
  std::string got;
  std::string sent;
  Server::Options half_open;
  half_open.allow_half_open = true;
  std::shared_ptr<Server> server;
  server = Serve(
      process, half_open,
      [&](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        server->Close();
        c->on.data([&](absl::string_view data) { sent += std::string(data); });
        c->on.end([&, c] {
          c->Write(sent);
          c->End();
        });
      },
      [&](uint16_t port) {
        const auto client = To(process, port);
        Socket* const c = client.get();
        c->on.data([&](absl::string_view data) { got += std::string(data); });
        for (const char* part : {"hello1", "hello2", "hello3"}) c->Write(part);
        c->End("THUNDERMUSCLE!");
      });
  process.Run();
  EXPECT_EQ(got, "hello1hello2hello3THUNDERMUSCLE!");
}

// test-socket-write-after-fin-error: EPIPE with a text of its own.
TEST_P(NodeFlowTest, TestSocketWriteAfterFinError) {
  std::string message;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [&](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        server->Close();
        c->Resume();
        c->on.error([&](const Error& error) { message = error.message(); });
        c->on.end([&, c] {
          c->End();
          c->Write("too late");
        });
      },
      [&](uint16_t port) {
        const auto client = To(process, port);
        client->Resume();
        client->End("bye");
      });
  process.Run();
  EXPECT_EQ(message, "This socket has been ended by the other party");
}

// test-net-can-reset-timeout: a write in 'timeout' puts the next off.
TEST_P(NodeTimedTest, TestNetCanResetTimeout) {
  int timeouts = 0;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [&](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        c->SetTimeout(absl::Milliseconds(100));
        c->Resume();
        c->on.timeout.Once([&, c] {
          ++timeouts;
          c->SetTimeout(absl::Milliseconds(400));
          c->on.timeout([] { ADD_FAILURE() << "it was reset"; });
          c->Write("WHAT.");
        });
        c->on.end([&] { server->Close(); });
      },
      [&](uint16_t port) {
        const auto client = To(process, port);
        Socket* const c = client.get();
        c->on.data([c](absl::string_view) { c->End(); });
      });
  process.Run();
  EXPECT_EQ(timeouts, 1);
}

// test-net-settimeout: the second replaces the first; 0 disables.
TEST_P(NodeTimedTest, TestNetSettimeout) {
  std::string events;
  std::shared_ptr<Server> server;
  server = Serve(process, {}, nullptr, [&](uint16_t port) {
    for (const int final : {0, 50}) {
      const auto client = To(process, port);
      Socket* const c = client.get();
      c->SetTimeout(absl::Milliseconds(20));
      c->SetTimeout(absl::Milliseconds(final));
      c->on.timeout([&, final] {
        absl::StrAppend(&events, final, "@",
                        process.loop().Now().nanos() / 1'000'000);
      });
      process.loop().SetTimeout(absl::Milliseconds(90),
                                [c, client] { c->Destroy(); });
    }
    process.loop().SetTimeout(absl::Milliseconds(90), [&] { server->Close(); });
  });
  process.Run();
  EXPECT_EQ(events, "50@50");
}

// test-net-write-slow: progress of a slow write is activity. 16 MiB by 64 KiB
// each 20 ms take 5 s; the last 3.7 MiB, which the kernel holds, 1.2 s.
TEST_P(NodeTimedTest, TestNetWriteSlow) {
  constexpr size_t kBytes = 16 << 20;
  size_t got = 0;
  std::shared_ptr<Server> server;
  server = Serve(
      process, {},
      [&](const std::shared_ptr<Socket>& socket) {
        Socket* const c = socket.get();
        c->SetTimeout(absl::Seconds(2));
        c->on.timeout([] { ADD_FAILURE() << "it makes progress"; });
        c->End(std::string(kBytes, 'x'));
        server->Close();
      },
      [&](uint16_t port) {
        const auto client = To(process, port);
        Socket* const c = client.get();
        c->on.data([&, c](absl::string_view data) {
          got += data.size();
          c->Pause();
          process.loop().SetTimeout(
              absl::Milliseconds(20),
              [self = c->shared_from_this()] { self->Resume(); });
        });
      });
  process.Run();
  EXPECT_EQ(got, kBytes);
}

INSTANTIATE_TEST_SUITE_P(Kernels, NodeFlowTest, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, NodeTimedTest,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
