// What Node v0.1.96 did with connections in corners of its own: its quirks, by
// its own programs, and what it printed.
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "net/delayed_resolver.h"
#include "net/lookup.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

constexpr auto kV0196 = loop::Discipline::kV0196;
using V0196Case = PlainNetTest<kV0196>;
using V0196Timed = PlainNetTest<kV0196>;

TEST_P(V0196Case, ConnectsToAHostsFileNameInsideTheCall) {
  const auto client =
      Connect(process.stack(), process.UnusedPort(), "localhost");
  process.Watch(client, "client");
  process.Log("client", "fd set at return ", Bool(client->fd().valid()), " ",
              client->ready_state());
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/46-localhost-sync-connect.out"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/46-localhost-sync-connect.strace")));
}

TEST_P(V0196Case, ThrowsWhereAPathExists) {
  const std::string path = absl::StrCat("./v0196-", getpid(), ".sock");
  process.loop().SetUncaughtHandler([&](std::exception_ptr thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Error& error) {
      std::string text = error.message();
      text.replace(text.find(path), path.size(), "./vN-N.sock");
      process.Log("process", "uncaught ", text);
    }
  });
  Server::ListenOptions options;
  options.path = path;
  const auto a = Server::Create(process.stack());
  Server* const s = a.get();
  a->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.end([c] { c->End(); });
    c->on.close([s](bool) { s->Close(); });
  });
  process.Watch(a, "serverA");
  a->Listen(options);
  a->on.listening([&] {
    const auto b = Server::Create(process.stack());
    process.Watch(b, "serverB");
    b->Listen(options);
    const auto client = ConnectPath(process.stack(), path);
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([c] {
      c->Write("over unix");
      c->End();
    });
    process.Watch(ConnectPath(process.stack(), path + ".none"), "enoent");
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/32-unix-path-exists.out"));
}

TEST_P(V0196Case, DestroysInConnectWhatWasWritten) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.end([c, s] {
      c->End();
      s->Close();
    });
  });
  process.Watch(server, "server");
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([&, c] {
      c->Write("x");
      process.Log("client", "destroy()");
      c->Destroy();
      process.Log("client", "readyState ", c->ready_state());
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/08-destroy-in-connect.out"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/08-destroy-in-connect.strace")));
}

TEST_P(V0196Case, WritesALongStringPiecewise) {
  size_t got = 0;
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    c->on.data([&](absl::string_view data) { got += data.size(); });
    c->on.end([&, c, s] {
      process.Log("srv.sock", "end ", got);
      c->End();
      s->Close();
    });
  });
  server->Listen(0);
  int drains = 0;
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    Socket* const c = client.get();
    c->on.connect([&, c] {
      const bool more = c->WriteString(std::string(100000, 'q'));
      process.Log("client", "write 100000 -> ", Bool(more),
                  " queue=", c->writable_bytes() > 0 ? 1 : 0);
      process.Log("client", "write small -> ", Bool(c->WriteString("tail")));
    });
    c->on.drain([&, c] {
      process.Log("client", "drain");
      if (drains++ == 0) c->End();
    });
    c->on.close([&](bool) { process.Log("client", "close"); });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/41-big-string-write.out"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/41-big-string-write.strace")));
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Case, BothKernels(), NetTestName);

TEST_P(V0196Timed, ConnectsThoughItIsDestroyed) {
  process.loop().SetUncaughtHandler([&](std::exception_ptr) {
    process.Log("process", "uncaught TypeError true");
  });
  std::vector<std::shared_ptr<Socket>> held;
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    held.push_back(socket);
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.end([c] { c->End(); });
  });
  process.Watch(server, "server");
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    process.Watch(client, "client");
    process.Log("client", "destroy()");
    client->Destroy();
    process.Log("client", "fd ", client->fd().valid() ? "set" : "null", " ",
                client->ready_state());
    After(process, 20, [&, s, client] {
      process.Log("client", "20 ms later: fd is a number ",
                  Bool(client->fd().valid()),
                  " _connecting=", Bool(client->connecting()));
      process.Log("srv.sock", "still waiting ", held[0]->ready_state());
      s->Close();
      for (const auto& socket : held) socket->Destroy();
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/06-destroy-before-lookup.out"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/06-destroy-before-lookup.strace")));
}

// The buffers are strings here, with no encoding to mangle: what one read(2)
// gives is what one 'data' gives. Three bytes of the character come apart.
TEST_P(V0196Timed, GivesAPieceOfACharacterAsItCame) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    c->SetNoDelay(true);
    c->Write("a\xe2");
    After(process, 20, [c] {
      c->Write(
          "\x82\xac"
          "b");
    });
    After(process, 40, [c] {
      c->Write("\xe2");
      c->End();
    });
    c->on.end([s] { s->Close(); });
  });
  process.Watch(server, "server");
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    Socket* const c = client.get();
    process.Watch(client, "client", /*data=*/false);
    c->on.data([&](absl::string_view data) {
      process.Log("client", "data ", Quoted(Utf8(data)));
    });
    c->on.end([c] { c->End(); });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/34-utf8-split.out"));
  EXPECT_EQ(process.system_calls(),
            Unaligned(Recorded("v0.1.96/34-utf8-split.strace")));
}

TEST_P(V0196Timed, EmitsAnErrorAloneWhenALookupFails) {
  DelayedResolver resolver(process.loop(), [](absl::string_view) {
    return DelayedResolution{{"ENOTFOUND", {}}, absl::Milliseconds(1)};
  });
  Stack::Options options;
  options.resolver = std::shared_ptr<Resolver>(&resolver, [](Resolver*) {});
  Stack stack(process.loop(), options);
  const auto client = Connect(stack, 80, "does.not.exist.example");
  process.Watch(client, "client", true, false, /*error=*/false);
  client->on.error([&](const Error& error) {
    process.Log("client", "error ", error.message());
  });
  After(process, 20, [&] {
    process.Log("client", "later ", client->ready_state(),
                " fd=", client->fd().valid() ? "set" : "null");
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/45-dns-error.out"));
}

// One address of a name, IPv4 if there is one; all of them to who asks for all.
TEST_P(V0196Timed, TakesOneAddressOfAName) {
  const loop::Ip v6 = loop::Ip::Loopback6();
  const loop::Ip first = *loop::Ip::Parse("10.0.0.1");
  const loop::Ip second = *loop::Ip::Parse("10.0.0.2");
  DelayedResolver resolver(process.loop(), [&](absl::string_view) {
    return DelayedResolution{{"", {v6, first, second}}, absl::Milliseconds(1)};
  });
  Stack::Options options;
  options.resolver = std::shared_ptr<Resolver>(&resolver, [](Resolver*) {});
  Stack stack(process.loop(), options);
  const auto print = [&](const char* what) {
    return [&, what](const Error* error, const std::vector<loop::Ip>& ips) {
      std::string text = error == nullptr ? "" : error->message();
      for (const loop::Ip& ip : ips) absl::StrAppend(&text, " ", ip.ToString());
      process.Log(what, text);
    };
  };
  Lookup(stack, "a.example", LookupOptions(), print("lookup"));
  Resolve(stack, "a.example", AddressFamily::kIpv4, print("resolve4"));
  Resolve(stack, "a.example", AddressFamily::kIpv6, print("resolve6"));
  Resolve(process.stack(), "a.example", AddressFamily::kIpv4, print("nobody"));
  EXPECT_EQ(process.Run(), R"(  1 nobody   NOTFOUND
  2 lookup    10.0.0.1
  3 resolve4  10.0.0.1 10.0.0.2
  4 resolve6  ::1
  5 process  exit
)");
}

TEST_P(V0196Timed, ThrowsForAWriteBehindAnEndThatWaits) {
  const std::string big(8 << 20, '\0');
  size_t got = 0;
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    c->Pause();
    After(process, 30, [c] { c->Resume(); });
    c->on.data([&](absl::string_view data) { got += data.size(); });
    c->on.end([&, c] {
      process.Log("srv.sock", "end got=", got);
      c->End();
    });
    c->on.close([s](bool) { s->Close(); });
  });
  process.Watch(server, "server");
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([&, c] {
      process.Log("client", "write -> ", Bool(c->Write(big)));
      c->End();
      process.Log("client", "after end() ", c->ready_state());
      try {
        c->Write("z");
      } catch (const Error& error) {
        process.Log("client", "write throws ", error.message());
      }
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/37-late-data-after-end.out"));
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Timed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

// `ulimit -n 26` of the case leaves as many to the process as 9 here: standard
// input, output and error, epoll, the listener, three clients, and two more
// less the one that v0.1.96 has open besides.
TEST(V0196Descriptors, StopsAListenerUntilOneIsClosed) {
  const auto back_end = SimulatedWith(10);
  NodeProcess process(*back_end, kV0196);
  std::vector<std::shared_ptr<Socket>> held;
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    held.push_back(socket);
    Socket* const c = socket.get();
    c->on.end([c] { c->End(); });
  });
  process.Watch(server, "server");
  server->Listen(0);
  std::vector<std::shared_ptr<Socket>> clients;
  server->on.listening([&, s] {
    for (int i = 0; i < 3; ++i) {
      const auto client = Connect(process.stack(), s->address()->port);
      clients.push_back(client);
      const std::string name = absl::StrCat("client", i);
      client->on.connect([&, name] { process.Log(name, "connect"); });
      client->on.end([&, name] { process.Log(name, "end"); });
      client->on.error([&, name](const Error& error) {
        process.Log(name, "error ", Described(error));
      });
      client->on.close([&, name](bool) { process.Log(name, "close"); });
    }
    const auto accepted = [&] {
      process.Log("main", "accepted=", held.size());
    };
    After(process, 50, [&, accepted] {
      accepted();
      process.Log("main", "client0.destroy()");
      clients[0]->Destroy();
    });
    After(process, 100, [&, accepted] {
      accepted();
      clients[1]->Destroy();
    });
    After(process, 150, [&, s, accepted] {
      accepted();
      clients[2]->Destroy();
      s->Close();
      for (const auto& socket : held) socket->Destroy();
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/21-emfile.out"));
}

}  // namespace
}  // namespace simloop::net
