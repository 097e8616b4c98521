// Programs of Node 20 about answers and who takes them, recorded here:
// informational ones, too many requests, bodies that nobody reads, connections
// that are closed or never come.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20HttpAnswer : public V20Program {};
class V20HttpAnswerTimed : public V20Program {};

std::string FieldOf(const Request& r, const char* name) {
  const std::string* const value = r->headers().Find(name);
  return value == nullptr ? "-" : *value;
}

TEST_P(V20HttpAnswer, Case139Informs) {
  const auto cb = [&](const std::string& name) {
    return [&, name](const Error*) { process.Log("s.res", "cb ", name); };
  };
  const auto plain = [&](const Request& q, const Response& r) {
    r->send_date = false;
    r->WriteProcessing(cb("102"));
    r->WriteEarlyHints({{"link", "</a>; rel=x"}, {"x-h", "1"}}, cb("103"));
    r->WriteContinue(cb("100"));
    q->on.data([&](absl::string_view d) { process.Log("s.req", "data ", d); });
    q->on.end([r] { r->End("done"); });
  };
  const auto server = http::Server::Create(process.stack(), plain);
  server->on.check_continue([&](const Request& q, const Response& r) {
    process.Log("server", "checkContinue ", q->url());
    if (q->url() == "/no") {
      r->send_date = false;
      r->status_code = 417;
      r->End("no");
    } else {
      r->WriteContinue();
      plain(q, r);
    }
  });
  const auto one = [&](const std::string& path, bool expects,
                       std::function<void()> next) {
    http::RequestOptions to = To(server, path);
    to.method = "POST";
    if (expects) {
      to.headers = {{"expect", "100-continue"}, {"content-length", "4"}};
    }
    const auto q = http::Request(process.stack(), to);
    q->on.response([&, q](const Request& r) {
      process.Log("c", "response ", r->status_code(), " ",
                  FieldOf(r, "connection"));
      r->on.data(
          [&](absl::string_view d) { process.Log("c.res", "data ", d); });
      r->on.end([&, q] {
        process.Log("c.res", "end");
        if (!q->writable_ended()) q->End("late");
      });
    });
    q->on.continued([&, expects, q] {
      process.Log("c", "continue");
      if (expects && !q->writable_ended()) q->End("body");
    });
    q->on.information([&](const http::IncomingMessage& m) {
      process.Log("c", "information ", m.status_code(), " ", m.status_message(),
                  " ", Object(m.headers()));
    });
    WatchEvent(process, q->on.finish, "c", "finish");
    WatchErrors(q, "c");
    q->on.close([&, next] {
      process.Log("c", "close");
      next();
    });
    if (expects) {
      q->SetTimeout(absl::ZeroDuration());
      q->FlushHeaders();
    } else {
      q->End("plain");
    }
  };
  server->on.listening([&] {
    one("/a", false, [&] {
      one("/yes", true, [&] { one("/no", true, [&] { server->Close(); }); });
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/139-http-informational"));
}

TEST_P(V20HttpAnswerTimed, Case140ClosesAll) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        const std::string url = q->url();
        process.Log("server", "request ", url);
        WatchEvent(process, r->on.close, "s.res", "close " + url);
        q->on.error([&, url](const Error& e) {
          process.Log("s.req", "error ", url, " ", Described(e));
        });
        WatchEvent(process, q->on.aborted, "s.req", "aborted " + url);
        if (url == "/done") r->End("ok");
        if (url == "/part") r->Write("part");
      });
  const auto open = [&](const std::string& k, const std::string& text) {
    const auto c = ConnectTo(server);
    c->on.connect([c, text] {
      if (!text.empty()) c->Write(text);
    });
    c->on.data([](absl::string_view) {});
    c->on.end([&, k] { process.Log(k, "end"); });
    WatchErrors(c, k);
    c->on.close([&, k](bool) { process.Log(k, "close"); });
  };
  const auto get = [](const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
  };
  const auto close = [&] {
    process.Log("server", "left ", server->connections());
    server->Close([&](const Error*) { process.Log("server", "close"); });
    process.Log("server", "all");
    server->CloseAllConnections();
  };
  server->on.listening([&] {
    open("silent", "");
    open("half", "GET / HT");
    open("done", get("/done"));
    open("held", get("/held"));
    open("part", get("/part"));
    open("body",
         "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
    After(60, [&] {
      process.Log("server", "idle");
      server->CloseIdleConnections();
      After(60, close);
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/140-http-close-all"));
}

TEST_P(V20HttpAnswerTimed, Case141ServesNoMoreRequests) {
  http::Server::Options limits;
  limits.max_requests_per_socket = 2;
  limits.max_headers_count = 4;
  const auto server = http::Server::Create(
      process.stack(), limits, [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("server", "request ", q->url(), " ",
                    q->headers().fields().size());
        q->Resume();
        r->End(q->url());
      });
  server->on.drop_request([&](const Request& q, const SocketHandle& s) {
    process.Log("server", "dropRequest ", q->url(), " ", Bool(s->writable()));
  });
  const auto agent = http::Agent::Create(process.stack());
  int n = 0;
  std::function<void()> next = [&] {
    if (n++ == 4) {
      agent->Destroy();
      server->Close();
      return;
    }
    http::RequestOptions to = To(server, absl::StrCat("/k", n));
    to.agent = agent;
    const auto q = http::Get(process.stack(), to);
    q->on.response([&, p = q.get()](const Request& r) {
      process.Log("c", "response ", r->status_code(), " ",
                  FieldOf(r, "connection"), " ", FieldOf(r, "keep-alive"), " ",
                  Bool(p->reused_socket()));
      r->Resume();
    });
    WatchErrors(q, "c");
    q->on.close([&] {
      process.Log("c", "close");
      After(20, [&] { next(); });
    });
  };
  std::string all;
  server->on.listening([&] {
    const auto get = [](const std::string& path) {
      return absl::StrCat("GET ", path,
                          " HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 2\r\nC: 3\r\n"
                          "D: 4\r\n\r\n");
    };
    const auto c = ConnectTo(server);
    c->Write(get("/1") + get("/2") + get("/3") + get("/4"));
    c->on.data([&](absl::string_view d) { absl::StrAppend(&all, d); });
    c->on.end([&] { process.Log("c", "end"); });
    c->on.close([&](bool) {
      const std::vector<std::string> lines = absl::StrSplit(all, '\n');
      for (const std::string& line : lines) {
        const bool date = line.rfind("Date: ", 0) == 0;
        process.Log("c", Quoted(date ? "Date: X\r" : line));
      }
      next();
    });
    After(80, [c] { c->End(); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/141-http-max-requests"));
}

TEST_P(V20HttpAnswerTimed, Case142NobodyReads) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        r->End(std::string(std::stoul(q->url().substr(1)), 'x'));
        WatchEvent(process, r->on.close, "s.res", "close " + q->url());
      });
  http::Agent::Options one;
  one.max_sockets = 1;
  const auto agent = http::Agent::Create(process.stack(), one);
  const auto get = [&](const std::string& path) {
    http::RequestOptions to = To(server, path);
    to.agent = agent;
    return http::Get(process.stack(), to);
  };
  server->on.listening([&] {
    const auto a = get("/10");
    WatchEvent(process, a->on.close, "a", "close");
    const auto b = get("/20");
    b->on.response([&](const Request& r) {
      process.Log("b", "response");
      WatchEvent(process, r->on.end, "b", "end");
      WatchEvent(process, r->on.close, "b", "res close");
      // readableLength is not there.
      After(60, [&, r] {
        process.Log("b", "complete ", Bool(r->complete()), " 20");
        r->on.data(
            [&](absl::string_view d) { process.Log("b", "data ", d.size()); });
      });
    });
    WatchEvent(process, b->on.close, "b", "close");
    const auto c = get("/30");
    c->on.response([&, c](const Request& r) {
      process.Log("c", "response ", Bool(c->reused_socket()));
      r->Resume();
      WatchEvent(process, r->on.end, "c", "end");
    });
    c->on.close([&] {
      process.Log("c", "close");
      agent->Destroy();
      server->Close();
    });
    c->on.socket([&](const SocketHandle&) { process.Log("c", "socket"); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/142-http-no-consumer"));
}

TEST_P(V20HttpAnswer, Case143NeverConnects) {
  const uint16_t port = process.UnusedPort();
  const auto agent = http::Agent::Create(process.stack());
  const auto lookup = [&](absl::string_view, AddressFamily,
                          ResolveCallback done) {
    const auto kept = std::make_shared<ResolveCallback>(std::move(done));
    Immediate([kept] { (*kept)(Resolution{"ENOTFOUND", {}}); });
  };
  http::RequestOptions plain;
  plain.port = port;
  plain.method = "POST";
  http::RequestOptions kept = plain;
  kept.agent = agent;
  http::RequestOptions named = plain;
  named.host = "nowhere.invalid";
  named.lookup = lookup;
  http::RequestOptions named_kept = named;
  named_kept.agent = agent;
  using Client = std::shared_ptr<http::ClientRequest>;
  using Act = std::function<void(const Client&)>;
  const Act end = [](const Client& q) { q->End(); };
  const std::vector<std::pair<http::RequestOptions, Act>> list = {
      {plain, end},
      {kept,
       [&](const Client& q) {
         q->Write("a", Called("q", "a"));
         q->End("", Called("q", "end"));
       }},
      {named, end},
      {named_kept, end},
      {named,
       [&](const Client& q) {
         q->on.socket([&, q](const SocketHandle&) {
           Immediate([&, q] {
             process.Log("q", "destroy");
             q->Destroy();
           });
         });
         q->End();
       }},
      {kept, [&](const Client& q) {
         q->Abort();
         WatchEvent(process, q->on.abort, "q", "abort");
         q->End();
       }}};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == list.size()) {
      agent->Destroy();
      return;
    }
    const auto& [to, act] = list[next++];
    const auto q = http::Request(process.stack(), to);
    q->on.socket([&](const SocketHandle&) { process.Log("q", "socket"); });
    WatchEvent(process, q->on.finish, "q", "finish");
    q->on.error([&, port](const Error& e) {
      process.Log(
          "q", "error ", e.code(), " ", e.syscall(), " ",
          absl::StrReplaceAll(e.message(), {{absl::StrCat(port), "PORT"}}));
    });
    q->on.close([&, p = q.get()] {
      process.Log("q", "close ", Bool(p->destroyed()), " ", Bool(p->aborted()),
                  " ", Bool(p->writable_finished()));
      Immediate([&] { start(); });
    });
    act(q);
  };
  start();
  EXPECT_EQ(process.Run(), RecordedLines("v20/143-http-refused-and-names"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpAnswer, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20HttpAnswerTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
