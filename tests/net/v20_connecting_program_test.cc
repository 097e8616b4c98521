// Programs of Node 20 about sockets that connect, or should not, recorded here:
// twice, never, from an address of their own.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20Connecting : public V20Program {
 protected:
  SocketHandle New(const std::string& actor) {
    const SocketHandle socket = Socket::Create(process.stack());
    process.Watch(socket, actor);
    return socket;
  }
};

// An error's text without what differs from run to run.
std::string Text(const Error& error, uint16_t port) {
  std::string text = absl::StrReplaceAll(error.message(),
                                         {{absl::StrCat(":", port), ":PORT"}});
  const size_t local = text.find(" - Local (127.0.0.1:");
  if (local == std::string::npos) return text;
  return text.substr(0, local) + " - Local (127.0.0.1:LOCAL)";
}

TEST_P(V20Connecting, Case105ConnectsAgain) {
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        process.Log("srv", "connection");
        s->on.error([](const Error&) {});
        s->Resume();
      });
  const auto to = [&](const SocketHandle& s) {
    s->Connect(server->address()->port, "127.0.0.1");
  };
  int connects = 0;
  int closes = 0;
  const auto third = [&] {
    const auto c = Dial(*server, "c");
    c->on.connect([c] { c->End("x"); });
    c->on.close([&, c](bool) {
      process.Log("c", "state ", Bool(c->destroyed()), " ",
                  Bool(c->writable_ended()), " ", Bool(c->writable_finished()),
                  " ", c->bytes_read(), " ", c->bytes_written());
      if (++closes == 2) {
        server->Close();
        return;
      }
      to(c);
      process.Log("c", "again ", Bool(c->destroyed()), " ", c->ready_state(),
                  " ", c->bytes_written());
    });
  };
  const auto second = [&] {
    const auto b = Dial(*server, "b");
    b->on.connect([&, b] {
      if (++connects == 3) return;
      to(b);
      process.Log("b", "state ", b->ready_state(), " ", Bool(b->connecting()),
                  " ", Bool(b->pending()), " ", Bool(b->writable()));
    });
    b->on.error([&](const Error& error) {
      process.Log("b", "text ", Text(error, server->address()->port));
    });
    b->on.close.Once([&](bool) { third(); });
  };
  server->on.listening([&] {
    const auto a = New("a");
    to(a);
    to(a);
    process.Log("a", "state ", a->ready_state());
    a->on.close([&](bool) { second(); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/105-connect-again"));
}

TEST_P(V20Connecting, Case106NeverConnects) {
  const auto fourth = [&] {
    const auto d = New("d");
    d->DestroySoon();
    process.Log("d", "soon ", Bool(d->destroyed()), " ",
                Bool(d->writable_ended()));
  };
  const auto third = [&] {
    const auto c = New("c");
    c->Pause();
    process.Log("c", "paused ", Bool(c->paused()));
    c->Resume();
    c->SetNoDelay(true);
    c->SetKeepAlive(true, absl::Seconds(1));
    WatchEvent(process, c->on.resume, "c", "resume");
    Immediate([c] { c->ResetAndDestroy(); });
    c->on.close([&](bool) { fourth(); });
  };
  const auto second = [&] {
    const auto b = New("b");
    b->End("", [&](const Error*) { process.Log("b", "cb end"); });
    Immediate([&, b] {
      process.Log("b", "state ", b->ready_state(), " ",
                  Bool(b->writable_finished()), " ", Bool(b->destroyed()));
      b->Destroy();
      process.Log("b", "destroyed ", b->ready_state());
    });
    b->on.close([&](bool) { third(); });
  };
  const auto a = New("a");
  process.Log("a", "state ", a->ready_state(), " ", Bool(a->pending()), " ",
              Bool(a->connecting()), " ", Bool(a->destroyed()), " ",
              Bool(a->writable()), " ", Bool(a->readable()));
  process.Log("a", "write ", Bool(a->Write("x", Called("a", "x"))));
  a->on.close([&](bool) { second(); });
  EXPECT_EQ(process.Run(), RecordedLines("v20/106-unconnected"));
}

TEST_P(V20Connecting, Case110ManyAreRefused) {
  const uint16_t port = process.UnusedPort();
  std::vector<SocketHandle> sockets;
  for (const std::string k : {"a", "b", "c"}) {
    const auto s = Connect(process.stack(), port, "127.0.0.1");
    sockets.push_back(s);
    process.Watch(s, k, true, /*attempts=*/true);
    if (k != "a") s->Write("data", Called(k, "write"));
    if (k == "c") s->End("more", Called(k, "end"));
    s->on.error([&, k, s](const Error& e) {
      process.Log(
          k, "address ", e.address(), " ", Bool(e.port() == port), " true ",
          absl::StrReplaceAll(e.message(), {{absl::StrCat(port), "PORT"}}));
      process.Log(k, "state ", s->ready_state(), " ", Bool(s->destroyed()), " ",
                  Bool(s->connecting()), " ", s->writable_bytes());
    });
    s->on.close(
        [&, k](bool) { Immediate([&, k] { process.Log(k, "immediate"); }); });
    Tick([&, k] { process.Log(k, "tick"); });
  }
  EXPECT_EQ(process.Run(), RecordedLines("v20/110-refused-many"));
}

TEST_P(V20Connecting, Case114ConnectsFromAnAddress) {
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        process.Log("srv", "from ", s->remote_address()->ip.ToString());
        s->End();
        s->on.error([](const Error&) {});
      });
  const uint16_t mine = process.UnusedPort();
  const auto from = [&](const std::string& actor, const std::string& address,
                        uint16_t port) {
    ConnectOptions to;
    to.port = server->address()->port;
    to.host = "127.0.0.1";
    to.local_address = address;
    to.local_port = port;
    const auto s = Connect(process.stack(), std::move(to));
    process.Watch(s, actor, true, /*attempts=*/true);
    return s;
  };
  const auto fourth = [&] {
    const auto d = from("d", "::1", 0);
    d->on.error(
        [&](const Error& e) { process.Log("d", "text ", e.message()); });
    d->on.close([&](bool) { server->Close(); });
  };
  const auto third = [&] {
    const auto c = from("c", "192.0.2.7", 0);
    c->on.error([&](const Error& e) {
      process.Log("c", "text ", e.message(), " ", e.address(), " ",
                  e.port() == 0 ? "" : absl::StrCat(e.port()));
    });
    c->on.close([&](bool) { fourth(); });
  };
  const auto second = [&] {
    const uint16_t port = server->address()->port;
    const auto b = from("b", "127.0.0.1", port);
    b->on.error([&, port](const Error& e) {
      process.Log("b", "text ", Text(e, port), " ", e.address(), " ",
                  Bool(e.port() == port));
    });
    b->on.close([&](bool) { third(); });
  };
  server->on.listening([&] {
    const auto a = from("a", "127.0.0.2", mine);
    a->on.connect([&, a] {
      process.Log("a", "local ", a->local_address()->ip.ToString(), " ",
                  Bool(a->local_address()->port == mine));
    });
    a->on.close([&](bool) { second(); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/114-local-address"));
}

struct Dialling {
  std::string actor;
  std::vector<const char*> addresses;
  std::string event;
};

TEST_P(V20Connecting, Case155DestroysWhileItDials) {
  const uint16_t port = process.UnusedPort();
  const std::vector<Dialling> list = {
      {"a", {"127.0.0.1"}, "lookup"},
      {"b", {"127.0.0.1", "127.0.0.2"}, "lookup"},
      {"d", {"127.0.0.1", "127.0.0.2"}, "connectionAttemptFailed"},
      {"e", {"127.0.0.1", "127.0.0.2", "127.0.0.1"}, "none"},
      {"f", {"127.0.0.1"}, "connectionAttemptFailed"}};
  size_t next = 0;
  const auto lookup = [&](Resolution answer) {
    return [&, answer](absl::string_view, AddressFamily, ResolveCallback done) {
      const auto kept = std::make_shared<ResolveCallback>(std::move(done));
      Immediate([answer, kept] { (*kept)(answer); });
    };
  };
  std::function<void()> start = [&] {
    if (next == list.size()) return;
    const Dialling& one = list[next++];
    Resolution answer;
    for (const char* address : one.addresses) {
      answer.addresses.push_back(*loop::Ip::Parse(address));
    }
    ConnectOptions to;
    to.port = port;
    to.host = "some.test";
    to.lookup = lookup(answer);
    const auto s = Connect(process.stack(), std::move(to));
    process.Watch(s, one.actor, true, /*attempts=*/true);
    s->Write("w", Called(one.actor, "w"));
    const auto destroy = [&, p = s.get()] {
      process.Log(one.actor, "destroy");
      p->Destroy();
    };
    if (one.event == "lookup") {
      s->on.lookup([destroy](const LookupEvent&) { destroy(); });
    } else if (one.event == "connectionAttemptFailed") {
      s->on.connection_attempt_failed(
          [destroy](const loop::Address&, const Error&) { destroy(); });
    }
    s->on.error([&](const Error& e) {
      process.Log(one.actor, "text ", Quoted(e.message()), " ", e.code());
    });
    s->on.close([&, s](bool) {
      std::vector<std::string> attempted;
      for (const loop::Address& address : s->attempted_addresses()) {
        attempted.push_back(address.ip.ToString() + ":PORT");
      }
      process.Log(one.actor, "attempted ",
                  attempted.empty() ? "-" : absl::StrJoin(attempted, ","));
      Immediate([&] { start(); });
    });
  };
  start();
  EXPECT_EQ(process.Run(), RecordedLines("v20/155-destroy-while-dialling"));
}

INSTANTIATE_TEST_SUITE_P(, V20Connecting, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
