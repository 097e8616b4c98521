// Programs of Node 20's dgram about the order of things, recorded here: sends
// around 'listening', a peer that refuses, bind(2) that fails, bursts.
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "net/datagram_socket.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

using Datagrams = std::shared_ptr<DatagramSocket>;

class V20DatagramOrder : public V20Program {
 protected:
  Datagrams New(const std::string& who) {
    const Datagrams socket = DatagramSocket::Create(process.stack());
    WatchEvent(process, socket->on.listening, who, "listening");
    WatchEvent(process, socket->on.connect, who, "connect");
    WatchEvent(process, socket->on.close, who, "close");
    return socket;
  }
  DatagramSocket::SendCallback Sent(const std::string& name) {
    return [this, name](const Error* error, size_t bytes) {
      process.Log("a", "cb ", name, " ",
                  error == nullptr ? absl::StrCat("null ", bytes)
                                   : Described(*error) + " ");
    };
  }
  // `text`: with the message.
  void Attempt(const std::string& who, bool text,
               const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& e) {
      process.Log(who, "threw ", e.code(), text ? " " : "",
                  text ? e.message() : "");
    }
  }
};
class V20DatagramOrderTimed : public V20DatagramOrder {};

TEST_P(V20DatagramOrder, Case144SendsBeforeItListens) {
  const Datagrams a = New("a");
  const Datagrams b = New("b");
  const auto last = [&] {
    b->on.close.Once([&] { process.Log("b", "cb close"); });
    b->Close();
    process.Log("b", "closed");
    Attempt("b", true, [&] { b->Send("x", 1, "127.0.0.1"); });
    Attempt("b", false, [&] { b->Close(); });
    Attempt("b", false, [&] { b->address(); });
    a->Close();
  };
  const auto watch = [&](const Datagrams& s, const std::string& k) {
    WatchErrors(s, k);
    s->on.message([&, k](absl::string_view d, const loop::Address& from) {
      process.Log(k, "message ", d, " ", d.size(), " IPv4 ",
                  from.ip.ToString());
      if (d == "four") last();
    });
  };
  watch(a, "a");
  watch(b, "b");
  b->on.listening.Once([&] {
    const uint16_t port = b->address().port;
    a->Send("one", port, "127.0.0.1", Sent("one"));
    process.Log("a", "sent");
    a->Send("two", port, "127.0.0.1", Sent("two"));
    a->on.listening([&, port] {
      process.Log("a", "on listening");
      a->Send("three", port, "127.0.0.1", [&, port](const Error* e, size_t n) {
        Sent("three")(e, n);
        a->Send("four", port, "127.0.0.1", Sent("four"));
        Tick([&] { process.Log("a", "tick"); });
      });
    });
    Tick([&] { process.Log("main", "tick"); });
    Immediate([&] { process.Log("main", "immediate"); });
  });
  b->Bind(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/144-dgram-order"));
}

TEST_P(V20DatagramOrderTimed, Case145IsRefused) {
  const Datagrams a = New("a");
  const Datagrams probe = DatagramSocket::Create(process.stack());
  uint16_t port = 0;
  const auto later = [&] {
    a->Send("two", Sent("two"));
    a->Disconnect();
    Attempt("a", true, [&] { a->Disconnect(); });
    a->Send("four", port, "127.0.0.1", [&](const Error* e, size_t n) {
      Sent("four")(e, n);
      a->on.connect.Once([&] {
        process.Log("a", "connected again");
        a->Close();
      });
      a->Connect(port, "127.0.0.1");
    });
  };
  const auto connected = [&] {
    process.Log("a", "cb connect undefined");
    process.Log("a", "remote ", Bool(a->remote_address().port == port));
    a->Send("one", [&](const Error* e, size_t n) {
      Sent("one")(e, n);
      After(30, later);
    });
    Attempt("a", true, [&] { a->Connect(1); });
  };
  a->on.error([&](const Error& e) {
    process.Log("a", "error ", e.code(), " ", e.syscall(), " ", e.message());
  });
  probe->on.listening([&] {
    port = probe->address().port;
    probe->Close();
  });
  probe->on.close([&] {
    Attempt("a", true, [&] { a->Disconnect(); });
    Attempt("a", false, [&] { a->remote_address(); });
    a->on.connect.Once(connected);
    a->Connect(port, "127.0.0.1");
  });
  probe->Bind(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/145-dgram-refused"));
}

TEST_P(V20DatagramOrder, Case146CannotBind) {
  const auto made = [&](const std::string& k) {
    const Datagrams s = New(k);
    s->on.error([&, k](const Error& e) {
      process.Log(k, "error ", e.code(), " ", e.syscall(), " ", e.address(),
                  " ",
                  absl::StrReplaceAll(
                      e.message(), {{absl::StrCat(":", e.port()), ":PORT"}}));
    });
    return s;
  };
  const Datagrams a = made("a");
  const Datagrams b = made("b");
  const Datagrams c = made("c");
  const Datagrams d = made("d");
  const Datagrams e = made("e");
  const auto third = [&] {
    d->Bind(0, "127.0.0.1");
    d->Close();
    Attempt("d", true, [&] { d->Bind(1); });
    d->on.close([&] {
      e->on.close.Once([&] {
        process.Log("e", "cb close");
        a->Close();
      });
      e->Close();
    });
  };
  const auto second = [&] {
    c->Bind(0, "192.0.2.1");
    c->on.error([&](const Error&) {
      c->on.close.Once([&] { process.Log("c", "cb close"); });
      c->Close();
      third();
    });
  };
  a->on.listening.Once([&] {
    const uint16_t port = a->address().port;
    process.Log("a", "cb");
    Attempt("a", true, [&] { a->Bind(0); });
    b->Bind(port, "127.0.0.1");
    Attempt("b", false, [&] { b->Bind(0); });
    b->on.error.Once([&](const Error&) {
      b->Bind(0, "127.0.0.1");
      b->on.listening.Once([&] {
        b->Close();
        second();
      });
    });
  });
  a->Bind(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/146-dgram-bind-errors"));
}

TEST_P(V20DatagramOrder, Case149ComesInABurst) {
  const Datagrams a = DatagramSocket::Create(process.stack());
  const Datagrams b = DatagramSocket::Create(process.stack());
  b->on.message([&](absl::string_view d, const loop::Address&) {
    const std::string k(d);
    process.Log("b", "message ", k);
    Tick([&, k] { process.Log("b", "tick ", k); });
    Immediate([&, k] { process.Log("b", "immediate ", k); });
    if (k != "3") return;
    Immediate([&] {
      a->Close();
      b->Close();
    });
  });
  b->on.listening([&] { a->Bind(0, "127.0.0.1"); });
  a->on.listening([&] {
    for (const char* k : {"1", "2", "3"}) {
      a->Send(k, b->address().port, "127.0.0.1");
    }
  });
  b->Bind(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/149-dgram-burst"));
}

INSTANTIATE_TEST_SUITE_P(, V20DatagramOrder, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20DatagramOrderTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
