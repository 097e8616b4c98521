// How long sockets, servers and messages live, and who may drop them when.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

class V0196Life : public V0196Net {};
class ModernLife : public ModernNet {};

// A program that drops every handle, and whose listeners hold their sockets.
template <typename Test>
void EchoWithoutHandles(Test& test, NodeProcess& process,
                        std::weak_ptr<Socket>& client,
                        std::weak_ptr<Server>& server) {
  const auto s = Server::Create(process.stack());
  server = s;
  s->on.connection([s](const std::shared_ptr<Socket>& socket) {
    socket->on.data([socket](absl::string_view data) { socket->Write(data); });
    socket->on.end([socket] { socket->End(); });
    socket->on.close([s, socket](bool) { s->Close(); });
  });
  s->on.listening([s, &process, &client] {
    const auto c = Connect(process.stack(), s->address()->port);
    client = c;
    c->on.connect([c] { c->Write("hello"); });
    c->on.data([c](absl::string_view) { c->End(); });
  });
  s->Listen(0);
}

TEST_P(V0196Life, LetsGoOfSocketsAfterClose) {
  std::weak_ptr<Socket> client;
  std::weak_ptr<Server> server;
  EchoWithoutHandles(*this, process, client, server);
  process.Run();
  EXPECT_TRUE(client.expired());
  EXPECT_TRUE(server.expired());
}

TEST_P(ModernLife, LetsGoOfSocketsAfterClose) {
  std::weak_ptr<Socket> client;
  std::weak_ptr<Server> server;
  EchoWithoutHandles(*this, process, client, server);
  process.Run();
  EXPECT_TRUE(client.expired());
  EXPECT_TRUE(server.expired());
}

TEST_P(ModernLife, ConnectsAgainInClose) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  s->on.connection(
      [](const std::shared_ptr<Socket>& socket) { socket->End("bye"); });
  s->Listen(0, "127.0.0.1");
  int connections = 0;
  s->on.listening([&, s] {
    const auto client = Socket::Create(process.stack());
    Socket* const c = client.get();
    process.Watch(client, "client");
    const uint16_t port = s->address()->port;
    c->on.close([&, c, s, port](bool) {
      if (++connections < 2) {
        c->Connect(port, "127.0.0.1");
      } else {
        s->Close();
      }
    });
    c->Connect(port, "127.0.0.1");
  });
  EXPECT_EQ(process.Run(), R"(  1 client   connect
  2 client   ready
  3 client   data "bye"
  4 client   end readyState=writeOnly
  5 client   finish
  6 client   close hadError=false readyState=closed
  7 client   connect
  8 client   ready
  9 client   data "bye"
 10 client   end readyState=writeOnly
 11 client   finish
 12 client   close hadError=false readyState=closed
 13 process  exit code=0
)");
}

TEST_P(V0196Life, ConnectsAgainInClose) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  s->on.connection([](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    c->End("bye");
  });
  s->Listen(0);
  int connections = 0;
  s->on.listening([&, s] {
    const auto client = Socket::Create(process.stack());
    Socket* const c = client.get();
    process.Watch(client, "client");
    const uint16_t port = s->address()->port;
    c->on.end([c] { c->End(); });
    c->on.close([&, c, s, port](bool) {
      if (++connections < 2) {
        c->Connect(port);
      } else {
        s->Close();
      }
    });
    c->Connect(port);
  });
  const std::string text = process.Run();
  EXPECT_EQ(connections, 2) << text;
}

TEST_P(ModernLife, RefusesToConnectWhatHasForgottenItsListeners) {
  const auto client =
      Connect(process.stack(), process.UnusedPort(), "127.0.0.1");
  process.Watch(client, "client");
  process.Run();
  EXPECT_THROW(client->Connect(1, "127.0.0.1"), Error);
}

TEST_P(ModernLife, ThrowsAnErrorThatNobodyHears) {
  std::string thrown;
  process.loop().SetUncaughtHandler([&](std::exception_ptr exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const Error& error) {
      thrown = error.code();
    }
  });
  const auto client =
      Connect(process.stack(), process.UnusedPort(), "127.0.0.1");
  bool closed = false;
  client->on.close([&](bool had_error) { closed = had_error; });
  process.Run();
  EXPECT_EQ(thrown, "ECONNREFUSED");
  EXPECT_TRUE(closed);
}

TEST_P(V0196Life, LosesCloseWithAnErrorThatNobodyHears) {
  std::string thrown;
  process.loop().SetUncaughtHandler([&](std::exception_ptr exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const Error& error) {
      thrown = error.code();
    }
  });
  auto client = Connect(process.stack(), process.UnusedPort());
  bool closed = false;
  client->on.close([&](bool) { closed = true; });
  process.Run();
  EXPECT_EQ(thrown, "ECONNREFUSED");
  EXPECT_FALSE(closed);
  EXPECT_EQ(client.use_count(), 1);
}

TEST_P(ModernLife, ReportsANameThatItCannotResolve) {
  const auto client = Connect(process.stack(), 1, "example.org");
  process.Watch(client, "client");
  EXPECT_EQ(
      process.Run(),
      R"(  1 client   lookup err=ENOTFOUND ip=undefined family=undefined host=example.org
  2 client   error ENOTFOUND syscall=getaddrinfo
  3 client   close hadError=true readyState=closed
  4 process  exit code=0
)");
}

// What a client sends at once, and does not wait for.
void Pipeline(NodeProcess& process, uint16_t port, int requests) {
  const auto client = Connect(process.stack(), port);
  Socket* const c = client.get();
  c->on.connect([c, requests] {
    for (int i = 0; i < requests; ++i) {
      c->Write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    }
  });
  c->on.error([](const Error&) {});
  After(process, 20, [client] { client->ResetAndDestroy(); });
}

// Those behind the first have no connection of their own, and never get one.
TEST_P(ModernLife, LetsGoOfAnswersWhoseTurnNeverCame) {
  std::vector<std::shared_ptr<http::ServerResponse>> held;
  std::vector<std::weak_ptr<http::ServerResponse>> all;
  const auto server = http::Server::Create(
      process.stack(),
      [&](const std::shared_ptr<http::IncomingMessage>&,
          const std::shared_ptr<http::ServerResponse>& response) {
        all.push_back(response);
        if (all.size() == 2) {
          response->End("kept", [response](const Error*) {});
        } else if (all.size() == 3) {
          response->Write("kept", [response](const Error*) {});
        } else {
          held.push_back(response);
        }
      });
  http::Server* const s = server.get();
  s->on.listening([&, s] { Pipeline(process, s->address()->port, 6); });
  s->Listen(0);
  After(process, 40, [&, s] {
    // Nobody asks the connection, which is no more.
    EXPECT_EQ(held.size(), 4);
    for (const auto& response : held) {
      response->Write("late", [response](const Error*) {});
      response->End("later", [response](const Error*) {});
    }
    held.clear();
    s->Close();
  });
  process.Run();
  ASSERT_EQ(all.size(), 6);
  for (const auto& response : all) EXPECT_TRUE(response.expired());
}

// The process ends in the middle of things: nothing is called, nothing leaks.
template <loop::Discipline kDiscipline>
void EndInTheMiddle(const BackEndFactory& factory, bool with_client) {
  const auto back_end = factory.make();
  std::optional<NodeProcess> process(std::in_place, *back_end, kDiscipline);
  NodeProcess* const p = &*process;
  const auto server = http::Server::Create(
      p->stack(), [p](const std::shared_ptr<http::IncomingMessage>& request,
                      const std::shared_ptr<http::ServerResponse>& response) {
        request->on.end([request, response] {
          response->WriteHead(200);
          response->Write("x");
        });
        response->on.close([response] {});
        request->Resume();
        p->loop().Stop();
      });
  server->on.listening([p, server, with_client] {
    const uint16_t port = server->address()->port;
    const auto socket = Connect(p->stack(), port);
    socket->on.connect(
        [socket] { socket->Write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"); });
    if (!with_client) return;
    http::RequestOptions options;
    options.port = port;
    const auto request = http::Get(p->stack(), options);
    request->on.response(
        [request](const std::shared_ptr<http::IncomingMessage>& response) {
          response->on.data([response](absl::string_view) {});
        });
  });
  server->Listen(0);
  for (int turns = 0; turns < 4; ++turns) {
    p->loop().RunOnce(loop::Instant());
  }
  process.reset();
  EXPECT_FALSE(server->listening());
}

TEST_P(V0196Life, EndsInTheMiddle) {
  EndInTheMiddle<loop::Discipline::kV0196>(GetParam(), false);
}

TEST_P(ModernLife, EndsInTheMiddle) {
  EndInTheMiddle<loop::Discipline::kModern>(GetParam(), true);
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Life, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, ModernLife, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
