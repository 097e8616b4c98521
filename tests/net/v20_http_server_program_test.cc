// Programs of Node 20 about http servers, recorded here: how answers are
// framed, expectations, tunnels.
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

class V20HttpServer : public V20Program {
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

TEST_P(V20HttpServer, Case80FramesPipelinedAnswersInOrder) {
  std::vector<std::function<void()>> held;
  const auto answer = [&](const std::string& path, const Response& r) {
    if (path == "/1") {
      r->SetHeader("X-A", "one");
      r->End("body1");
    } else if (path == "/2") {
      r->Write("part");
      r->End("ial");
    } else if (path == "/3") {
      r->WriteHead(204, {{"X-B", "2"}});
      r->End("dropped");
    } else if (path == "/4") {
      r->WriteHead(304);
      process.Log("server", "write ", Bool(r->Write("dropped")));
      r->End();
    } else if (path == "/5") {
      r->SetHeader("Content-Length", "7");
      r->End("ignored");
    } else if (path == "/6") {
      r->SetHeader("Trailer", "X-T");
      r->Write("body");
      r->AddTrailers({{"X-T", "tail"}});
      r->End();
    } else if (path == "/7") {
      r->status_code = 404;
      r->status_message = "Nope";
      r->AppendHeader("Set-Cookie", "a=1");
      r->AppendHeader("Set-Cookie", "b=2");
      r->End();
    } else if (path == "/8") {
      r->WriteHead(200,
                   {{"Transfer-Encoding", "chunked"}, {"Connection", "close"}});
      r->End("last");
    } else {
      r->End("never");
    }
  };
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        const std::string* length = q->headers().Find("content-length");
        process.Log("server", q->method(), " ", q->url(), " ",
                    length == nullptr ? "-" : *length, " ", q->http_version());
        q->Resume();
        const std::string path = q->url();
        WatchEvent(process, r->on.finish, "res", "finish " + path);
        WatchEvent(process, r->on.close, "res", "close " + path);
        held.push_back([&, path, r] { answer(path, r); });
        if (path != "/8") return;
        while (!held.empty()) {
          const auto last = std::move(held.back());
          held.pop_back();
          last();
        }
      });
  std::string all;
  server->on.listening([&] {
    const auto c = Raw(*server);
    c->on.data([&](absl::string_view d) { absl::StrAppend(&all, d); });
    c->on.end([&] {
      const std::vector<std::string> lines = absl::StrSplit(all, '\n');
      for (const std::string& line : lines) process.Log("c", Quoted(line));
    });
    c->on.close([&](bool) { server->Close(); });
    c->Write(Get("/1") + Get("/2") + Get("/3") + Get("/4") +
             Get("/5", "1.1", "", "HEAD") + Get("/6") +
             Get("/7", "1.1", "Content-Length: 3\r\n", "POST") + "abc" +
             Get("/8") + Get("/9"));
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/80-http-framing"));
}

// Of the answers that Node makes itself the Date is not printed.
std::string Fields(const http::Headers& headers) {
  return absl::StrCat(
      "{",
      absl::StrJoin(headers.fields(), "",
                    [](std::string* out, const http::Headers::Field& f) {
                      if (f.name == "date") return;
                      absl::StrAppend(out, out->empty() ? "" : ",",
                                      Quoted(f.name), ":", Quoted(f.value));
                    }),
      "}");
}

TEST_P(V20HttpServer, Case82Expectations) {
  const auto agent = http::Agent::Create(process.stack());
  const auto plain = [&](const Request& q, const Response& r) {
    r->send_date = false;
    const std::string* expect = q->headers().Find("expect");
    process.Log("server", "request ", q->url(), " ",
                expect == nullptr ? "-" : *expect);
    q->Resume();
    q->on.end([r] { r->End("ok"); });
  };
  const auto server = http::Server::Create(process.stack(), plain);
  const auto ask = [&](const std::string& path, const std::string& expect,
                       std::function<void()> next) {
    http::RequestOptions options = To(server, path);
    options.agent = agent;
    options.method = "POST";
    options.headers = {{"Expect", expect}, {"Content-Length", "4"}};
    const auto q = http::Request(process.stack(), options);
    http::ClientRequest* const p = q.get();
    q->on.continued([&, p, path] {
      process.Log("c.req", "continue ", path);
      p->End("body");
    });
    q->on.response([&, p, path](const Request& r) {
      process.Log("c.req", "response ", path, " ", r->status_code(), " ",
                  Fields(r->headers()));
      r->Resume();
      r->on.end([&, p] {
        process.Log("c.res", "end");
        if (!p->writable_ended()) p->End("late");
      });
    });
    WatchEvent(process, q->on.finish, "c.req", "finish");
    WatchErrors(q, "c.req");
    q->on.close([&, path, next] {
      process.Log("c.req", "close ", path);
      next();
    });
    q->FlushHeaders();
  };
  const auto last = [&] {
    server->Close();
    server->CloseAllConnections();
  };
  const auto third = [&] {
    server->on.check_continue([&](const Request& q, const Response& r) {
      process.Log("server", "checkContinue ", q->url());
      r->send_date = false;
      if (q->url() == "/c") {
        r->WriteHead(401, {{"Connection", "close"}});
        r->End("denied");
        return;
      }
      r->WriteContinue([&](const Error*) { process.Log("server", "written"); });
      plain(q, r);
    });
    ask("/c", "100-continue", [&] { ask("/d", "100-Continue", last); });
  };
  const auto second = [&] {
    server->on.check_expectation([&](const Request& q, const Response& r) {
      process.Log("server", "checkExpectation ", *q->headers().Find("expect"));
      r->send_date = false;
      r->WriteHead(418, {{"X-Why", "tea"}});
      r->End("no");
    });
    ask("/b", "coffee", third);
  };
  server->on.listening([&] { ask("/a", "tea", second); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/82-http-expectations"));
}

TEST_P(V20HttpServer, Case83Tunnels) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        process.Log("server", "request ", *q->headers().Find("upgrade"));
        r->send_date = false;
        r->End("plain");
      });
  server->on.connect([&](const Request& q, const SocketHandle& socket,
                         absl::string_view head) {
    process.Log("server", "connect ", q->url(), " ", head);
    Socket* const s = socket.get();
    s->Write("HTTP/1.1 200 OK\r\nX-T: 1\r\n\r\ngreeting");
    s->on.data([&, s](absl::string_view d) {
      process.Log("s.tun", "data ", d);
      s->Write(absl::StrCat("re:", d));
    });
    s->on.end([&, s] {
      process.Log("s.tun", "end");
      s->End();
    });
    s->on.close([&](bool) { process.Log("s.tun", "close"); });
  });
  const auto raw = [&](const std::string& text, std::function<void()> next) {
    const auto c = Raw(*server);
    c->Write(text);
    c->on.data([&, p = c.get()](absl::string_view d) {
      process.Log("raw", "data ", Quoted(d));
      for (const char* word : {"re:", "plain", "bye", "greeting"}) {
        if (!absl::StrContains(d, word)) continue;
        p->End();
        break;
      }
    });
    c->on.end([&] { process.Log("raw", "end"); });
    c->on.close([&, next](bool) {
      process.Log("raw", "close");
      next();
    });
  };
  const std::string upgrade =
      Get("/", "1.1", "Connection: upgrade\r\nUpgrade: ws\r\n");
  const auto unheard_connect = [&] {
    http::RequestOptions options = To(server, "x:1");
    options.method = "CONNECT";
    const auto p = http::Get(process.stack(), options);
    WatchErrors(p, "c.con");
    p->on.close([&] {
      process.Log("c.con", "close");
      server->Close();
    });
  };
  const auto unheard_upgrade = [&] {
    http::RequestOptions options = To(server);
    options.headers = {{"Connection", "Upgrade"}, {"Upgrade", "ws"}};
    const auto q = http::Get(process.stack(), options);
    WatchErrors(q, "c.up");
    q->on.response([&](const Request&) { process.Log("c.up", "response"); });
    q->on.close([&] {
      process.Log("c.up", "close");
      unheard_connect();
    });
  };
  const auto third = [&] {
    server->on.upgrade([&](const Request&, const SocketHandle& s,
                           absl::string_view head) {
      process.Log("server", "upgrade ", Quoted(head));
      s->Write(
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
          "Upgrade: ws\r\n\r\n");
      s->on.data([&](absl::string_view d) { process.Log("s.ws", "data ", d); });
      s->on.end([&] { process.Log("s.ws", "end"); });
      s->on.close([&](bool) { process.Log("s.ws", "close"); });
      s->End("bye");
    });
    raw(upgrade + "head", unheard_upgrade);
  };
  server->on.listening([&] {
    http::RequestOptions options = To(server, "example.org:80");
    options.method = "CONNECT";
    const auto q = http::Request(process.stack(), options);
    http::ClientRequest* const p = q.get();
    q->on.socket([&](const SocketHandle&) { process.Log("c.req", "socket"); });
    q->on.connect([&, p](const Request& r, const SocketHandle& socket,
                         absl::string_view head) {
      process.Log("c.req", "connect ", r->status_code(), " ",
                  Fields(r->headers()), " ", head, " ",
                  Bool(socket == p->socket()), " ", Bool(p->destroyed()));
      Socket* const s = socket.get();
      s->on.data([&, s](absl::string_view d) {
        process.Log("c.tun", "data ", d);
        s->End();
      });
      s->on.end([&] { process.Log("c.tun", "end"); });
      s->on.close([&](bool) {
        process.Log("c.tun", "close");
        raw("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nearly",
            [&] { raw(upgrade, third); });
      });
      s->Write("ping");
    });
    q->on.response([&](const Request&) { process.Log("c.req", "response"); });
    WatchEvent(process, q->on.finish, "c.req", "finish");
    WatchEvent(process, q->on.close, "c.req", "close");
    q->End();
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/83-http-tunnels"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpServer, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
