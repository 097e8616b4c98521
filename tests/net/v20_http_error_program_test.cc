// Programs of Node 20 about http servers whose connections go wrong, recorded
// here: what is no request, destroyed messages, answers that are cut.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20HttpError : public V20Program {
 protected:
  // All that may happen to the messages of an exchange.
  void WatchBoth(const Request& q, const Response& r) {
    WatchErrors(q, "s.req");
    WatchEvent(process, q->on.aborted, "s.req", "aborted");
    WatchEvent(process, q->on.close, "s.req", "close");
    WatchErrors(r, "s.res");
  }
  void WatchResponse(const Request& r) {
    process.Log("c", "response");
    r->on.data(
        [this](absl::string_view d) { process.Log("c.res", "data ", d); });
    WatchEvent(process, r->on.end, "c.res", "end");
    WatchErrors(r, "c.res");
    WatchEvent(process, r->on.aborted, "c.res", "aborted");
  }
};
class V20HttpErrorTimed : public V20HttpError {};

std::string WithoutDate(absl::string_view text) {
  std::string all(text);
  for (size_t at = 0; (at = all.find("Date: ", at)) != std::string::npos;
       ++at) {
    all.replace(at, all.find('\r', at) - at, "Date: X");
  }
  return all;
}

TEST_P(V20HttpError, Case135HearsOfClientErrors) {
  const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::vector<std::string> bad = {
      "bad\r\n\r\n", get + "bad\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET /held HTTP/1.1\r\nHost: x\r\n\r\nbad\r\n\r\n"};
  std::vector<Response> held;
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("server", "request ", q->url());
        WatchBoth(q, r);
        r->on.close([&, p = r.get()] {
          process.Log("s.res", "close ", Bool(p->writable_finished()));
        });
        q->Resume();
        if (q->url() == "/held") {
          held.push_back(r);
        } else {
          r->End("ok");
        }
      });
  size_t next = 0;
  std::function<void()> then;
  std::function<void()> run = [&] {
    if (next == bad.size()) {
      then();
      return;
    }
    const auto c = ConnectTo(server);
    c->Write(bad[next++]);
    c->on.data([&](absl::string_view d) {
      process.Log("c", "data ", Quoted(WithoutDate(d)));
    });
    c->on.end([&] { process.Log("c", "end"); });
    WatchErrors(c, "c");
    c->on.close([&](bool) {
      process.Log("c", "close");
      Immediate([&] { run(); });
    });
  };
  const auto second = [&] {
    server->on.client_error([&](const Error& e, const SocketHandle& s) {
      process.Log("server", "clientError ", Described(e), " ",
                  Bool(s->writable()), " ", Bool(s->destroyed()));
      if (s->writable()) {
        s->End("HTTP/1.1 400 Mine\r\n\r\n");
      } else {
        s->Destroy();
      }
    });
    next = 0;
    then = [&] { server->Close(); };
    run();
  };
  then = second;
  server->on.listening([&] { run(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/135-http-client-error-listener"));
}

TEST_P(V20HttpErrorTimed, Case138DestroysItsConnection) {
  using Act = std::function<void(const Request&, const Response&)>;
  const Error mine("Error", "mine");
  const std::vector<std::pair<std::string, Act>> acts = {
      {"/end",
       [](const Request& q, const Response& r) {
         q->socket()->End();
         r->End("x");
       }},
      {"/destroy",
       [&](const Request& q, const Response& r) {
         q->socket()->Destroy();
         r->End("x");
         process.Log("s.res", "ended ", Bool(r->writable_ended()), " ",
                     Bool(r->writable_finished()));
       }},
      {"/error",
       [&](const Request& q, const Response&) { q->socket()->Destroy(mine); }},
      {"/reqd",
       [](const Request& q, const Response& r) {
         q->Destroy();
         r->End("x");
       }},
      {"/reqe", [&](const Request& q, const Response&) { q->Destroy(mine); }},
      {"/resd",
       [&](const Request& q, const Response& r) {
         r->Destroy();
         process.Log("s.res", "destroyed ", Bool(r->destroyed()), " ",
                     Bool(q->destroyed()));
       }},
      {"/rese",
       [&](const Request&, const Response& r) {
         r->Write("a");
         r->Destroy(mine);
       }},
      {"/soon",
       [](const Request& q, const Response& r) {
         r->Write("a");
         q->socket()->DestroySoon();
       }},
      {"/after", [](const Request& q, const Response& r) {
         r->End("x", [s = q->socket()] { s->Destroy(); });
       }}};
  size_t next = 0;
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        WatchBoth(q, r);
        WatchEvent(process, r->on.finish, "s.res", "finish");
        WatchEvent(process, r->on.close, "s.res", "close");
        q->socket()->on.close.Once([&](bool had_error) {
          process.Log("s.sock", "close ", Bool(had_error));
        });
        acts[next - 1].second(q, r);
      });
  server->on.client_error([&](const Error& e, const SocketHandle& s) {
    process.Log("server", "clientError ", Described(e));
    s->Destroy();
  });
  std::function<void()> start = [&] {
    if (next == acts.size()) {
      server->Close();
      return;
    }
    const std::string path = acts[next++].first;
    const auto q = http::Get(process.stack(), To(server, path));
    q->on.response([&](const Request& r) { WatchResponse(r); });
    WatchErrors(q, "c");
    q->on.close([&, path] {
      process.Log("c", "close ", path);
      After(30, [&] { start(); });
    });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/138-http-socket-destroyed"));
}

TEST_P(V20HttpErrorTimed, Case147AnswersAreCut) {
  const std::string big(16 << 20, 'x');
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        WatchBoth(q, r);
        WatchEvent(process, r->on.drain, "s.res", "drain");
        r->on.finish([&, p = r.get()] {
          process.Log("s.res", "finish ", Bool(p->writable_finished()));
        });
        r->on.close([&, p = r.get()] {
          process.Log("s.res", "close ", Bool(p->writable_finished()), " ",
                      Bool(p->destroyed()));
        });
        if (q->url() == "/write") {
          const auto cb = [&](const Error* e) {
            process.Log("s.res", "cb ", e == nullptr ? "null" : Described(*e));
          };
          process.Log("s.res", "write ", Bool(r->Write(big, cb)));
        } else {
          r->End(big, Called("s.res", "end", "undefined"));
        }
      });
  server->on.client_error([&](const Error& e, const SocketHandle& s) {
    process.Log("server", "clientError ", Described(e));
    s->Destroy();
  });
  using Act = std::function<void(Socket&)>;
  const auto reset = [](Socket& c) { c.ResetAndDestroy(); };
  const std::vector<std::pair<std::string, Act>> acts = {
      {"/write", reset}, {"/end", reset}, {"/end", [](Socket& c) {
                                             c.Destroy();
                                           }}};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == acts.size()) {
      server->Close();
      return;
    }
    const auto& [path, act] = acts[next++];
    const auto c = ConnectTo(server);
    c->Write("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    c->on.data.Once([&, c, act = act](absl::string_view) {
      process.Log("c", "data");
      c->Pause();
      After(50, [&, c, act] {
        process.Log("c", "goes");
        act(*c);
      });
    });
    c->on.error([](const Error&) {});
    c->on.close([&](bool) { After(100, [&] { start(); }); });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/147-http-cut-big-answer"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpError, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20HttpErrorTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
