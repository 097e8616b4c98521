// Programs of Node 20 whose client or server goes in the middle of an http
// exchange, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpGone : public V20Program {};

TEST_P(V20HttpGone, Case127DestroysAtEachEvent) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        q->Resume();
        q->on.error([](const Error&) {});
        r->on.error([](const Error&) {});
        r->on.close([&, url = q->url(), p = r.get()] {
          process.Log("s.res", "close ", url, " ",
                      Bool(p->writable_finished()));
        });
        r->Write("a");
        After(30, [r] { r->End("b"); });
      });
  std::vector<std::string> list;
  for (const std::string m : {"now", "socket", "connect", "finish", "response",
                              "data", "end", "close"}) {
    list.push_back(m);
    list.push_back(m + "!");
  }
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == list.size()) {
      server->Close();
      return;
    }
    const std::string who = list[next++];
    const auto q = http::Request(process.stack(), To(server, "/" + who));
    // Destroys at the event of that name.
    const auto hit = [&, who, p = q.get()](const std::string& event) {
      if (who != event && who != event + "!") return;
      process.Log(who, "destroy");
      if (who == event) {
        p->Destroy();
      } else {
        p->Destroy(Error("Error", "mine"));
      }
      process.Log(who, "destroyed ", Bool(p->destroyed()));
    };
    WatchErrors(q, who);
    q->on.socket([&, who, hit](const SocketHandle& s) {
      process.Log(who, "socket");
      hit("socket");
      s->on.connect([&, who, hit] {
        process.Log(who, "connect");
        hit("connect");
      });
      s->on.close([&, who](bool had_error) {
        process.Log(who, "sock close ", Bool(had_error));
      });
    });
    q->on.finish([&, who, hit] {
      process.Log(who, "finish");
      hit("finish");
    });
    q->on.response([&, who, hit](const Request& r) {
      process.Log(who, "response");
      hit("response");
      r->on.data([&, who, hit](absl::string_view d) {
        process.Log(who, "data ", d);
        hit("data");
      });
      r->on.end([&, who, hit] {
        process.Log(who, "end");
        hit("end");
      });
      WatchEvent(process, r->on.aborted, who, "aborted");
      r->on.error([&, who](const Error& e) {
        process.Log(who, "res error ", Described(e));
      });
      r->on.close([&, who, m = r.get()] {
        process.Log(who, "res close ", Bool(m->complete()));
      });
    });
    q->on.close([&, who, hit] {
      process.Log(who, "close");
      hit("close");
      After(60, [&] { start(); });
    });
    q->End();
    hit("now");
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/127-http-destroy-moments"));
}

TEST_P(V20HttpGone, Case131KeptConnectionsDie) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("server", "request ", q->url());
        q->on.error([](const Error&) {});
        const SocketHandle s = q->socket();
        if (q->url() == "/kill") {
          s->Destroy();
        } else if (q->url() == "/reset") {
          s->ResetAndDestroy();
        } else if (q->url() == "/part") {
          r->Write("part");
          Immediate([s] { s->Destroy(); });
        } else if (q->url() == "/after") {
          r->End("x");
          r->on.close([&, s] { Immediate([s] { s->Destroy(); }); });
        } else {
          r->End("ok");
        }
      });
  const auto agent = http::Agent::Create(process.stack());
  const std::vector<std::string> paths = {
      "/ok", "/kill", "/ok", "/reset", "/ok", "/part", "/ok", "/after", "/ok"};
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
    q->on.response([&, path](const Request& r) {
      process.Log("c", "response ", path);
      r->on.data([&](absl::string_view d) { process.Log("c", "data ", d); });
      WatchEvent(process, r->on.end, "c", "end");
      r->on.error([&](const Error& e) {
        process.Log("c", "res error ", Described(e));
      });
      WatchEvent(process, r->on.aborted, "c", "aborted");
      WatchEvent(process, r->on.close, "c", "res close");
    });
    q->on.error([&, p = q.get()](const Error& e) {
      process.Log("c", "error ", Described(e), " ", Bool(p->reused_socket()));
    });
    q->on.close([&, path, p = q.get()] {
      process.Log("c", "close ", path, " ", Bool(p->reused_socket()));
      After(20, [&] { start(); });
    });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/131-http-reused-reset"));
}

TEST_P(V20HttpGone, Case132TheClientGoesInABody) {
  const auto after = [&](const Request& q, const Response& r) {
    process.Log("s.req", "close ", Bool(q->destroyed()), " ",
                Bool(q->aborted()));
    process.Log("s.res", "write ", Bool(r->Write("x", Called("s.res", "x"))));
    r->End("y", Called("s.res", "end"));
    Immediate([&, r] {
      process.Log("s.res", "state ", Bool(r->destroyed()), " ",
                  Bool(r->writable_ended()), " ", Bool(r->writable_finished()),
                  " ", Bool(r->headers_sent()));
    });
  };
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        process.Log("server", "request ", q->url());
        q->on.data(
            [&](absl::string_view d) { process.Log("s.req", "data ", d); });
        WatchEvent(process, q->on.aborted, "s.req", "aborted");
        WatchEvent(process, q->on.end, "s.req", "end");
        q->on.error([&, q](const Error& e) {
          process.Log("s.req", "error ", Described(e), " ",
                      Bool(q->complete()));
        });
        WatchErrors(r, "s.res");
        q->on.close([&, q, r] { after(q, r); });
        WatchEvent(process, r->on.finish, "s.res", "finish");
        WatchEvent(process, r->on.close, "s.res", "close");
      });
  server->on.client_error([&](const Error& e, const SocketHandle& s) {
    process.Log("server", "clientError ", Described(e));
    s->Destroy();
  });
  using Act = std::function<void(Socket&)>;
  const std::vector<Act> acts = {[](Socket& c) { c.Destroy(); },
                                 [](Socket& c) { c.End(); },
                                 [](Socket& c) { c.ResetAndDestroy(); }};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == acts.size()) {
      server->Close();
      return;
    }
    const Act act = acts[next++];
    const auto c = ConnectTo(server);
    WatchErrors(c, "c");
    c->on.data([&](absl::string_view d) {
      const std::vector<std::string> lines = absl::StrSplit(d, "\r\n");
      process.Log("c", "data ", Quoted(lines[0]));
    });
    c->Write("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    After(30, [&, c, act] {
      process.Log("c", "goes");
      act(*c);
    });
    c->on.close([&](bool) {
      process.Log("c", "close");
      After(40, [&] { start(); });
    });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/132-http-client-gone"));
}

TEST_P(V20HttpGone, Case150DestroysBeforeTheSocket) {
  const auto server = http::Server::Create(
      process.stack(), [](const Request&, const Response& r) { r->End(); });
  const auto agent = http::Agent::Create(process.stack());
  size_t next = 0;
  std::function<void()> start = [&] {
    const size_t i = next++;
    if (i == 4) {
      agent->Destroy();
      server->Close();
      return;
    }
    http::RequestOptions to = To(server);
    if (i >= 2) to.agent = agent;
    const auto q = http::Request(process.stack(), to);
    q->on.socket([&](const SocketHandle&) { process.Log("q", "socket"); });
    WatchEvent(process, q->on.finish, "q", "finish");
    WatchErrors(q, "q");
    q->on.close([&, p = q.get()] {
      process.Log("q", "close ", Bool(p->destroyed()));
      After(30, [&] { start(); });
    });
    q->End("x", Called("q", "end"));
    if (i % 2 == 0) {
      q->Destroy();
    } else {
      q->Destroy(Error("Error", "mine"));
    }
    Tick([&] { process.Log("q", "tick"); });
    Immediate([&] { process.Log("q", "immediate"); });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/150-http-destroyed-at-once"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpGone, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
