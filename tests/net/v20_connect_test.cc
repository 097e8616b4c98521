// How a socket finds its peer in Node 20: names, several addresses, local
// addresses, aborts; its own programs, and what it printed.
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "net/delayed_resolver.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

using V20Connect = PlainNetTest<loop::Discipline::kModern>;

// A look-up that answers in the next tick.
LookupFunction Answers(NodeProcess& process, std::vector<loop::Ip> addresses) {
  return [&process, addresses](absl::string_view, AddressFamily,
                               ResolveCallback done) {
    process.loop().NextTick([done = std::move(done), addresses]() mutable {
      done(Resolution{"", addresses});
    });
  };
}

const std::vector<loop::Ip> kTwo = {loop::Ip::Loopback6(),
                                    loop::Ip(loop::Ipv4::Loopback())};

TEST_P(V20Connect, TriesBothAddressesInSequenceAndReportsBoth) {
  ConnectOptions options;
  options.port = process.UnusedPort();
  options.host = "two.example";
  options.lookup = [this](absl::string_view, AddressFamily family,
                          ResolveCallback done) {
    process.Log("dns",
                "lookup called all=", Bool(family == AddressFamily::kAny));
    process.loop().NextTick([done = std::move(done)]() mutable {
      done(Resolution{"", kTwo});
    });
  };
  process.Watch(Connect(process.stack(), std::move(options)), "client", true,
                true);
  EXPECT_EQ(process.Run(), Recorded("v20/03-connect-refused-hostname.out"));
}

TEST_P(V20Connect, ConnectsToTheSecondAddressWhenTheFirstRefuses) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    ConnectOptions options;
    options.port = s->address()->port;
    options.host = "two.example";
    options.lookup = Answers(process, kTwo);
    const auto client = Connect(process.stack(), std::move(options));
    process.Watch(client, "client", true, true);
    Socket* const c = client.get();
    c->on.connect([&, c] {
      std::string attempted;
      for (const loop::Address& address : c->attempted_addresses()) {
        absl::StrAppend(&attempted, attempted.empty() ? "" : ",", "\"",
                        address.ip.ToString(), "\"");
      }
      process.Log("client", "attempted [", attempted, "]");
      c->End();
    });
    c->on.close([s](bool) { s->Close(); });
  });
  EXPECT_EQ(process.Run(), Recorded("v20/04-happy-eyeballs-fallback.out"));
}

TEST_P(V20Connect, ConnectsToItself) {
  ConnectOptions options;
  options.port = options.local_port = process.UnusedPort();
  options.host = options.local_address = "127.0.0.1";
  const auto client = Connect(process.stack(), std::move(options));
  process.Watch(client, "client");
  Socket* const c = client.get();
  c->on.connect([&, c] {
    process.Log("client", "self? ",
                Bool(c->local_address() == c->remote_address()));
    c->Write("echo to myself");
  });
  c->on.data([&, c](absl::string_view) {
    process.Log("client", "end()");
    c->End();
  });
  EXPECT_EQ(process.Run(), Recorded("v20/19-self-connect.out"));
}

TEST_P(V20Connect, ConnectsAgainFromClose) {
  const auto server = Server::Create(process.stack(),
                                     [](const std::shared_ptr<Socket>& socket) {
                                       socket->Resume();
                                       socket->Write("hello");
                                     });
  Server* const s = server.get();
  process.Watch(server, "server");
  const auto client = Socket::Create(process.stack());
  Socket* const c = client.get();
  int k = 0;
  server->on.listening([&, s, c] {
    const uint16_t port = s->address()->port;
    c->on.connect([&] { process.Log("client", "connect ", k); });
    c->on.data([&, c](absl::string_view data) {
      process.Log("client", "data ", data);
      c->End();
    });
    c->on.end([&] { process.Log("client", "end"); });
    c->on.close([&, s, c, port](bool had_error) {
      process.Log("client", "close hadError=", Bool(had_error));
      if (++k < 3) {
        c->Connect(port, "127.0.0.1");
      } else {
        s->Close();
      }
    });
    c->Connect(port, "127.0.0.1");
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), Recorded("v20/39-reconnect-in-close.out"));
}

// The case without its part about http.
TEST_P(V20Connect, DestroysWhatIsAborted) {
  const auto stop = std::make_shared<AbortSignal>();
  const auto server = Server::Create(process.stack(),
                                     [](const std::shared_ptr<Socket>& socket) {
                                       socket->Resume();
                                       socket->on.error([](const Error&) {});
                                     });
  Server* const s = server.get();
  process.Watch(server, "server");
  Server::ListenOptions listen;
  listen.host = "127.0.0.1";
  listen.signal = stop;
  server->on.listening([&, s] {
    const uint16_t port = s->address()->port;
    const auto signal = std::make_shared<AbortSignal>();
    ConnectOptions options;
    options.port = port;
    options.host = "127.0.0.1";
    const auto client = Connect(process.stack(), std::move(options),
                                {.allow_half_open = false, .signal = signal});
    process.Watch(client, "client");
    client->on.connect([&, signal] {
      process.Log("main", "abort()");
      signal->Abort();
    });
    client->on.close([&, port](bool) {
      const auto aborted = std::make_shared<AbortSignal>();
      aborted->Abort();
      ConnectOptions again;
      again.port = port;
      again.host = "127.0.0.1";
      const auto second =
          Connect(process.stack(), std::move(again),
                  {.allow_half_open = false, .signal = aborted});
      process.Watch(second, "client2");
      second->on.close.Once([&](bool) {
        process.Log("main", "abort server");
        stop->Abort();
      });
    });
  });
  server->Listen(listen);
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 client   connect
  4 main     abort()
  5 client   ready
  6 client   error ABORT_ERR "The operation was aborted"
  7 client   close hadError=true readyState=closed
  8 client2  error ABORT_ERR "The operation was aborted"
  9 client2  close hadError=false readyState=opening
 10 main     abort server
 11 server   close
 12 client2  close hadError=true readyState=closed
 13 process  exit code=0
)");
}

INSTANTIATE_TEST_SUITE_P(Kernels, V20Connect, BothKernels(), NetTestName);

using V20Lookup = PlainNetTest<loop::Discipline::kModern>;

TEST_P(V20Lookup, IgnoresAnAnswerThatComesAfterDestroy) {
  ConnectOptions options;
  options.port = 1;
  options.host = "slow.example";
  options.lookup = [this](absl::string_view, AddressFamily,
                          ResolveCallback done) {
    process.Log("dns", "lookup called");
    process.loop().SetTimeout(
        absl::Milliseconds(20), [this, done = std::move(done)]() mutable {
          process.Log("dns", "answer");
          done(Resolution{"", {loop::Ip(loop::Ipv4::Loopback())}});
        });
  };
  const auto client = Connect(process.stack(), std::move(options));
  process.Watch(client, "client", true, true);
  process.loop().SetTimeout(absl::Milliseconds(5), [&] {
    process.Log("client", "destroy()");
    client->Destroy();
  });
  EXPECT_EQ(process.Run(), Recorded("v20/58-destroy-during-lookup.out"));
}

INSTANTIATE_TEST_SUITE_P(Kernels, V20Lookup,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
