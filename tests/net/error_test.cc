// What is thrown, what is an 'error' event, and what goes on after it, in both
// Nodes, by programs of theirs.
#include <exception>
#include <functional>
#include <string>

#include "gtest/gtest.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

using V0196Errors = PlainNetTest<loop::Discipline::kV0196>;
using ModernErrors = PlainNetTest<loop::Discipline::kModern>;

// Node's 'uncaughtException'.
void LogUncaught(NodeProcess& process) {
  process.loop().SetUncaughtHandler([&](std::exception_ptr exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const Error& error) {
      process.Log("process", "uncaught ",
                  error.syscall().empty() ? error.message() : Described(error));
    }
  });
}

TEST_P(V0196Errors, DestroysWhatThrowsInConnect) {
  LogUncaught(process);
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.end([c] { c->End(); });
  });
  process.Watch(server, "server");
  server->Listen(0);
  server->on.listening([&, s] {
    const uint16_t port = s->address()->port;
    const auto client = Connect(process.stack(), port);
    client->on.connect([&] {
      process.Log("client", "connect 1");
      throw Error("", "boom");
    });
    client->on.connect([&] { process.Log("client", "connect 2"); });
    client->on.error([&](const Error& error) {
      process.Log("client", "error ", error.message());
    });
    client->on.close([&, s, port](bool had_error) {
      process.Log("client", "close ", Bool(had_error));
      const auto second = Connect(process.stack(), port);
      second->on.connect([&] {
        process.Log("client2", "connect");
        throw Error("", "boom2");
      });
      second->on.close([&](bool) { process.Log("client2", "close"); });
      process.loop().SetTimeout(absl::Milliseconds(50), [s] { s->Close(); });
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/10-throw-in-connect.out"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/10-throw-in-connect.strace")));
}

TEST_P(V0196Errors, KeepsASocketOpenThatThrowsInData) {
  LogUncaught(process);
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    c->on.data([&](absl::string_view data) {
      process.Log("srv.sock", "data ", data);
      throw Error("", "in data");
    });
    c->on.end([&, c] {
      process.Log("srv.sock", "end");
      c->End();
    });
    c->on.close([&, s](bool had_error) {
      process.Log("srv.sock", "close ", Bool(had_error));
      s->Close();
    });
  });
  process.Watch(server, "server");
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    Socket* const c = client.get();
    c->on.connect([&, c] {
      c->Write("a");
      process.loop().SetTimeout(absl::Milliseconds(20), [c] {
        c->Write("b");
        c->End();
      });
    });
    c->on.close([&](bool had_error) {
      process.Log("client", "close ", Bool(had_error));
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/11-throw-in-data.out"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/11-throw-in-data.strace")));
}

TEST_P(V0196Errors, ThrowsWhatBindAndListenAnswer) {
  LogUncaught(process);
  const auto a = Server::Create(process.stack());
  process.Watch(a, "serverA");
  a->Listen(0);
  const uint16_t port = a->address()->port;
  try {
    a->Listen(port);
  } catch (const Error& error) {
    process.Log("main", "throws ", error.message());
  }
  const auto b = Server::Create(process.stack());
  process.Watch(b, "serverB");
  b->Listen(port);
  process.Log("main", "second bind before any listen(2) succeeded");
  a->on.listening([&, a = a.get(), port] {
    const auto c = Server::Create(process.stack());
    try {
      c->Listen(port);
    } catch (const Error& error) {
      process.Log("main", "serverC throws ", Described(error));
    }
    const auto d = Server::Create(process.stack());
    d->Listen(port, "127.0.0.1");
    process.Log("main", "serverD.listen(ip) returned");
    process.loop().SetTimeout(absl::Milliseconds(20), [a] { a->Close(); });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/18-listen-twice.out"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/18-listen-twice.strace")));
}

TEST_P(ModernErrors, ReportsAnAddressInUseAndListensLater) {
  const auto a = Server::Create(process.stack());
  const auto b = Server::Create(process.stack());
  process.Watch(a, "serverA");
  a->Listen(0, "127.0.0.1");
  a->on.listening([&, a = a.get(), b = b.get()] {
    const uint16_t port = a->address()->port;
    try {
      a->Listen(port, "127.0.0.1");
    } catch (const Error& error) {
      process.Log("main", "throw ", Described(error));
    }
    process.Watch(b->shared_from_this(), "serverB");
    b->Listen(port, "127.0.0.1");
    process.Log("main", "b.listen() returned listening=", Bool(b->listening()));
    process.loop().NextTick([&] { process.Log("main", "nextTick"); });
    b->on.error([&, a, b, port](const Error&) {
      process.Log("serverB", "in error listening=", Bool(b->listening()));
      a->Close([&, b, port](const Error*) {
        process.Log("main", "a closed; b.listen again");
        b->Listen(port, "127.0.0.1");
        b->on.listening.Once([b] { b->Close(); });
      });
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v20/18-listen-twice.out"));
}

TEST_P(ModernErrors, FailsTheSecondWriteToADeadPeer) {
  Server::Options half_open;
  half_open.allow_half_open = true;
  const auto server = Server::Create(process.stack(), half_open);
  Server* const s = server.get();
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    process.Log("srv.sock", "destroy()");
    socket->Destroy();
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  int writes = 0;
  std::function<void()> step;
  server->on.listening([&, s] {
    Socket::Options options;
    options.allow_half_open = true;
    const auto client = Socket::Create(process.stack(), options);
    Socket* const c = client.get();
    step = [&, c] {
      const int i = ++writes;
      c->Write(absl::StrCat("w", i), [&, i](const Error* error) {
        process.Log("client", "write cb ", i, " ",
                    error == nullptr ? "null" : Described(*error));
        if (error == nullptr) {
          process.loop().SetTimeout(absl::Milliseconds(10), [&] { step(); });
        }
      });
    };
    c->on.end([&] {
      process.Log("client", "end");
      step();
    });
    c->on.error([&](const Error& error) {
      process.Log("client", "error ", Described(error));
    });
    c->on.close([&, s](bool had_error) {
      process.Log("client", "close hadError=", Bool(had_error));
      s->Close();
    });
    c->Resume();
    c->Connect(s->address()->port, "127.0.0.1");
  });
  EXPECT_EQ(process.Run(), Recorded("v20/48-write-errors-epipe.out"));
}

TEST_P(ModernErrors, ListensOnAPortWhoseListenerHasJustClosed) {
  const auto a = Server::Create(process.stack());
  const auto b = Server::Create(process.stack());
  a->on.connection(
      [](const std::shared_ptr<Socket>& socket) { socket->Resume(); });
  process.Watch(a, "serverA");
  a->Listen(0, "127.0.0.1");
  a->on.listening([&, a = a.get(), b = b.get()] {
    const uint16_t port = a->address()->port;
    const auto first = Connect(process.stack(), port, "127.0.0.1");
    process.Watch(first, "client1");
    Socket* const c1 = first.get();
    c1->on.connect([&, a, b, c1, port] {
      process.loop().SetImmediate([&, a, b, c1, port] {
        a->Close();
        b->on.connection([](const std::shared_ptr<Socket>& socket) {
          socket->End("from B");
        });
        process.Watch(b->shared_from_this(), "serverB");
        b->Listen(port, "127.0.0.1");
        b->on.listening([&, b, c1, port] {
          const auto second = Connect(process.stack(), port, "127.0.0.1");
          process.Watch(second, "client2");
          second->on.close([b, c1](bool) {
            b->Close();
            c1->End();
          });
        });
      });
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v20/57-relisten-same-port.out"));
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Errors, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, ModernErrors, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
