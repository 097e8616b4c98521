// Programs of Node 20 about bodies that no message may have, about reading
// late, and about tunnels that end, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpBody : public V20Program {
 protected:
  void Try(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& e) {
      process.Log("srv", "threw ", Described(e));
    }
  }
  void Answer179(const std::string& kind, const Response& r);
  void Refused(const Response& r);
  void Read180(const std::string& kind, const Request& q, const Response& r);
  http::Server::Takeover::Listener Take181(const std::string& kind);
};

void V20HttpBody::Refused(const Response& r) {
  Try([&] { r->WriteHead(99); });
  Try([&] { r->WriteHead(1000); });
  Try([&] { r->WriteHead(200, "bad\nreason"); });
  r->status_message = "OK";
  Try([&] { r->SetHeader("bad name", "x"); });
  Try([&] { r->SetHeader("X", "a\nb"); });
  r->End("fine");
}

void V20HttpBody::Answer179(const std::string& kind, const Response& r) {
  if (kind == "headWrite") {
    const bool room =
        r->Write("body", Plain([&] { process.Log("srv", "cb write"); }));
    process.Log("srv", "write ", Bool(room));
    r->End("more", [&](const Error*) { process.Log("srv", "cb end"); });
  } else if (kind == "nocontent") {
    r->WriteHead(204, {{"Content-Length", "5"}});
    process.Log("srv", "write ", Bool(r->Write("hello")));
    r->End();
  } else if (kind == "notmod") {
    r->WriteHead(304, {{"Content-Length", "5"}});
    r->End("hello");
  } else if (kind == "empty") {
    r->Write("");
    process.Log("srv", "sent ", Bool(r->headers_sent()));
    r->Write("a");
    r->Write("");
    r->End("");
  } else if (kind == "flush") {
    r->SetHeader("X-A", "1");
    r->FlushHeaders();
    process.Log("srv", "sent ", Bool(r->headers_sent()));
    After(20, [r] { r->End("late"); });
  } else if (kind == "flushLen") {
    r->SetHeader("Content-Length", "4");
    r->FlushHeaders();
    r->FlushHeaders();
    r->End("four");
  } else if (kind == "head100") {
    Refused(r);
  } else if (kind == "cork") {
    r->Cork();
    r->Write("a");
    r->Write("b");
    Immediate([r] {
      r->Uncork();
      r->Write("c");
      r->End("d");
    });
  } else if (kind == "big") {
    const bool room = r->Write(std::string(20000, 'x'));
    process.Log("srv", "write ", Bool(room), " ", Bool(r->writable_bytes() > 0),
                " ", Bool(r->writable_need_drain()));
    r->on.drain([&, p = r.get()] {
      process.Log("srv", "drain ", p->writable_bytes());
      p->End("tail");
    });
  } else if (kind == "status") {
    r->status_code = 299;
    r->status_message = "Odd";
    r->End();
  } else if (kind == "reset") {
    r->WriteHead(205);
    r->End("x");
  } else {
    r->WriteEarlyHints({{"link", "</a>; rel=x"}, {"link", "</b>; rel=y"}},
                       Plain([&] { process.Log("srv", "cb hints"); }));
    r->WriteProcessing();
    r->End("z");
  }
}

TEST_P(V20HttpBody, Case179BodiesThatMayNotBe) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        q->Resume();
        WatchEvent(process, r->on.finish, "srv", "finish");
        r->on.close([&, p = r.get()] {
          process.Log("srv", "close ", Bool(p->writable_finished()));
        });
        Answer179(q->url().substr(1), r);
      });
  const std::vector<std::string> kinds = {
      "headWrite", "nocontent", "notmod", "empty",  "flush", "flushLen",
      "head100",   "cork",      "big",    "status", "reset", "early"};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == kinds.size()) {
      server->Close();
      return;
    }
    const std::string a = kinds[next++];
    process.Log("main", "--- ", a);
    http::RequestOptions to = To(server, "/" + a);
    to.method = a == "headWrite" ? "HEAD" : "GET";
    const auto q = http::Request(process.stack(), to);
    q->on.information([&](const http::IncomingMessage& i) {
      process.Log("q", "information ", i.status_code(), " ",
                  Object(i.headers()));
    });
    q->on.response([&, a](const Request& r) {
      process.Log("q", "response ", r->status_code(), " ", r->status_message(),
                  " ", Object(r->headers()), " ", Bool(r->complete()));
      const auto n = std::make_shared<size_t>(0);
      r->on.data([&, a, n](absl::string_view d) {
        *n += d.size();
        if (a != "big") process.Log("q", "data ", d);
      });
      r->on.end([&, n, p = r.get()] {
        process.Log("q", "end ", *n, " ", Bool(p->complete()));
      });
      WatchEvent(process, r->on.aborted, "q", "aborted");
    });
    WatchErrors(q, "q");
    q->on.close([&] {
      process.Log("q", "close");
      After(20, [&] { start(); });
    });
    q->End();
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/179-http-bodies"));
}

void V20HttpBody::Read180(const std::string& k, const Request& q,
                          const Response& r) {
  http::IncomingMessage* const p = q.get();
  const auto state = [p] {
    const auto flowing = p->readable_flowing();
    return absl::StrCat(!flowing.has_value() ? "null" : Bool(*flowing), " ",
                        p->readable_bytes(), " ", Bool(p->complete()), " ",
                        Bool(p->readable_ended()), " ", Bool(p->destroyed()));
  };
  process.Log("srv", "request ", k, " ", state());
  const auto watch = [&](auto& event, const std::string& name) {
    event([this, name, state] { process.Log("req", name, " ", state()); });
  };
  watch(q->on.end, "end");
  watch(q->on.close, "close");
  watch(q->on.aborted, "aborted");
  watch(q->on.pause, "pause");
  watch(q->on.resume, "resume");
  WatchErrors(q, "req");
  const auto data = [this, p, state] {
    p->on.data([this, state](absl::string_view d) {
      process.Log("req", "data ", d, " ", state());
    });
  };
  const auto listens = [this, q, data, state] {
    data();
    process.Log("req", "listens ", state());
  };
  if (k == "immediate") {
    Immediate(listens);
  } else if (k == "later") {
    After(60, listens);
  } else if (k == "paused") {
    q->Pause();
    listens();
    After(60, [q] { q->Resume(); });
  } else if (k == "stop") {
    q->on.data.Once([this, q, data, state](absl::string_view d) {
      process.Log("req", "once ", d, " ", state());
      q->Pause();
      After(60, [q, data] {
        q->Resume();
        data();
      });
    });
  } else if (k == "answer") {
    data();
    r->End("early");
  } else if (k == "unread") {
    r->End("unread");
  } else if (k == "resume-twice") {
    q->Resume();
    q->Pause();
    q->Resume();
    data();
  } else if (k != "never") {
    data();
  }
  if (k == "never") {
    After(60, [this, q, r, state] {
      process.Log("srv", "answers ", state());
      r->End("never");
    });
  } else if (k != "answer" && k != "unread") {
    q->on.end([this, state, p = r.get()] {
      process.Log("srv", "ends ", state());
      p->End("done");
    });
  }
  r->on.close([this, p = r.get()] {
    process.Log("res", "close ", Bool(p->writable_finished()));
  });
}

TEST_P(V20HttpBody, Case180ReadingLate) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        Read180(q->url().substr(1), q, r);
      });
  const std::vector<std::string> kinds = {
      "plain", "immediate", "later",  "paused",      "stop",
      "never", "answer",    "unread", "resume-twice"};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == kinds.size()) {
      server->Close();
      return;
    }
    const std::string k = kinds[next++];
    process.Log("main", "--- ", k);
    const SocketHandle c = ConnectTo(server);
    c->on.data([&](absl::string_view d) {
      const std::vector<std::string> lines = absl::StrSplit(d, "\r\n");
      process.Log("c", "data ", lines.back());
    });
    c->on.close([&](bool) {
      process.Log("c", "close");
      After(20, [&] { start(); });
    });
    c->on.error([](const Error&) {});
    c->Write(absl::StrCat("POST /", k,
                          " HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n"
                          "abc"));
    After(30, [c] { c->Write("def"); });
    After(120, [c] { c->Write("GET /plain HTTP/1.1\r\nHost: x\r\n\r\n"); });
    After(160, [c] { c->End(); });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/180-http-reading"));
}

http::Server::Takeover::Listener V20HttpBody::Take181(const std::string& kind) {
  return [this, kind](const Request& q, const SocketHandle& s,
                      absl::string_view head) {
    Socket* const p = s.get();
    process.Log("srv", kind, " ", q->url(), " ", Quoted(head), " ", State(*s));
    s->on.data([this, p](absl::string_view d) {
      process.Log("srv", "data ", d);
      if (d == "kill") p->ResetAndDestroy();
    });
    s->on.end([this, p] {
      process.Log("srv", "end ", State(*p));
      p->End("fin");
    });
    WatchErrors(s, "srv");
    s->on.close([this, p](bool had_error) {
      process.Log("srv", "close ", Bool(had_error), " ", State(*p));
    });
    if (absl::StrContains(q->url(), "refuse")) {
      s->End(
          "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n"
          "Connection: close\r\n\r\nno");
    } else if (absl::StrContains(q->url(), "drop")) {
      s->Destroy();
    } else {
      s->Write(absl::StrCat(kind == "connect"
                                ? "HTTP/1.1 200 OK\r\n\r\n"
                                : "HTTP/1.1 101 Switching\r\n"
                                  "Connection: Upgrade\r\nUpgrade: x\r\n\r\n",
                            "first"));
    }
  };
}

TEST_P(V20HttpBody, Case181TunnelsThatEnd) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        const std::string* const up = q->headers().Find("upgrade");
        process.Log("srv", "request ", q->method(), " ", q->url(), " ",
                    up == nullptr ? "undefined" : *up);
        r->status_code = 426;
        r->End("no");
      });
  server->on.connect(Take181("connect"));
  http::Agent::Options options;
  options.max_sockets = 1;
  options.timeout = absl::ZeroDuration();
  const auto agent = http::Agent::Create(process.stack(), options);
  const std::vector<std::pair<std::string, std::string>> list = {
      {"up", "none"},    {"up", "yes"},     {"up", "refuse"},
      {"up", "drop"},    {"con", "yes"},    {"con", "refuse:1"},
      {"con", "drop:1"}, {"con", "kill:1"}, {"up", "kill"}};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == list.size()) {
      agent->Destroy();
      server->Close(Plain([&] { process.Log("server", "close"); }));
      return;
    }
    const auto [k, p] = list[next++];
    process.Log("main", "--- ", k, " ", p);
    if (next == 2) server->on.upgrade(Take181("upgrade"));
    http::RequestOptions to = To(server, "/" + p);
    to.agent = agent;
    if (k == "con") {
      to.path = absl::StrContains(p, ':') ? p : p + ":1";
      to.method = "CONNECT";
    } else {
      to.headers = {{"Connection", "Upgrade"}, {"Upgrade", "x"}};
    }
    const auto q = http::Request(process.stack(), to);
    const bool kills = absl::StrContains(p, "kill");
    const auto got = [&, kills, q = q.get()](const std::string& kind) {
      return [&, kills, q, kind](const Request& r, const SocketHandle& s,
                                 absl::string_view head) {
        process.Log("c", kind, " ", r->status_code(), " ", Quoted(head), " ",
                    Bool(q->destroyed()), " ", agent->busy_sockets());
        s->on.data([&](absl::string_view d) { process.Log("c", "data ", d); });
        WatchEvent(process, s->on.end, "c", "end");
        WatchErrors(s, "c");
        s->on.close([&](bool had_error) {
          process.Log("c", "sock close ", Bool(had_error));
          After(20, [&] { start(); });
        });
        s->Write(kills ? "kill" : "hello");
        if (!kills) After(20, [s] { s->End(); });
      };
    };
    q->on.upgrade(got("upgrade"));
    q->on.connect(got("connect"));
    q->on.response([&](const Request& r) {
      process.Log("c", "response ", r->status_code());
      r->on.data([&](absl::string_view d) { process.Log("c", "data ", d); });
      WatchEvent(process, r->on.end, "c", "res end");
      r->on.close([&] { After(20, [&] { start(); }); });
    });
    q->on.error([&](const Error& e) {
      process.Log("c", "q error ", Described(e));
      After(20, [&] { start(); });
    });
    WatchEvent(process, q->on.close, "c", "q close");
    WatchEvent(process, q->on.finish, "c", "q finish");
    q->End();
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/181-http-tunnel-ends"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpBody, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
