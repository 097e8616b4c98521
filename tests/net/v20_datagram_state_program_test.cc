// Programs of Node 20's dgram that make each call in each state, recorded here.
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "net/datagram_socket.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

using Datagrams = std::shared_ptr<DatagramSocket>;

class V20DatagramState : public V20Program {
 protected:
  void Try(const std::string& name, const std::function<void()>& call) {
    try {
      call();
      process.Log("s", name, " ok");
    } catch (const Error& e) {
      // Node has no handle any more then: a TypeError.
      process.Log("s", name, " ",
                  absl::StartsWith(name, "closed") ? "threw" : Described(e));
    }
  }
  void All(const Datagrams& s, const std::string& p) {
    Try(p + " address", [&] { s->address(); });
    Try(p + " remote", [&] { s->remote_address(); });
    Try(p + " broadcast", [&] { s->SetBroadcast(true); });
    Try(p + " ttl", [&] { s->SetTtl(10); });
    Try(p + " ttl 0", [&] { s->SetTtl(0); });
    Try(p + " ttl 256", [&] { s->SetTtl(256); });
    Try(p + " mttl", [&] { s->SetMulticastTtl(256); });
    Try(p + " loop", [&] { s->SetMulticastLoopback(false); });
    Try(p + " if", [&] { s->SetMulticastInterface("127.0.0.1"); });
    Try(p + " if bad", [&] { s->SetMulticastInterface("::1"); });
    Try(p + " size", [&] { s->send_buffer_size(); });
    Try(p + " set", [&] { s->SetReceiveBufferSize(8192); });
    if (p != "closed") {
      process.Log("s", p, " queue ", s->send_queue_size());
    }
    Try(p + " disconnect", [&] { s->Disconnect(); });
  }
  DatagramSocket::SendCallback Sent(const std::string& actor,
                                    const std::string& name) {
    return [this, actor, name](const Error* e, size_t bytes) {
      process.Log(actor, "cb ", name, name.empty() ? "" : " ",
                  e == nullptr ? absl::StrCat("null ", bytes)
                               : Described(*e) + " undefined");
    };
  }
  Datagrams Named(const std::string& k) {
    const Datagrams s = DatagramSocket::Create(process.stack());
    DatagramSocket* const p = s.get();
    s->on.error([this, k, p](const Error& e) {
      process.Log(k, "error ", Described(e));
      p->Close();
    });
    s->on.listening([this, k, p] {
      process.Log(k, "listening ", p->address().ip.ToString());
    });
    s->on.connect([this, k, p] {
      process.Log(k, "connect ", p->address().ip.ToString(), " ",
                  p->remote_address().ip.ToString());
    });
    WatchEvent(process, s->on.close, k, "close");
    return s;
  }
};

TEST_P(V20DatagramState, Case168EachCallInEachState) {
  const Datagrams b = DatagramSocket::Create(process.stack());
  const Datagrams s = DatagramSocket::Create(process.stack());
  const auto again = [&] {
    s->on.connect.Once([&] {
      process.Log("s", "connect cb");
      s->Send("hi", Sent("s", "hi"));
    });
    s->Connect(b->address().port, "127.0.0.1");
  };
  s->on.listening([&] {
    process.Log("s", "listening");
    All(s, "bound");
    Try("bind 3", [&] { s->Bind(0); });
    s->Connect(b->address().port, "127.0.0.1");
    Try("connect again", [&] { s->Connect(5); });
    All(s, "connecting");
    s->on.connect.Once([&] {
      process.Log("s", "connect");
      Try("send to", [&] { s->Send("x", 5, "127.0.0.1"); });
      All(s, "connected");
      Try("connect 3", again);
    });
  });
  b->on.message([&](absl::string_view m, const loop::Address& from) {
    process.Log("b", "message ", m, " ", m.size(), " ", from.ip.ToString(),
                " IPv4");
    b->Close();
    s->on.close([&] { process.Log("s", "close cb"); });
    s->Close();
    All(s, "closed");
    Try("close again", [&] { s->Close(); });
    Try("send closed", [&] { s->Send("x", 5, "127.0.0.1"); });
    Try("bind closed", [&] { s->Bind(0); });
    Try("ref", [&] { s->Ref(); });
  });
  b->on.listening([&] {
    WatchErrors(s, "s");
    WatchEvent(process, s->on.close, "s", "close");
    All(s, "new");
    s->Bind(0, "127.0.0.1");
    Try("bind again", [&] { s->Bind(0); });
    All(s, "binding");
  });
  b->Bind(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/168-dgram-states"));
}

TEST_P(V20DatagramState, Case169WhatBindsByItself) {
  const Datagrams a = Named("a");
  Try("drop", [&] { a->DropMembership("224.0.0.114", "127.0.0.1"); });
  Try("address", [&] { a->address(); });
  Try("bind", [&] { a->Bind(0, "127.0.0.1"); });
  const Datagrams b = Named("b");
  b->Send("x", 9, "127.0.0.1", [&](const Error* e, size_t n) {
    Sent("b", "")(e, n);
    b->Close();
  });
  Try("address", [&] { b->address(); });
  Try("bind", [&] { b->Bind(0); });
  const Datagrams c = Named("c");
  c->on.connect.Once([&] {
    process.Log("c", "cb connect undefined");
    c->Disconnect();
    Try("remote", [&] { c->remote_address(); });
    Try("send", [&] { c->Send("y", 9, ""); });
    c->Close();
  });
  c->Connect(9, "127.0.0.1");
  Try("bind", [&] { c->Bind(0); });
  const Datagrams d = Named("d");
  d->Send("", 9, "127.0.0.1", Sent("d", ""));
  d->on.close([&] { process.Log("d", "cb close"); });
  d->Close();
  const Datagrams e = Named("e");
  e->Bind(0, "203.0.113.7");
  const Datagrams f = Named("f");
  f->on.listening([&] {
    process.Log("f", "cb bind");
    f->Send(std::string(70000, 'x'), 9, "127.0.0.1",
            [&](const Error* error, size_t n) {
              Sent("f", "big")(error, n);
              f->Close();
            });
  });
  f->Bind(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/169-dgram-implicit"));
}

INSTANTIATE_TEST_SUITE_P(, V20DatagramState, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
