// Programs of Node 20 about who keeps a connection: what Expect comes to, and
// what versions and Connection fields say, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpKeeping : public V20Program {
 protected:
  void Answer(const Request& q, const Response& r);
  void CheckContinue(const Request& q, const Response& r);
  void Ask();
  void Serve188(const std::string& moment);
  void Visit188(std::function<void(const std::string&)> hit);

  std::shared_ptr<http::Server> server;
  std::shared_ptr<http::Agent> agent;
  std::string m;
  std::function<void()> start;
};

void V20HttpKeeping::Answer(const Request& q, const Response& r) {
  r->send_date = false;
  process.Log("srv", "request ", q->url(), " ", m);
  q->on.data([this](absl::string_view d) { process.Log("req", "data ", d); });
  q->on.end([this, r] {
    process.Log("req", "end");
    r->End("thanks");
  });
  WatchErrors(q, "req");
}

void V20HttpKeeping::CheckContinue(const Request& q, const Response& r) {
  r->send_date = false;
  process.Log("srv", "checkContinue ", m);
  q->on.close([this, p = q.get()] {
    process.Log("req", "close ", Bool(p->aborted()));
  });
  WatchErrors(q, "req");
  r->on.close([this, p = r.get()] {
    process.Log("res", "close ", Bool(p->writable_finished()));
  });
  if (m == "late") {
    After(30, [this, q, r] {
      r->WriteContinue(Plain([this] { process.Log("res", "cb continue"); }));
      server->on.request.Emit(q, r);
    });
  } else if (m == "refuse") {
    r->WriteHead(413);
    r->End("too big");
  } else if (m == "refuse read") {
    q->Resume();
    q->on.end([this, r] {
      process.Log("req", "end");
      r->WriteHead(413, {{"Content-Length", "2"}});
      r->End("no");
    });
  } else if (m == "destroy") {
    q->Destroy();
  } else {
    q->Resume();
    r->End("done");
  }
}

void V20HttpKeeping::Ask() {
  http::RequestOptions to = To(server, "/x");
  to.agent = agent;
  to.method = "POST";
  to.headers = {{"Expect", m == "other" ? "x-y" : "100-continue"},
                {"Content-Length", "4"}};
  const auto q = http::Request(process.stack(), to);
  http::ClientRequest* const p = q.get();
  process.Log("q", "sent ", Bool(q->headers_sent()));
  q->on.socket([this, p](const SocketHandle&) {
    process.Log("q", "socket ", Bool(p->reused_socket()));
  });
  q->on.continued([this, p] {
    process.Log("q", "continue");
    p->End("body");
  });
  WatchEvent(process, q->on.finish, "q", "finish");
  if (m == "end at once" || m == "other") q->End("body");
  if (m == "refuse read") After(40, [q] { q->End("body"); });
  q->on.response([this, p](const Request& r) {
    const std::string* const kept = r->headers().Find("connection");
    process.Log("q", "response ", r->status_code(), " ",
                kept == nullptr ? "undefined" : *kept);
    r->on.data([this](absl::string_view d) { process.Log("q", "data ", d); });
    r->on.end([this, p] {
      process.Log("q", "end");
      if (p->writable_ended()) return;
      process.Log("q", "gives up");
      p->End("body");
    });
  });
  WatchErrors(q, "q");
  q->on.close([this] {
    process.Log("q", "close");
    After(40, [this] { start(); });
  });
}

TEST_P(V20HttpKeeping, Case189WhatExpectComesTo) {
  server = http::Server::Create(
      process.stack(),
      [&](const Request& q, const Response& r) { Answer(q, r); });
  server->on.connection([&](const SocketHandle& s) {
    s->on.close([&](bool) { process.Log("srv", "sock close"); });
  });
  http::Agent::Options options;
  options.max_sockets = 1;
  options.timeout = absl::ZeroDuration();
  agent = http::Agent::Create(process.stack(), options);
  const std::vector<std::string> how = {"auto",        "late",    "refuse",
                                        "refuse read", "destroy", "end at once",
                                        "other"};
  size_t next = 0;
  start = [&] {
    if (next == how.size()) {
      agent->Destroy();
      server->Close();
      return;
    }
    m = how[next++];
    process.Log("main", "--- ", m);
    if (m == "late") {
      server->on.check_continue(
          [&](const Request& q, const Response& r) { CheckContinue(q, r); });
    } else if (m == "other") {
      server->on.check_expectation([&](const Request& q, const Response& r) {
        process.Log("srv", "checkExpectation ", *q->headers().Find("expect"));
        r->send_date = false;
        q->Resume();
        r->End("odd");
      });
    }
    Ask();
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/189-http-continue"));
}

TEST_P(V20HttpKeeping, Case190VersionsAndConnectionFields) {
  const std::vector<std::string> heads = {
      "GET / HTTP/1.0\r\n",
      "GET / HTTP/1.0\r\nConnection: keep-alive\r\n",
      "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: x, Close\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: Keep-Alive\r\n",
      "GET / HTTP/1.1\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n",
      "POST / HTTP/1.0\r\nContent-Length: 2\r\nConnection: keep-alive\r\n",
      "GET / HTTP/1.0\r\nTE: chunked\r\nConnection: keep-alive\r\n",
      "GET http://a/b?c HTTP/1.1\r\nHost: x\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: x\r\n"};
  server = http::Server::Create(process.stack(), [&](const Request& q,
                                                     const Response& r) {
    r->send_date = false;
    const std::string* const host = q->headers().Find("host");
    process.Log("srv", "request ", q->method(), " ", q->url(), " ",
                q->http_version(), " ", host == nullptr ? "undefined" : *host,
                " ", Bool(r->should_keep_alive()), " ", r->status_code);
    q->Resume();
    q->on.end([&, p = r.get()] {
      if (m == "length") {
        p->SetHeader("Content-Length", "2");
        p->End("ok");
      } else {
        p->Write("a");
        p->End("b");
      }
    });
    r->on.close([&, p = r.get()] {
      process.Log("res", "close ", Bool(p->writable_finished()));
    });
  });
  server->on.client_error([&](const Error& e, const SocketHandle& s) {
    process.Log("srv", "clientError ", Described(e));
    s->End("HTTP/1.1 400 x\r\n\r\n");
  });
  std::vector<std::pair<std::string, std::string>> list;
  for (const std::string mode : {"length", "plain"}) {
    for (const std::string& head : heads) list.emplace_back(mode, head);
  }
  size_t next = 0;
  start = [&] {
    if (next == list.size()) {
      server->Close();
      return;
    }
    const auto& [mode, head] = list[next++];
    m = mode;
    process.Log("main", "--- ", m, " ", Quoted(head));
    const SocketHandle c = ConnectTo(server);
    const auto got = std::make_shared<std::string>();
    c->on.data([got](absl::string_view d) { absl::StrAppend(got.get(), d); });
    WatchEvent(process, c->on.end, "c", "end");
    const auto timer =
        std::make_shared<loop::Timer>(process.loop(), [&, p = c.get()] {
          process.Log("c", "kept");
          p->End();
        });
    timer->Start(absl::Milliseconds(80));
    c->on.close([&, got, timer](bool) {
      timer->Stop();
      for (const absl::string_view line : absl::StrSplit(*got, "\r\n")) {
        if (!absl::StartsWith(line, "Date")) process.Log("c", Quoted(line));
      }
      After(10, [&] { start(); });
    });
    c->Write(
        absl::StrCat(head, "\r\n", absl::StartsWith(head, "POST") ? "xx" : ""));
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/190-http-versions"));
}

void V20HttpKeeping::Serve188(const std::string& moment) {
  const auto hit = [this, moment, seen = std::make_shared<bool>(false)](
                       const std::string& event) {
    if (event != moment || std::exchange(*seen, true)) return;
    process.Log("srv", m, " ", event);
    const auto closed = Plain([this] { process.Log("server", "cb close"); });
    if (absl::StartsWith(m, "close")) server->Close(closed);
    if (absl::EndsWith(m, "idle")) server->CloseIdleConnections();
    if (m == "all") server->CloseAllConnections();
    process.Log("srv", "done ", Bool(server->listening()));
  };
  server = http::Server::Create(
      process.stack(), [this, hit](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("srv", "request ", q->url());
        if (q->url() == "/2") hit("second");
        hit("request");
        q->on.close([this, hit, p = q.get()] {
          process.Log("req", "close ", Bool(p->aborted()));
          hit("req close");
        });
        WatchErrors(q, "req");
        r->on.finish([this, hit] {
          process.Log("res", "finish");
          hit("finish");
        });
        r->on.close([this, hit, p = r.get()] {
          process.Log("res", "close ", Bool(p->writable_finished()));
          hit("res close");
        });
        q->Resume();
        After(10, [this, hit, r] {
          r->Write("a");
          hit("written");
          After(10, [hit, r] {
            r->End("b");
            hit("ended");
          });
        });
      });
  server->on.connection([this, hit](const SocketHandle& s) {
    process.Log("srv", "connection");
    s->on.close([this](bool) { process.Log("srv", "sock close"); });
    hit("connection");
  });
  WatchEvent(process, server->on.close, "server", "close");
  server->on.listening([this, hit] { Visit188(hit); });
  server->Listen(0, "127.0.0.1");
}

void V20HttpKeeping::Visit188(std::function<void(const std::string&)> hit) {
  const SocketHandle c = ConnectTo(server);
  WatchErrors(c, "c");
  WatchEvent(process, c->on.end, "c", "end");
  c->on.data([this](absl::string_view d) {
    std::vector<std::string> lines = absl::StrSplit(d, "\r\n");
    if (lines.size() > 4) lines.erase(lines.begin(), lines.end() - 4);
    process.Log("c", "data ", absl::StrJoin(lines, "|"));
  });
  c->Write("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  After(60, [hit] { hit("idle"); });
  After(90, [c] {
    if (c->writable()) c->Write("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  });
  const auto timer =
      std::make_shared<loop::Timer>(process.loop(), [this, p = c.get()] {
        process.Log("c", "goes");
        p->Destroy();
      });
  timer->Start(absl::Milliseconds(150));
  c->on.close([this, timer](bool) {
    timer->Stop();
    process.Log("c", "close");
    After(20, [this] {
      if (server->listening()) server->Close();
      After(20, [this] { start(); });
    });
  });
}

TEST_P(V20HttpKeeping, Case188ClosesAtEachMoment) {
  std::vector<std::pair<std::string, std::string>> list;
  for (const std::string call : {"close", "idle", "all", "close idle"}) {
    for (const std::string moment :
         {"connection", "request", "written", "ended", "finish", "res close",
          "req close", "idle", "second"}) {
      list.emplace_back(call, moment);
    }
  }
  size_t next = 0;
  start = [&] {
    if (next == list.size()) return;
    m = list[next].first;
    process.Log("main", "--- ", m, " ", list[next].second);
    Serve188(list[next++].second);
  };
  start();
  EXPECT_EQ(process.Run(), RecordedLines("v20/188-http-close-moments"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpKeeping, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
