// Programs of Node 20 about how answers are framed, recorded here: by HTTP/1.0,
// by statuses without a body, by lengths that are wrong, with trailers.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20HttpFraming : public V20Program {
 protected:
  void LogLines(const std::string& text) {
    const std::vector<std::string> lines = absl::StrSplit(text, '\n');
    for (const std::string& line : lines) process.Log("c", Quoted(line));
  }
  using Step = std::function<void(const std::string&, const std::string&)>;
};
class V20HttpFramingTimed : public V20HttpFraming {};

struct OldCase {
  std::string path;
  std::string fields;
  std::string method = "GET";
  std::string version = "1.0";
};

TEST_P(V20HttpFramingTimed, Case120KeepsConnectionsOfHttp10) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        q->Resume();
        WatchEvent(process, r->on.close, "res", "close " + q->url());
        process.Log("req", q->url(), " ", q->http_version(), " ",
                    Bool(r->should_keep_alive()));
        if (q->url() == "/len") r->SetHeader("Content-Length", "2");
        if (q->url() == "/ka") {
          r->SetHeader("Connection", "keep-alive");
          r->SetHeader("Content-Length", "2");
        }
        if (q->url() == "/write") {
          r->Write("a");
          r->End("b");
          return;
        }
        if (q->url() == "/head") r->WriteHead(200, {{"Content-Length", "2"}});
        r->End("ok");
      });
  const std::string keep = "Connection: keep-alive\r\n";
  const std::string close = "Connection: close\r\n";
  const std::vector<OldCase> cases = {{"/", ""},
                                      {"/len", keep},
                                      {"/", keep},
                                      {"/ka", ""},
                                      {"/write", keep},
                                      {"/write", keep + "TE: chunked\r\n"},
                                      {"/head", keep, "HEAD"},
                                      {"/len", close},
                                      {"/len", "", "GET", "1.1"},
                                      {"/len", close, "GET", "1.1"}};
  size_t next = 0;
  std::string all;
  bool done = false;
  std::function<void()> start = [&] {
    if (next == cases.size()) {
      server->Close();
      return;
    }
    const OldCase& one = cases[next++];
    all.clear();
    done = false;
    const auto c = ConnectTo(server);
    c->Write(absl::StrCat(one.method, " ", one.path, " HTTP/", one.version,
                          "\r\nHost: x\r\n", one.fields, "\r\n"));
    c->on.data([&, c](absl::string_view d) {
      absl::StrAppend(&all, d);
      After(100, [&, c] {
        if (std::exchange(done, true)) return;
        process.Log("c", "kept");
        c->End();
      });
    });
    c->on.end([&] {
      if (!std::exchange(done, true)) process.Log("c", "ended by server");
    });
    c->on.close([&](bool) {
      LogLines(all);
      start();
    });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/120-http10-keep-alive"));
}

TEST_P(V20HttpFraming, Case121AnswersWithoutABody) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        q->Resume();
        const std::string url = q->url();
        const std::vector<std::string> parts = absl::StrSplit(url, '/');
        const int code = std::stoi(parts[1]);
        r->on.finish([&, url, p = r.get()] {
          process.Log("res", "finish ", url, " ", Bool(p->headers_sent()), " ",
                      p->writable_bytes());
        });
        WatchEvent(process, r->on.close, "res", "close " + url);
        if (parts[2] == "a") {
          r->status_code = code;
          r->End("body");
        } else if (parts[2] == "b") {
          r->WriteHead(code, {{"Content-Length", "4"}});
          process.Log("res", "write ", Bool(r->Write("body", [&](const Error*) {
                        process.Log("res", "cb");
                      })));
          r->End();
        } else if (parts[2] == "c") {
          r->WriteHead(code, "Because", {{"Transfer-Encoding", "chunked"}});
          r->End("body");
        } else {
          r->status_code = code;
          r->FlushHeaders();
          r->End();
        }
      });
  const std::vector<std::string> cases = {
      "GET /204/a",  "GET /204/b",  "GET /204/c",  "GET /304/a",
      "GET /304/b",  "GET /304/c",  "GET /205/a",  "HEAD /200/a",
      "HEAD /200/b", "HEAD /200/c", "HEAD /200/d", "GET /200/d",
      "GET /500/c",  "GET /299/a",  "GET /999/a",  "DELETE /200/a"};
  size_t next = 0;
  std::string all;
  std::function<void()> start = [&] {
    if (next == cases.size()) {
      server->Close();
      return;
    }
    all.clear();
    const auto c = ConnectTo(server);
    c->Write(cases[next++] +
             " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    c->on.data([&](absl::string_view d) { absl::StrAppend(&all, d); });
    c->on.close([&](bool) {
      LogLines(all);
      start();
    });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/121-http-status-bodies"));
}

TEST_P(V20HttpFramingTimed, Case122LengthsAreWrong) {
  const auto answer = [&](const Request& q, const Response& r) {
    if (q->url() == "/short") {
      r->SetHeader("Content-Length", "2");
      r->End("longer");
    } else if (q->url() == "/long") {
      r->SetHeader("Content-Length", "20");
      r->Write("some");
      r->End("more");
      After(50, [&, s = q->socket()] {
        process.Log("server", "destroys");
        s->Destroy();
      });
    } else if (q->url() == "/zero") {
      r->SetHeader("Content-Length", "0");
      r->End("x");
    } else {
      r->set_strict_content_length(true);
      r->SetHeader("Content-Length", "2");
      r->Write("long");
      try {
        r->End("ok");
      } catch (const Error& e) {
        process.Log("res", "threw ", e.code(), " ", e.message());
      }
      Immediate([s = q->socket()] { s->Destroy(); });
    }
  };
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        q->Resume();
        answer(q, r);
        WatchEvent(process, r->on.finish, "res", "finish " + q->url());
        WatchEvent(process, r->on.close, "res", "close " + q->url());
      });
  http::Agent::Options one;
  one.max_sockets = 1;
  const auto agent = http::Agent::Create(process.stack(), one);
  const std::vector<std::string> paths = {"/short", "/zero", "/strict",
                                          "/long"};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == paths.size()) {
      agent->Destroy();
      server->Close();
      return;
    }
    const std::string path = paths[next++];
    http::RequestOptions to = To(server, path);
    to.agent = agent;
    const auto q = http::Get(process.stack(), to);
    q->on.response([&, path, p = q.get()](const Request& r) {
      process.Log("c.req", "response ", path, " ", Bool(p->reused_socket()));
      r->on.data(
          [&](absl::string_view d) { process.Log("c.res", "data ", d); });
      r->on.end([&, m = r.get()] {
        process.Log("c.res", "end ", Bool(m->complete()));
      });
      WatchEvent(process, r->on.aborted, "c.res", "aborted");
      WatchErrors(r, "c.res");
      r->on.close([&, m = r.get()] {
        process.Log("c.res", "close ", Bool(m->complete()));
      });
    });
    WatchErrors(q, "c.req");
    // No connection serves two of them.
    q->on.socket([&](const SocketHandle& s) {
      s->on.close([&](bool) { process.Log("c.sock", "close"); });
    });
    q->on.close([&, p = q.get()] {
      process.Log("c.req", "close ", Bool(p->destroyed()));
      After(30, [&] { start(); });
    });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/122-http-length-mismatch"));
}

TEST_P(V20HttpFraming, Case134SendsTrailers) {
  const auto field = [](const Request& q, const char* name) {
    const std::string* const value = q->headers().Find(name);
    return value == nullptr ? std::string("-") : *value;
  };
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("s.req", "headers ", field(q, "trailer"), " ",
                    field(q, "transfer-encoding"));
        q->Resume();
        q->on.end([&, q, r] {
          process.Log("s.req", "trailers ", Object(q->trailers()), " ",
                      Array(q->raw_trailers()));
          r->WriteHead(200, {{"Trailer", "X-Sum"}});
          r->Write("body");
          r->AddTrailers({{"X-Sum", "5"}, {"x-other", "a b"}});
          r->End("!");
        });
      });
  const auto ask = [&](const std::string& method, const std::string& trailer) {
    http::RequestOptions to = To(server);
    to.method = method;
    to.headers = {{"Trailer", trailer}};
    return http::Request(process.stack(), to);
  };
  const auto caught = [&](std::function<void()> act) {
    try {
      act();
    } catch (const Error& e) {
      process.Log("c.req", "threw ", e.code(), " ", e.message());
    }
  };
  const auto second = [&] {
    const auto g = ask("GET", "T");
    caught([g] {
      g->AddTrailers({{"T", "v"}});
      g->End();
    });
    caught([g] { g->AddTrailers({{"bad name", "v"}}); });
    WatchErrors(g, "c.req");
    g->on.close([&] {
      process.Log("c.req", "close");
      server->Close();
    });
    g->Destroy();
  };
  server->on.listening([&] {
    const auto q = ask("PUT", "Content-MD5");
    q->on.response([&](const Request& r) {
      process.Log("c.res", "headers ", Object(r->headers()));
      r->on.data(
          [&](absl::string_view d) { process.Log("c.res", "data ", d); });
      r->on.end([&, m = r.get()] {
        process.Log("c.res", "trailers ", Object(m->trailers()), " ",
                    Array(m->raw_trailers()));
      });
    });
    q->Write("x");
    q->AddTrailers({{"Content-MD5", "abc"}, {"X-Two", "2"}});
    q->End();
    q->on.close([&] { second(); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/134-http-trailers"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpFraming, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20HttpFramingTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
