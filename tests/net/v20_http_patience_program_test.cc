// Programs of Node 20 about the timeouts of http's connections, recorded here:
// who hears them, what sets them. Simulated only.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

using absl::Milliseconds;

class V20HttpPatience : public V20Program {
 protected:
  void WatchBody(const Request& r, const std::string& actor) {
    r->on.data(
        [this, actor](absl::string_view d) { process.Log(actor, "data ", d); });
    WatchEvent(process, r->on.end, actor, "end");
  }
};

TEST_P(V20HttpPatience, Case136TheServerHears) {
  std::shared_ptr<http::Server> server;
  const auto act = [&](const Request& q, const Response& r) {
    const std::string& path = q->url();
    if (path == "/res") {
      r->SetTimeout(Milliseconds(80), [&, r] {
        process.Log("s.res", "timeout");
        r->End("late");
      });
    } else if (path == "/req") {
      q->SetTimeout(Milliseconds(80), [&, r] {
        process.Log("s.req", "timeout");
        r->End("late");
      });
    } else if (path == "/both") {
      q->SetTimeout(Milliseconds(80));
      r->SetTimeout(Milliseconds(80));
      WatchEvent(process, q->on.timeout, "s.req", "timeout");
      r->on.timeout([&, s = q->socket()] {
        process.Log("s.res", "timeout");
        s->Destroy();
      });
    } else if (path == "/none") {
      r->SetTimeout(Milliseconds(80));
    } else if (path == "/server") {
      server->on.timeout([&](const SocketHandle& s) {
        process.Log("server", "timeout");
        s->Destroy();
      });
      r->SetTimeout(Milliseconds(80));
    } else {
      r->Write("a");
      r->SetTimeout(Milliseconds(80));
      After(50, [r] { r->Write("b"); });
      r->on.timeout([&, r] {
        process.Log("s.res", "timeout");
        r->End("c");
      });
    }
  };
  server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("server", "request ", q->url());
        WatchEvent(process, q->on.close, "s.req", "close");
        WatchEvent(process, r->on.close, "s.res", "close");
        WatchErrors(q, "s.req");
        act(q, r);
      });
  const std::vector<std::string> paths = {"/res",  "/req",   "/both",
                                          "/none", "/rearm", "/server"};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == paths.size()) {
      server->Close();
      return;
    }
    const std::string path = paths[next++];
    const auto q = http::Get(process.stack(), To(server, path));
    q->on.response([&](const Request& r) {
      process.Log("c", "response");
      WatchBody(r, "c");
    });
    WatchErrors(q, "c");
    q->on.close([&, path] {
      process.Log("c", "close ", path);
      After(40, [&] { start(); });
    });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/136-http-server-timeouts"));
}

struct Patient {
  std::string path;
  int option_ms;  // 0: none
  std::function<void(const std::shared_ptr<http::ClientRequest>&)> act;
};

TEST_P(V20HttpPatience, Case137TheClientHears) {
  using Client = std::shared_ptr<http::ClientRequest>;
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        q->on.error([](const Error&) {});
        if (q->url() == "/slow") {
          After(200, [r] { r->End("ok"); });
        } else {
          r->Write("part");
          After(200, [r] { r->End("rest"); });
        }
      });
  const std::vector<Patient> list = {
      {"/slow", 80, [](const Client&) {}},
      {"/slow", 0,
       [&](const Client& q) {
         q->SetTimeout(Milliseconds(80),
                       [&] { process.Log("c", "cb timeout"); });
       }},
      {"/slow", 500, [](const Client& q) { q->SetTimeout(Milliseconds(80)); }},
      {"/slow", 80,
       [](const Client& q) { q->on.timeout([q] { q->Destroy(); }); }},
      {"/slow", 80,
       [](const Client& q) {
         q->on.timeout([q] { q->Destroy(Error("Error", "slow")); });
       }},
      {"/part", 80,
       [&](const Client& q) {
         q->on.response([&](const Request& r) {
           WatchEvent(process, r->on.timeout, "c.res", "timeout");
         });
       }},
      {"/part", 0,
       [&](const Client& q) {
         q->on.response([&, q](const Request& r) {
           r->SetTimeout(Milliseconds(80), [&, q] {
             process.Log("c.res", "cb timeout");
             q->Destroy();
           });
         });
       }},
      {"/slow", 0, [](const Client& q) {
         q->SetTimeout(Milliseconds(80));
         q->SetTimeout(absl::ZeroDuration());
       }}};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == list.size()) {
      server->Close();
      return;
    }
    const Patient& one = list[next++];
    http::RequestOptions to = To(server, one.path);
    if (one.option_ms > 0) to.timeout = Milliseconds(one.option_ms);
    const auto q = http::Get(process.stack(), to);
    q->on.response([&](const Request& r) {
      process.Log("c", "response");
      WatchBody(r, "c.res");
      WatchErrors(r, "c.res");
      WatchEvent(process, r->on.aborted, "c.res", "aborted");
    });
    WatchEvent(process, q->on.timeout, "c", "timeout");
    WatchErrors(q, "c");
    q->on.close([&] {
      process.Log("c", "close");
      After(150, [&] { start(); });
    });
    one.act(q);
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/137-http-client-timeouts"));
}

TEST_P(V20HttpPatience, Case219KeepsConnectionsAsLongAsTheHint) {
  http::Server::Options short_kept;
  short_kept.keep_alive_timeout = Milliseconds(100);
  const auto server = Serve(
      [&](const Request& q, const Response& r) {
        process.Log("server", "request ", q->url());
        if (q->url() == "/nohint") r->SetHeader("Keep-Alive", "max=5");
        r->End("x");
      },
      short_kept);
  server->on.connection([&](const SocketHandle& s) {
    WatchEvent(process, s->on.timeout, "s.sock", "timeout");
    WatchEvent(process, s->on.end, "s.sock", "end");
    s->on.close([&](bool) { process.Log("s.sock", "close"); });
  });
  http::Agent::Options options;
  options.timeout = Milliseconds(3000);
  const auto agent = http::Agent::Create(process.stack(), options);
  std::function<void()> next;
  const auto get = [&](const std::string& path) {
    http::RequestOptions to = To(server, path);
    to.agent = agent;
    const auto q = http::Get(process.stack(), to, [&, path](const Request& r) {
      process.Log(path, "response ", *r->headers().Find("keep-alive"));
      r->Resume();
    });
    q->on.socket([&, path, p = q.get()](const SocketHandle& s) {
      process.Log(path, "socket reused=", Bool(p->reused_socket()), " ",
                  absl::ToInt64Milliseconds(s->timeout()));
      if (p->reused_socket()) return;
      WatchEvent(process, s->on.end, "c.sock", "end");
      WatchEvent(process, s->on.timeout, "c.sock", "timeout");
      s->on.close(
          [&](bool had) { process.Log("c.sock", "close ", Bool(had)); });
    });
    WatchErrors(q, path);
    q->on.close([&, path] {
      process.Log(path, "close");
      next();
    });
  };
  const std::vector<std::pair<std::string, int>> list = {
      {"/1", 0},       {"/before", 60}, {"/after", 1300},
      {"/nohint", 20}, {"/again", 200}, {"/last", 2000}};
  size_t k = 0;
  next = [&] {
    if (k < list.size()) {
      const auto& [path, ms] = list[k++];
      return After(ms, [&, path = path] { get(path); });
    }
    After(30, [&] {
      process.Log("main", "destroy ", agent->free_sockets());
      agent->Destroy();
      server->Close();
    });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/219-http-keep-alive-timeout"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpPatience, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
