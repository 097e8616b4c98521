// A stack that spares calls (Stack::Options::spares_calls): which it leaves out,
// that its peers see the same, and when it makes them all the same.
#include <algorithm>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "loop/event_loop.h"
#include "loop/socket_option.h"
#include "net/http_server.h"
#include "net/server.h"
#include "net/socket.h"
#include "net/stack.h"
#include "tests/loop/forwarding_kernel.h"
#include "tests/net/back_end.h"

namespace simloop::net {
namespace {

using testing::ElementsAre;

// Notes the calls that may be spared.
class Calls final : public loop::ForwardingKernel {
 public:
  using ForwardingKernel::ForwardingKernel;

  loop::Result<void> Setsockopt(loop::Fd fd, int level, int name,
                                absl::Span<const char> value) override {
    if (level == loop::kIpprotoTcp && name == loop::kTcpNodelay) {
      made.push_back("nodelay");
    }
    return kernel_.Setsockopt(fd, level, name, value);
  }
  loop::Result<void> Listen(loop::Fd fd, int backlog) override {
    made.push_back("listen");
    return kernel_.Listen(fd, backlog);
  }
  loop::Result<loop::Accepted> Accept4(loop::Fd fd, int flags) override {
    const auto accepted = kernel_.Accept4(fd, flags);
    if (accepted.ok()) made.push_back("accept");
    return accepted;
  }
  loop::Result<void> Shutdown(loop::Fd fd, int how) override {
    made.push_back("shutdown");
    return kernel_.Shutdown(fd, how);
  }

  std::vector<std::string> made;
};

class SparedCalls : public testing::TestWithParam<BackEndFactory> {
 protected:
  struct Process {
    Process(loop::Discipline discipline, bool spares)
        : back_end(GetParam().make()),
          calls(back_end->kernel()),
          loop(calls, back_end->clock(), {discipline, nullptr, false}),
          stack(loop, [spares] {
            Stack::Options options;
            options.spares_calls = spares;
            return options;
          }()) {}

    const std::unique_ptr<BackEnd> back_end;
    Calls calls;
    loop::EventLoop loop;
    Stack stack;
  };

  // One connection, which `serve` gets; what its client sees.
  template <typename F>
  std::vector<std::string> Run(Process& process, Server::Options options,
                               F serve) {
    std::vector<std::string> seen;
    const auto server = Server::Create(
        process.stack, options, [&](const std::shared_ptr<Socket>& socket) {
          server_->Close();
          serve(socket);
        });
    server_ = server.get();
    server->Listen(0, "127.0.0.1");
    std::shared_ptr<Socket> client;
    server->on.listening([&] {
      client = Connect(process.stack, server->address()->port, "127.0.0.1");
      client->on.data([&](absl::string_view data) {
        seen.push_back(std::string(data));
      });
      client->on.end([&] { seen.push_back("end"); });
      client->on.close([&](bool error) {
        seen.push_back(error ? "close with an error" : "close");
      });
    });
    process.back_end->Run(process.loop);
    return seen;
  }
  Server* server_ = nullptr;
};

Server::Options NoDelay() {
  Server::Options options;
  options.no_delay = true;
  return options;
}

TEST_P(SparedCalls, TellsThePeerTheSame) {
  for (const bool spares : {false, true}) {
    Process process(loop::Discipline::kModern, spares);
    int no_delay = -1;
    const auto seen =
        Run(process, NoDelay(), [&](const std::shared_ptr<Socket>& socket) {
          no_delay = *loop::GetIntOption(process.calls, socket->fd(),
                                         loop::kIpprotoTcp, loop::kTcpNodelay);
          socket->Write("answer");
          socket->DestroySoonAfterAll();
        });
    EXPECT_THAT(seen, ElementsAre("answer", "end", "close"));
    EXPECT_EQ(no_delay, 1);
    if (spares) {
      EXPECT_THAT(process.calls.made,
                  ElementsAre("nodelay", "listen", "accept"));
    } else {
      EXPECT_THAT(process.calls.made,
                  ElementsAre("listen", "accept", "nodelay", "shutdown",
                              /*of the client:*/ "shutdown"));
    }
  }
}

TEST_P(SparedCalls, ShutsDownWhatIsKeptOpen) {
  Process process(loop::Discipline::kModern, true);
  std::vector<std::string> thrown;
  process.loop.SetUncaughtHandler([&](std::exception_ptr exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const std::runtime_error& error) {
      thrown.push_back(error.what());
    }
  });
  const auto seen =
      Run(process, {}, [&](const std::shared_ptr<Socket>& socket) {
        // Before DestroySoon()'s own.
        socket->on.finish([] { throw std::runtime_error("in 'finish'"); });
        socket->on.end([s = socket.get()] { s->Destroy(); });
        socket->on.data([](absl::string_view) {});
        socket->DestroySoonAfterAll();
      });
  EXPECT_THAT(thrown, ElementsAre("in 'finish'"));
  EXPECT_THAT(seen, ElementsAre("end", "close"));
  EXPECT_THAT(process.calls.made, ElementsAre("listen", "accept", "shutdown"));
}

// To end is not to be destroyed; only what the other side has ended is.
TEST_P(SparedCalls, ClosesAtOnceWhatThePeerHasEnded) {
  for (const bool spares : {false, true}) {
    Process process(loop::Discipline::kModern, spares);
    bool closed = false;
    const auto seen =
        Run(process, {}, [&](const std::shared_ptr<Socket>& socket) {
          socket->on.data([](absl::string_view) {});
          socket->on.close([&](bool) { closed = true; });
          socket->End("answer");
        });
    EXPECT_THAT(seen, ElementsAre("answer", "end", "close"));
    EXPECT_TRUE(closed);
    // The server's, and the client's.
    EXPECT_EQ(std::count(process.calls.made.begin(), process.calls.made.end(),
                         "shutdown"),
              spares ? 1 : 2);
  }
}

// A server of http that ends each connection with its answer. Of a request that
// has not come as a whole the rest may be on its way: close(2) alone would reset
// what is on the way to the client.
TEST_P(SparedCalls, OfAnHttpServerDependOnTheRequest) {
  for (const bool whole : {true, false}) {
    Process process(loop::Discipline::kModern, true);
    const auto server = http::Server::Create(
        process.stack,
        [](const std::shared_ptr<http::IncomingMessage>& request,
           const std::shared_ptr<http::ServerResponse>& response) {
          response->WriteHead(200, {{"Connection", "close"}});
          response->End("ok");
        });
    std::string seen;
    std::shared_ptr<Socket> client;
    server->on.listening([&] {
      client = Connect(process.stack, server->net()->address()->port,
                       "127.0.0.1");
      client->Write(absl::StrCat("POST / HTTP/1.1\r\nHost: x\r\n",
                                 "Content-Length: ", whole ? 0 : 5,
                                 "\r\n\r\n"));
      client->on.data([&](absl::string_view data) {
        seen.append(data.data(), data.size());
        server->Close();
      });
      client->on.end([&] { seen += " end"; });
    });
    server->Listen(0, "127.0.0.1");
    process.back_end->Run(process.loop);
    EXPECT_THAT(seen, testing::EndsWith("0\r\n\r\n end"));
    std::vector<std::string> made = {"nodelay", "listen", "accept"};
    if (!whole) made.push_back("shutdown");
    EXPECT_EQ(process.calls.made, made);
  }
}

TEST_P(SparedCalls, MakesAllUnderV0196) {
  Process process(loop::Discipline::kV0196, true);
  EXPECT_FALSE(process.stack.spares_calls());
}

INSTANTIATE_TEST_SUITE_P(, SparedCalls,
                         testing::Values(SimulatedBackEnd(), LiveBackEnd()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace simloop::net
