// Programs of Node 20's dgram, recorded here: a socket's life, what is thrown
// and what is told, and sending to nobody.
#include <functional>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "net/datagram_socket.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

using Datagrams = std::shared_ptr<DatagramSocket>;

class V20Datagram : public V20Program {
 protected:
  Datagrams Made(const std::string& who) {
    const Datagrams socket = DatagramSocket::Create(process.stack());
    WatchEvent(process, socket->on.listening, who, "listening");
    socket->on.message(
        [this, who](absl::string_view data, const loop::Address& from) {
          process.Log(who, "message ", Quoted(data), " ", from.ip.ToString());
        });
    WatchEvent(process, socket->on.connect, who, "connect");
    WatchErrors(socket, who);
    WatchEvent(process, socket->on.close, who, "close");
    return socket;
  }
  DatagramSocket::SendCallback Sent(const std::string& who,
                                    const std::string& name) {
    return [this, who, name](const Error* error, size_t bytes) {
      process.Log(who, "cb ", name, " ",
                  error == nullptr ? "null" : Described(*error), " ",
                  error == nullptr ? absl::StrCat(bytes) : "undefined");
    };
  }
  void Attempt(const std::string& who, const std::string& what,
               const std::function<void()>& call) {
    try {
      call();
      process.Log(who, what, " fine");
    } catch (const Error& error) {
      process.Log(who, what, " threw ", Described(error));
    }
  }
  void AttemptAddress(const std::string& who, const std::string& what,
                      const std::function<loop::Address()>& call) {
    try {
      const loop::Address address = call();
      process.Log(who, what, " ", address.ip.ToString(), " ",
                  address.family == loop::Family::kInet ? "IPv4" : "IPv6");
    } catch (const Error& error) {
      process.Log(who, what, " threw ", Described(error));
    }
  }
};

TEST_P(V20Datagram, Case100LivesAndDies) {
  const Datagrams server = Made("server");
  Datagrams c;
  const auto address = [&](const Datagrams& s, const std::string& who) {
    AttemptAddress(who, "address", [s] { return s->address(); });
  };
  const auto remote = [&](const Datagrams& s, const std::string& who) {
    AttemptAddress(who, "remote", [s] { return s->remote_address(); });
  };
  address(server, "server");
  remote(server, "server");
  Attempt("server", "disconnect", [&] { server->Disconnect(); });
  Attempt("server", "ttl", [&] { server->SetTtl(4); });
  uint16_t port = 0;
  const auto close = [&] {
    c->on.close([&] { process.Log("client", "closed"); });
    c->Close();
    Attempt("client", "close", [&] { c->Close(); });
    Attempt("client", "send",
            [&] { c->Send("late", port, "", Sent("client", "late")); });
    address(c, "client");
    server->Close();
  };
  const auto next = [&] {
    c->on.connect.Once([&] {
      process.Log("client", "connected");
      remote(c, "client");
      Attempt("client", "connect", [&] { c->Connect(port); });
      c->Send("four", Sent("client", "four"));
      c->Disconnect();
      remote(c, "client");
      Immediate([&] { Immediate(close); });
    });
    c->Connect(port, "127.0.0.1");
    Attempt("client", "connect", [&] { c->Connect(port); });
  };
  int n = 0;
  server->on.listening([&] {
    process.Log("server", "bound");
    address(server, "server");
    Attempt("server", "bind", [&] { server->Bind(); });
    Attempt("server", "ttl", [&] { server->SetTtl(4); });
    Attempt("server", "ttl", [&] { server->SetTtl(0); });
    port = server->address().port;
    c = Made("client");
    c->Send("one", port, "127.0.0.1", Sent("client", "one"));
    c->Send("two", port, "", Sent("client", "two"));
    c->Send("three", port, "127.0.0.1", Sent("client", "three"));
    c->Send("", port, "127.0.0.1", Sent("client", "empty"));
    address(c, "client");
    process.Log("client", "queue ", c->send_queue_count(), " ",
                c->send_queue_size());
    c->Send(std::string(70000, 'x'), port, "127.0.0.1", Sent("client", "big"));
    server->on.message([&](absl::string_view data, const loop::Address& from) {
      if (++n == 1) {
        server->Send(absl::StrCat("re:", data), from.port, from.ip.ToString());
      }
      if (n == 4) next();
    });
  });
  server->Bind(0, "127.0.0.1");
  Attempt("server", "bind", [&] { server->Bind(); });
  EXPECT_EQ(process.Run(), RecordedLines("v20/100-dgram-life"));
}

TEST_P(V20Datagram, Case101SendsToNobody) {
  const Datagrams free = DatagramSocket::Create(process.stack());
  Datagrams twice, c, u, w, x, y, z;
  uint16_t port = 0;
  const auto last = [&] {
    c->Send("three", Sent("c", "three"));
    c->Close();
    u = Made("u");
    u->Send("nobody", port, "127.0.0.1", Sent("u", "nobody"));
    u->Send("still nobody", port, "127.0.0.1",
            [&, sent = Sent("u", "still")](const Error* error,
                                           size_t bytes) mutable {
              sent(error, bytes);
              u->Close();
            });
    w = Made("w");
    w->Bind(0, "192.0.2.1");
    w->on.error([&](const Error&) { w->Close(); });
    x = Made("x");
    x->Bind();
    x->Close();
    y = Made("y");
    y->Send("gone", port, "127.0.0.1", Sent("y", "gone"));
    y->Close();
    z = Made("z");
    z->Connect(port, "127.0.0.1");
    z->Close();
  };
  const auto connected = [&] {
    c->Send("one", Sent("c", "one"));
    Immediate([&] {
      Immediate([&] {
        c->Send("two", Sent("c", "two"));
        Immediate([&] { Immediate(last); });
      });
    });
  };
  free->on.listening([&] {
    port = free->address().port;
    twice = Made("twice");
    twice->Bind(port, "127.0.0.1");
    twice->on.error([&](const Error&) {
      twice->on.close([&] {
        free->on.close([&] {
          c = Made("c");
          c->on.connect.Once(connected);
          c->Connect(port, "127.0.0.1");
        });
        free->Close();
      });
      twice->Close();
    });
  });
  free->Bind(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/101-dgram-refusals"));
}

INSTANTIATE_TEST_SUITE_P(, V20Datagram, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
