// Programs of Node 20 about how http's connections end, recorded here: clients
// and servers that go away, limits, timeouts, a server's close.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20HttpClosingTimed : public V20Program {
 protected:
  SocketHandle Raw(http::Server& server) {
    return Connect(process.stack(), server.address()->port, "127.0.0.1");
  }
};

std::string Get(const std::string& path, const std::string& version = "1.1",
                const std::string& more = "",
                const std::string& method = "GET") {
  return absl::StrCat(method, " ", path, " HTTP/", version, "\r\nHost: x\r\n",
                      more, "\r\n");
}

TEST_P(V20HttpClosingTimed, Case85ClientsThatGoAway) {
  std::shared_ptr<http::Server> server;
  const auto watch = [&](const Request& q, const Response& r) {
    WatchEvent(process, q->on.aborted, "s.req", "aborted");
    WatchErrors(q, "s.req");
    WatchEvent(process, q->on.end, "s.req", "end");
    q->on.close([&, q = q.get()] {
      process.Log("s.req", "close ", Bool(q->complete()), " ",
                  Bool(q->destroyed()));
    });
    WatchEvent(process, r->on.finish, "s.res", "finish");
    WatchErrors(r, "s.res");
    r->on.close([&, r = r.get()] {
      process.Log("s.res", "close ", Bool(r->writable_ended()), " ",
                  Bool(r->writable_finished()), " ", Bool(r->destroyed()));
    });
  };
  const auto ended = [&] { process.Log("s.res", "cb end"); };
  server = http::Server::Create(process.stack(), [&](const Request& q,
                                                     const Response& r) {
    r->send_date = false;
    process.Log("server", "request ", q->url());
    watch(q, r);
    if (q->url() == "/body") {
      q->on.data([&](absl::string_view d) {
        process.Log("s.req", "data ", d.size());
      });
      return;
    }
    q->Resume();
    if (q->url() == "/half") r->Write("half", Called("s.res", ""));
    if (q->url() == "/done") r->End("done", ended);
    if (q->url() != "/after") return;
    q->on.close([&, r] {
      process.Log("s.res", "write ", Bool(r->Write("x", Called("s.res", ""))));
      r->End("y", ended);
    });
  });
  server->on.client_error([&](const Error& error, const SocketHandle& s) {
    process.Log("server", "clientError ", Described(error), " ",
                Bool(s->writable()));
    s->Destroy();
  });
  server->on.connection([&](const SocketHandle& s) {
    s->on.close([&](bool had) { process.Log("s.sock", "close ", Bool(had)); });
  });
  const std::vector<std::string> texts = {
      "",
      "GET /part HTTP/1.1\r\nHost",
      Get("/body", "1.1", "Content-Length: 9\r\n", "POST") + "abc",
      Get("/wait"),
      Get("/half"),
      Get("/done"),
      Get("/after")};
  size_t n = 0;
  std::function<void()> next = [&] {
    if (n == 3 * texts.size()) return server->Close();
    const std::string text = texts[n % texts.size()];
    const size_t how = n / texts.size();
    process.Log("main", "stage ", ++n);
    if (how == 1 && (absl::StrContains(text, "/wait") ||
                     absl::StrContains(text, "/half"))) {
      After(30, [&] { server->CloseAllConnections(); });
    }
    const auto c = Raw(*server);
    c->on.connect([&, c, text, how] {
      c->Write(text);
      After(20, [&, c, how] {
        process.Log("c", how == 0   ? "destroy"
                         : how == 1 ? "end"
                                    : "resetAndDestroy");
        if (how == 0) c->Destroy();
        if (how == 1) c->End();
        if (how == 2) c->ResetAndDestroy();
      });
    });
    WatchErrors(c, "c");
    c->Resume();
    c->on.close([&](bool) { After(20, [&] { next(); }); });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  // A callback of write() has no name there.
  EXPECT_EQ(absl::StrReplaceAll(process.Run(), {{"cb  ", "cb "}}),
            RecordedLines("v20/85-http-client-aborts"));
}

TEST_P(V20HttpClosingTimed, Case93Limits) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("server", "request ", q->url());
        r->End("x");
      });
  server->mutable_options().max_requests_per_socket = 2;
  server->on.drop_request([&](const Request& q, const SocketHandle&) {
    process.Log("server", "dropRequest ", q->url());
  });
  server->on.client_error([&](const Error& error, const SocketHandle& s) {
    process.Log("server", "clientError ", Described(error), " ",
                Bool(s->writable()));
    if (s->writable()) s->End("HTTP/1.1 499 Mine\r\nConnection: close\r\n\r\n");
  });
  const std::string post =
      Get("/", "1.1", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
          "POST");
  const std::vector<std::vector<std::string>> steps = {
      {Get("/1"), Get("/2"), Get("/3")},
      {Get("/4") + Get("/5") + Get("/6")},
      {Get("/7") + "BAD\r\n\r\n"},
      {"GET / HTTP/9.9\r\n\r\n"},
      {post},
      {"GET / HTTP/1.1\r\n\r\n"},
      {Get("/8", "1.0")},
      {Get("/9", "1.0", "Connection: keep-alive\r\n"), Get("/10", "1.0")},
      {Get("/11", "1.1", "Connection: close\r\n") + Get("/12")},
      {Get("/", "1.1", "X: " + std::string(17000, 'y') + "\r\n")}};
  size_t n = 0;
  std::string all;
  std::function<void()> next = [&] {
    if (n == steps.size()) return server->Close();
    const std::vector<std::string>& parts = steps[n++];
    process.Log("main", "step ", parts.size());
    const auto c = Raw(*server);
    all.clear();
    c->on.connect([&, c] {
      c->Write(parts[0]);
      for (size_t i = 1; i < parts.size(); ++i) {
        After(20 * static_cast<int>(i), [&, c, i] { c->Write(parts[i]); });
      }
    });
    c->on.data([&](absl::string_view d) { absl::StrAppend(&all, d); });
    WatchErrors(c, "c");
    c->on.end([&] {
      const size_t date = all.find("Date: ");
      if (date != std::string::npos) {
        all.replace(date, all.find('\r', date) - date, "Date: now");
      }
      process.Log("c", "end ", Quoted(all));
    });
    c->on.close([&](bool) {
      process.Log("c", "close");
      next();
    });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/93-http-limits"));
}

TEST_P(V20HttpClosingTimed, Case94Timeouts) {
  http::Server::Options options;
  options.headers_timeout = absl::Milliseconds(300);
  options.request_timeout = absl::Milliseconds(600);
  options.connections_checking_interval = absl::Milliseconds(50);
  options.keep_alive_timeout = absl::Milliseconds(200);
  const auto server = http::Server::Create(
      process.stack(), options, [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("server", "request ", q->url());
        q->on.data(
            [&](absl::string_view d) { process.Log("s.req", "data ", d); });
        WatchEvent(process, q->on.aborted, "s.req", "aborted");
        WatchErrors(q, "s.req");
        WatchEvent(process, q->on.close, "s.req", "close");
        r->on.close([&, r = r.get()] {
          process.Log("s.res", "close ", Bool(r->writable_finished()));
        });
        q->on.end([r] { r->End("x"); });
        if (q->url() == "/early") r->End("early");
      });
  server->on.connection([&](const SocketHandle& s) {
    s->on.close([&](bool) { process.Log("s.sock", "close"); });
  });
  const auto post = [](const std::string& path) {
    return Get(path, "1.1", "Content-Length: 9\r\n", "POST") + "ab";
  };
  const std::vector<std::vector<std::string>> steps = {
      {"", "", ""},
      {"GET / HT", "TP/1.1\r\n"},
      {post("/slow"), "c", "d"},
      {Get("/idle")},
      {Get("/one"), "GET /two HTTP/1.1\r\n"},
      {post("/early")}};
  size_t n = 0;
  std::function<void()> next = [&] {
    if (n == steps.size()) return server->Close();
    const std::vector<std::string>& parts = steps[n++];
    process.Log("main", "step");
    const auto c = Raw(*server);
    c->on.connect([&, c] {
      c->Write(parts[0]);
      for (size_t i = 1; i < parts.size(); ++i) {
        if (parts[i].empty()) continue;
        After(160 * static_cast<int>(i), [&, c, i] { c->Write(parts[i]); });
      }
    });
    c->on.data(
        [&](absl::string_view d) { process.Log("c", "data ", Quoted(d)); });
    WatchErrors(c, "c");
    c->on.end([&] { process.Log("c", "end"); });
    c->on.close([&](bool) {
      process.Log("c", "close");
      next();
    });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/94-http-server-timeouts"));
}

TEST_P(V20HttpClosingTimed, Case97Closing) {
  using Held = std::vector<Response>;
  using Act = std::function<void(http::Server&)>;
  std::shared_ptr<http::Server> server;
  Held held;
  const auto raw = [&](const std::string& who, const std::string& text) {
    const auto c = Raw(*server);
    WatchErrors(c, who);
    c->Resume();
    c->on.end([&, who] { process.Log(who, "end"); });
    c->on.close([&, who](bool had) { process.Log(who, "close ", Bool(had)); });
    if (!text.empty()) c->Write(text);
  };
  const auto run = [&](const std::string& name, Act act,
                       std::function<void()> next) {
    held.clear();
    server = http::Server::Create(
        process.stack(), [&, name](const Request& q, const Response& r) {
          r->send_date = false;
          process.Log(name, "request ", q->url());
          if (q->url() == "/held") {
            r->Write("part");
            held.push_back(r);
          } else {
            r->End("x");
          }
        });
    server->on.close([&, name] { process.Log(name, "close event"); });
    server->on.listening([&, name, act, next] {
      raw("fresh", "");
      raw("kept", Get("/kept"));
      raw("busy", Get("/held"));
      raw("half", "GET /half HT");
      raw("body", Get("/held", "1.1", "Content-Length: 5\r\n", "POST") + "ab");
      After(200, [&, name, act] {
        process.Log(name, "act");
        act(*server);
      });
      After(400, [&, name] {
        process.Log(name, "answer");
        for (const Response& r : held) r->End("rest");
      });
      After(600, [&, name] {
        process.Log(name, "all");
        server->CloseAllConnections();
        if (name != "all") server->Close(Answered(name, "again"));
      });
      After(800, next);
    });
    server->Listen(0, "127.0.0.1");
  };
  const auto third = [&] {
    run(
        "all",
        [&](http::Server& s) {
          s.Close(Answered("all", "closed"));
          s.CloseAllConnections();
        },
        [] {});
  };
  const auto second = [&] {
    run(
        "idle", [](http::Server& s) { s.CloseIdleConnections(); }, third);
  };
  run(
      "close", [&](http::Server& s) { s.Close(Answered("close", "closed")); },
      second);
  EXPECT_EQ(process.Run(), RecordedLines("v20/97-http-closing"));
}

TEST_P(V20HttpClosingTimed, Case104ResponsesThatAreCutShort) {
  const std::vector<std::string> answers = {
      "",
      "HTTP/1.1 200 OK\r\nContent-Le",
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwi",
      "HTTP/1.1 200 OK\r\n\r\nuntil the end",
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
      "Content-Length: 2\r\n\r\nok",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
      "HTTP/1.1 200 OK\r\n\r\n",
      "garbage\r\n\r\n",
      "HTTP/1.1 204 No Content\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"};
  size_t k = 0;
  const auto server = Server::Create(process.stack(), [&](const auto& s) {
    WatchErrors(s, "srv");
    s->on.data.Once([&, s](absl::string_view) {
      const std::string& answer = answers[k / 2];
      if (k++ % 2 == 0) {
        s->End(answer);
        return;
      }
      s->Write(answer);
      After(20, [s] { s->ResetAndDestroy(); });
    });
    s->on.end([&] { process.Log("srv", "end"); });
    s->on.close([&](bool) { process.Log("srv", "close"); });
  });
  std::function<void()> next = [&] {
    if (k == 2 * answers.size()) return server->Close();
    process.Log("main", "answer ", k);
    http::RequestOptions options;
    options.port = server->address()->port;
    const auto q = http::Get(process.stack(), options);
    q->on.information([&](const http::IncomingMessage& i) {
      process.Log("c.req", "information ", i.status_code());
    });
    q->on.response([&](const Request& r) {
      process.Log("c.req", "response ", r->status_code());
      http::IncomingMessage* const m = r.get();
      m->on.data(
          [&](absl::string_view d) { process.Log("c.res", "data ", d); });
      m->on.end([&, m] { process.Log("c.res", "end ", Bool(m->complete())); });
      WatchEvent(process, m->on.aborted, "c.res", "aborted");
      WatchErrors(r, "c.res");
      m->on.close(
          [&, m] { process.Log("c.res", "close ", Bool(m->complete())); });
    });
    WatchErrors(q, "c.req");
    q->on.close([&] {
      process.Log("c.req", "close");
      After(50, [&] { next(); });
    });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/104-http-cut-responses"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpClosingTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
