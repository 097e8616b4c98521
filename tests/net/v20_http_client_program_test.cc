// Programs of Node 20 about http clients, recorded here: what a request looks
// like, informational responses, calls that are wrong, responses that come
// early.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

using ClientRequest = std::shared_ptr<http::ClientRequest>;

class V20HttpClient : public V20Program {};
class V20HttpClientTimed : public V20HttpClient {};

TEST_P(V20HttpClient, Case81InformationalResponsesAndTrailers) {
  const auto server = http::Server::Create(process.stack(), [&](const Request&
                                                                    q,
                                                                const Response&
                                                                    r) {
    r->send_date = false;
    const std::string* expect = q->headers().Find("expect");
    process.Log("server", "request ", expect == nullptr ? "-" : *expect);
    r->WriteProcessing();
    r->WriteEarlyHints({{"link", "</a.css>; rel=preload"}, {"x-hint", "1"}});
    r->SetHeader("Trailer", "X-Sum");
    r->Write("hello ");
    q->on.data([&, r](absl::string_view d) {
      process.Log("s.req", "data ", d);
      r->Write(d);
    });
    q->on.end([&, r, q = q.get()] {
      process.Log("s.req", "end ", Object(q->trailers()), " ",
                  Array(q->raw_trailers()));
      r->AddTrailers({{"X-Sum", "42"}, {"X-More", "a"}});
      r->End();
    });
    WatchEvent(process, r->on.finish, "s.res", "finish");
    WatchEvent(process, r->on.close, "s.res", "close");
  });
  server->on.listening([&] {
    http::RequestOptions options = To(server);
    options.method = "PUT";
    options.headers = {{"Expect", "100-continue"}, {"Trailer", "X-Req"}};
    const auto q = http::Request(process.stack(), options);
    http::ClientRequest* const p = q.get();
    q->FlushHeaders();
    process.Log("c.req", "sent ", Bool(q->headers_sent()));
    q->on.continued([&, p] {
      process.Log("c.req", "continue");
      p->Write("abc");
      p->AddTrailers({{"X-Req", "yes"}});
      p->End("def");
    });
    q->on.information([&](const http::IncomingMessage& i) {
      process.Log("c.req", "information ", i.status_code(), " ",
                  i.status_message(), " ", Object(i.headers()), " ",
                  Array(i.raw_headers()));
    });
    WatchEvent(process, q->on.finish, "c.req", "finish");
    q->on.response([&](const Request& r) {
      process.Log("c.req", "response ", r->status_code(), " ",
                  Object(r->headers()));
      r->on.data(
          [&](absl::string_view d) { process.Log("c.res", "data ", d); });
      r->on.end([&, r = r.get()] {
        process.Log("c.res", "end ", Object(r->trailers()), " ",
                    Array(r->raw_trailers()), " ", Bool(r->complete()));
      });
      WatchEvent(process, r->on.close, "c.res", "close");
    });
    q->on.close([&] {
      process.Log("c.req", "close");
      server->Close();
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/81-http-informational"));
}

TEST_P(V20HttpClientTimed, Case84RequestHeads) {
  const auto server = Server::Create(process.stack(), [&](const auto& s) {
    const auto all = std::make_shared<std::string>();
    s->on.data([all](absl::string_view d) { absl::StrAppend(all.get(), d); });
    After(20, [&, s, all] {
      const std::string port = absl::StrCat(":", s->local_address()->port);
      process.Log("server",
                  Quoted(absl::StrReplaceAll(*all, {{port, ":PORT"}})));
      s->End(
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
  });
  const auto agent = http::Agent::Create(process.stack());
  const auto request = [&](const std::string& method,
                           http::Headers headers = http::Headers()) {
    http::RequestOptions options;
    options.port = server->address()->port;
    options.method = method;
    options.headers = std::move(headers);
    options.agent = agent;
    return options;
  };
  const auto send = [&](const http::RequestOptions& options,
                        absl::string_view body = "") {
    const auto q = http::Request(process.stack(), options);
    q->End(body);
    return q;
  };
  const std::vector<std::function<ClientRequest()>> asks = {
      [&] { return send(request("POST")); },
      [&] {
        return send(request("POST", {{"Content-Length", "0"}}));
      },
      [&] { return send(request("GET"), "body"); },
      [&] {
        const auto q = http::Request(process.stack(), request("GET"));
        q->Write("a");
        q->End("b");
        return q;
      },
      [&] { return send(request("DELETE")); },
      [&] {
        return send(request("PUT", {{"Transfer-Encoding", "chunked"}}), "zz");
      },
      [&] {
        http::RequestOptions options = request("post");
        options.agent = nullptr;
        const auto q = http::Request(process.stack(), options);
        q->FlushHeaders();
        q->End("xyz");
        return q;
      },
      [&] {
        http::RequestOptions options = request(
            "GET", {{"Connection", "close"}, {"X-A", "1"}, {"X-A", "2"}});
        options.set_host = false;
        const auto q = http::Request(process.stack(), options);
        q->SetHeader("X-B", "b");
        q->SetHeader("x-b", "c");
        q->RemoveHeader("X-A");
        q->End();
        return q;
      },
      [&] {
        return send(
            request("HEAD", {{"Host", "h"}, {"Keep-Alive", "timeout=9"}}),
            "dropped");
      },
      [&] {
        http::RequestOptions options = request("OPTIONS");
        options.path = "*";
        return send(options);
      }};
  size_t n = 0;
  std::function<void()> next = [&] {
    if (n == asks.size()) return server->Close();
    const ClientRequest q = asks[n++]();
    q->on.response([](const Request& r) { r->Resume(); });
    WatchErrors(q, "c.req");
    q->on.close([&] { Immediate([&] { next(); }); });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/84-http-request-heads"));
}

// What a call threw, or what it answered.
class V20HttpMisuse : public V20HttpClient {
 protected:
  template <typename Call>
  void Attempt(const std::string& who, const std::string& what, Call call) {
    try {
      if constexpr (std::is_same_v<decltype(call()), bool>) {
        const bool answer = call();
        process.Log(who, what, " ", Bool(answer));
      } else {
        call();
        process.Log(who, what, " fine");
      }
    } catch (const Error& error) {
      process.Log(who, what, " threw ", Described(error));
    }
  }
};

TEST_P(V20HttpMisuse, Case96CallsThatAreWrong) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request&, const Response& r) {
        r->send_date = false;
        WatchErrors(r, "s.res");
        WatchEvent(process, r->on.finish, "s.res", "finish");
        WatchEvent(process, r->on.close, "s.res", "close");
        const auto attempt = [&](const char* what, auto call) {
          Attempt("s.res", what, call);
        };
        attempt("status", [&] { r->WriteHead(99); });
        attempt("name", [&] { r->SetHeader("a b", "c"); });
        attempt("value", [&] { r->SetHeader("x", "a\nb"); });
        attempt("head", [&] { r->WriteHead(200, {{"X-A", "1"}}); });
        attempt("head again", [&] { r->WriteHead(200); });
        attempt("set", [&] { r->SetHeader("X-B", "1"); });
        attempt("append", [&] { r->AppendHeader("X-B", "1"); });
        attempt("remove", [&] { r->RemoveHeader("X-A"); });
        attempt("flush", [&] { r->FlushHeaders(); });
        attempt("write", [&] { return r->Write("a", Called("s.res", "a")); });
        attempt("trailer", [&] { r->AddTrailers({{"a b", "c"}}); });
        attempt("end",
                [&] { r->End("b", [&] { process.Log("s.res", "cb b"); }); });
        attempt("end again", [&] { r->End(); });
        attempt("end with data", [&] { r->End("c"); });
        attempt("write", [&] { return r->Write("d", Called("s.res", "d")); });
      });
  const auto second = [&] {
    http::RequestOptions to = To(server);
    to.method = "POST";
    const auto p = http::Request(process.stack(), to);
    WatchErrors(p, "c.req2");
    p->on.response([&](const Request& r) {
      process.Log("c.req2", "response");
      r->Resume();
    });
    p->on.close([&] {
      process.Log("c.req2", "close");
      server->Close();
    });
    p->End("x");
    Attempt("c.req2", "write",
            [&] { return p->Write("y", Called("c.req2", "y")); });
  };
  server->on.listening([&] {
    http::RequestOptions to = To(server);
    Attempt("main", "path", [&] {
      http::RequestOptions wrong = to;
      wrong.path = "/a b";
      http::Request(process.stack(), wrong);
    });
    Attempt("main", "method", [&] {
      http::RequestOptions wrong = to;
      wrong.method = "G ET";
      http::Request(process.stack(), wrong);
    });
    Attempt("main", "header", [&] {
      http::RequestOptions wrong = to;
      wrong.headers = {{"a:b", "c"}};
      http::Request(process.stack(), wrong);
    });
    to.method = "POST";
    const auto q = http::Request(process.stack(), to);
    WatchErrors(q, "c.req");
    WatchEvent(process, q->on.finish, "c.req", "finish");
    Attempt("c.req", "write",
            [&] { return q->Write("a", Called("c.req", "a")); });
    Attempt("c.req", "set", [&] { q->SetHeader("X-B", "1"); });
    Attempt("c.req", "end",
            [&] { q->End("b", [&] { process.Log("c.req", "cb b"); }); });
    Attempt("c.req", "end again", [&] { q->End(); });
    q->on.response([&](const Request& r) {
      process.Log("c.req", "response ", r->status_code(), " ",
                  Object(r->headers()));
      r->on.data(
          [&](absl::string_view d) { process.Log("c.res", "data ", d); });
      WatchEvent(process, r->on.end, "c.res", "end");
    });
    q->on.close([&] {
      process.Log("c.req", "close");
      second();
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/96-http-misuse"));
}

TEST_P(V20HttpClientTimed, Case102AnswersBeforeTheRequestIsWhole) {
  http::Agent::Options agent_options;
  agent_options.max_sockets = 1;
  agent_options.timeout = absl::ZeroDuration();
  const auto agent = http::Agent::Create(process.stack(), agent_options);
  agent->on.free([&](const SocketHandle&) { process.Log("agent", "free"); });
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("server", "request ", q->url());
        q->on.data([&](absl::string_view d) {
          process.Log("s.req", "data ", d.size());
        });
        WatchEvent(process, q->on.end, "s.req", "end");
        WatchEvent(process, q->on.aborted, "s.req", "aborted");
        WatchErrors(q, "s.req");
        WatchEvent(process, q->on.close, "s.req", "close");
        WatchEvent(process, r->on.finish, "s.res", "finish");
        WatchEvent(process, r->on.close, "s.res", "close");
        if (q->url() == "/close") r->SetHeader("Connection", "close");
        r->End("early");
      });
  server->on.connection([&](const SocketHandle& s) {
    process.Log("server", "connection");
    s->on.close([&](bool) { process.Log("s.sock", "close"); });
  });
  const std::vector<std::string> paths = {"/one", "/two", "/close"};
  size_t n = 0;
  std::function<void()> next = [&] {
    if (n == paths.size()) {
      agent->Destroy();
      server->Close();
      return;
    }
    const std::string path = paths[n++];
    http::RequestOptions options = To(server, path);
    options.agent = agent;
    options.method = "POST";
    const auto q = http::Request(process.stack(), options);
    q->on.socket([&, path, q](const SocketHandle&) {
      process.Log(path, "socket ", Bool(q->reused_socket()));
    });
    WatchEvent(process, q->on.finish, path, "finish");
    q->on.response([&, path, q](const Request& r) {
      process.Log(path, "response");
      r->on.data(
          [&, path](absl::string_view d) { process.Log(path, "data ", d); });
      r->on.end([&, path, q] {
        process.Log(path, "end");
        After(20, [&, path, q] {
          const bool room = q->Write("b");
          process.Log(path, "write ", Bool(room), " ", Bool(q->destroyed()));
          q->End("c");
        });
      });
      WatchEvent(process, r->on.close, path, "res close");
    });
    WatchErrors(q, path);
    q->on.close([&, path] {
      process.Log(path, "close");
      After(20, [&] { next(); });
    });
    q->Write("a");
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/102-http-early-response"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpClient, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20HttpClientTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20HttpMisuse, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
