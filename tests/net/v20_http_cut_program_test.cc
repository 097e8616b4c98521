// Programs of Node 20 in which a connection goes, or an answer comes, before
// an http exchange is over, recorded here.
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
class V20HttpCut : public V20Program {
 protected:
  template <typename Named>
  void On(Named& event, const std::string& who, const std::string& name) {
    event([this, who, name](auto&&...) { process.Log(who, name); });
  }
  // "actor name", "actor name ERR_...".
  template <typename Named>
  void OnError(Named& event, const std::string& who) {
    event([this, who](const Error& e) {
      process.Log(who, "error ", Described(e));
    });
  }
  void WatchCut(const Request& q, const Response& r) {
    On(q->on.aborted, "s.req", "aborted");
    OnError(q->on.error, "s.req");
    On(q->on.close, "s.req", "close");
    OnError(r->on.error, "s.res");
    On(r->on.finish, "s.res", "finish");
    r->on.close([&, p = r.get()] {
      process.Log("s.res",
                  "close writableFinished=", Bool(p->writable_finished()));
    });
  }
  static void Cut(const std::string& how, const Request& q, const Response& r) {
    if (how == "destroy") r->Destroy();
    if (how == "sock-destroy") r->socket()->Destroy();
    if (how == "reset") r->socket()->ResetAndDestroy();
    if (how == "sock-end") r->socket()->End();
    if (how == "req-destroy") q->Destroy(Error("Error", "mine"));
  }
  std::function<void()> next;
};

TEST_P(V20HttpCut, Case204TheServerCuts) {
  const auto server = Serve([&](const Request& q, const Response& r) {
    const std::vector<std::string> parts = absl::StrSplit(q->url(), '/');
    const std::string how = parts[2];
    process.Log("server", "request ", q->url());
    WatchCut(q, r);
    if (parts[1] == "length") r->SetHeader("Content-Length", "10");
    r->Write("half.", [&, q, r, how](const Error*) {
      process.Log("s.res", "write cb");
      After(10, [&, q, r, how] {
        process.Log("server", how);
        Cut(how, q, r);
      });
    });
  });
  std::vector<std::string> list;
  for (const std::string how :
       {"destroy", "sock-destroy", "reset", "sock-end", "req-destroy"}) {
    list.push_back("/chunked/" + how);
    list.push_back("/length/" + how);
  }
  size_t at = 0;
  next = [&] {
    if (at == list.size()) return server->Close();
    const auto q = http::Get(
        process.stack(), To(server, list[at++]), [&](const Request& r) {
          process.Log("c.req", "response");
          r->on.data(
              [&](absl::string_view d) { process.Log("c.res", "data ", d); });
          On(r->on.aborted, "c.res", "aborted");
          OnError(r->on.error, "c.res");
          On(r->on.end, "c.res", "end");
          r->on.close([&, p = r.get()] {
            process.Log("c.res", "close complete=", Bool(p->complete()));
          });
        });
    OnError(q->on.error, "c.req");
    q->on.close([&] {
      process.Log("c.req", "close");
      After(20, [&] { next(); });
    });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(),
            RecordedLines("v20/204-http-server-destroys-mid-response"));
}

TEST_P(V20HttpCut, Case205HangsUp) {
  const auto agent = http::Agent::Create(process.stack());
  const auto server = Watched([&](const SocketHandle& s) {
    s->on.data([&, p = s.get()](absl::string_view d) {
      const std::string way(d.substr(6, d.find(' ', 6) - 6));
      process.Log("srv.sock", "data ", way);
      if (way == "destroy" || way == "keep") p->Destroy();
      if (way == "reset") p->ResetAndDestroy();
      if (way == "end") p->End();
      if (way == "status") p->End("HTTP/1.1 200 OK\r\n");
    });
    OnError(s->on.error, "srv.sock");
    On(s->on.end, "srv.sock", "end");
    On(s->on.close, "srv.sock", "close");
  });
  const std::vector<std::string> ways = {"destroy", "reset", "end", "status",
                                         "keep"};
  size_t at = 0;
  next = [&] {
    if (at == ways.size()) return server->Close();
    const std::string way = ways[at++];
    http::RequestOptions to;
    to.port = server->address()->port;
    to.path = "/" + way;
    to.method = "POST";
    if (way == "keep") to.agent = agent;
    const auto q = http::Request(process.stack(), to, [&](const Request&) {
      process.Log("c.req", "response");
    });
    q->on.socket([&](const SocketHandle& s) {
      On(s->on.end, "c.sock", "end");
      OnError(s->on.error, "c.sock");
      s->on.close(
          [&](bool had) { process.Log("c.sock", "close ", Bool(had)); });
    });
    q->on.error([&, p = q.get()](const Error& e) {
      process.Log("c.req", "error ", Described(e),
                  " reused=", Bool(p->reused_socket()));
    });
    On(q->on.finish, "c.req", "finish");
    q->on.close([&] {
      process.Log("c.req", "close");
      Immediate([&] { next(); });
    });
    q->End("body");
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/205-http-hang-ups"));
}

TEST_P(V20HttpCut, Case208PipelinesUnderPressure) {
  const std::string big(300000, 'x');
  const auto server = Serve([&](const Request& q, const Response& r) {
    const std::string url = q->url();
    process.Log("server", "request ", url);
    r->send_date = false;
    On(r->on.finish, "s.res", "finish " + url);
    On(r->on.close, "s.res", "close " + url);
    r->End(big);
    process.Log("server", "end -> ", url,
                " true needDrain=", Bool(r->writable_need_drain()));
  });
  server->on.connection([&](const SocketHandle& s) {
    On(s->on.pause, "s.sock", "pause");
    On(s->on.resume, "s.sock", "resume");
    On(s->on.drain, "s.sock", "drain");
    On(s->on.close, "s.sock", "close");
  });
  size_t got = 0;
  server->on.listening([&] {
    const auto c = ConnectTo(server);
    c->Pause();
    c->on.connect([&, c] {
      std::string all;
      for (int i = 1; i <= 20; ++i) {
        absl::StrAppend(&all, "GET /", i, " HTTP/1.1\r\nHost: x\r\n",
                        i == 20 ? "Connection: close\r\n" : "", "\r\n");
      }
      c->Write(all);
      After(50, [&, c] {
        process.Log("client", "resume");
        c->Resume();
      });
    });
    c->on.data([&](absl::string_view d) { got += d.size(); });
    c->on.end([&] { process.Log("client", "end ", Bool(got > 6000000)); });
    c->on.close([&](bool) {
      process.Log("client", "close");
      server->Close();
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/208-http-pipeline-pressure"));
}

TEST_P(V20HttpCut, Case209AnswersEarly) {
  const auto agent = http::Agent::Create(process.stack());
  agent->on.free([&](const SocketHandle&) { process.Log("c.sock", "free"); });
  const auto server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request ", q->url());
    On(q->on.end, "s.req", "end");
    On(q->on.close, "s.req", "close");
    On(q->on.aborted, "s.req", "aborted");
    On(r->on.finish, "s.res", "finish");
    On(r->on.close, "s.res", "close");
    if (q->url() != "/unread") {
      q->on.data(
          [&](absl::string_view d) { process.Log("s.req", "data ", d); });
    }
    OnError(q->on.error, "s.req");
    if (q->url() == "/close") r->SetHeader("Connection", "close");
    r->End("early");
  });
  server->on.connection([&](const SocketHandle& s) {
    On(s->on.end, "s.sock", "end");
    On(s->on.close, "s.sock", "close");
  });
  const std::vector<std::string> paths = {"/read", "/unread", "/close",
                                          "/destroyed"};
  size_t at = 0;
  next = [&] {
    if (at == paths.size()) {
      agent->Destroy();
      return server->Close();
    }
    const std::string path = paths[at++];
    http::RequestOptions to = To(server, path);
    to.agent = agent;
    to.method = "POST";
    const auto q = http::Request(process.stack(), to);
    On(q->on.finish, "c.req", "finish");
    On(q->on.drain, "c.req", "drain");
    OnError(q->on.error, "c.req");
    q->on.socket([&, p = q.get()](const SocketHandle& s) {
      process.Log("c.req", "socket ", Bool(p->reused_socket()));
      if (p->reused_socket()) return;
      On(s->on.end, "c.sock", "end");
      On(s->on.close, "c.sock", "close");
    });
    q->on.response([&](const Request& r) {
      process.Log("c.req", "response");
      On(r->on.end, "c.res", "end");
      On(r->on.close, "c.res", "close");
      On(r->on.aborted, "c.res", "aborted");
      r->on.data(
          [&](absl::string_view d) { process.Log("c.res", "data ", d); });
      OnError(r->on.error, "c.res");
    });
    q->on.close([&] {
      process.Log("c.req", "close");
      After(20, [&] { next(); });
    });
    q->Write("part1", [&](const Error*) { process.Log("c.req", "write cb"); });
    After(20, [&, q, path] {
      process.Log("main", "late part");
      if (path == "/destroyed") return q->Destroy();
      q->End("part2", [&] { process.Log("c.req", "end cb"); });
    });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/209-http-early-response"));
}

TEST_P(V20HttpCut, Case220DropsThreeAtOnce) {
  std::shared_ptr<http::Server> server;
  std::shared_ptr<http::Agent> agent;
  std::vector<std::pair<Request, Response>> held;
  std::string way;
  const auto drop = [&](const Request& q, const Response& r) {
    if (way == "destroy") r->Destroy();
    if (way == "reset") q->socket()->ResetAndDestroy();
    if (way != "respond-destroy") return;
    r->Write("part");
    q->Destroy(Error("Error", "mine"));
  };
  const auto serve = [&](const Request& q, const Response& r) {
    const std::string url = q->url();
    process.Log("server", "request ", url);
    On(q->on.aborted, "s.req" + url, "aborted");
    On(q->on.close, "s.req" + url, "close");
    OnError(q->on.error, "s.req" + url);
    On(r->on.finish, "s.res" + url, "finish");
    On(r->on.close, "s.res" + url, "close");
    held.push_back({q, r});
    if (held.size() < 3) return;
    if (url == "/4") return r->End("four");
    Tick([&] { process.Log("main", "tick"); });
    Immediate([&] { process.Log("main", "immediate"); });
    if (way == "closeAll") return server->CloseAllConnections();
    for (const auto& [request, response] : held) drop(request, response);
  };
  int left = 0;
  const auto ask = [&](int i) {
    const std::string who = absl::StrCat("req", i);
    http::RequestOptions to = To(server, absl::StrCat("/", i));
    to.agent = agent;
    const auto q = http::Get(process.stack(), to);
    q->on.socket([&, who, p = q.get()](const SocketHandle& s) {
      process.Log(who, "socket reused=", Bool(p->reused_socket()));
      s->on.close(
          [&, who](bool had) { process.Log(who, "sock close ", Bool(had)); });
    });
    q->on.response([&, who](const Request& r) {
      process.Log(who, "response");
      r->Resume();
      On(r->on.aborted, who, "aborted");
      On(r->on.end, who, "end");
      On(r->on.close, who, "close");
      r->on.error([&, who](const Error& e) {
        process.Log(who, "res error ", Described(e));
      });
    });
    OnError(q->on.error, who);
    q->on.close([&, who] {
      process.Log(who, "req close");
      if (--left > 0) return;
      agent->Destroy();
      server->Close([&](const Error*) { After(20, [&] { next(); }); });
    });
  };
  const std::vector<std::string> ways = {"closeAll", "destroy", "reset",
                                         "respond-destroy"};
  size_t k = 0;
  next = [&] {
    if (k == ways.size()) return;
    way = ways[k++];
    process.Log("main", "--- ", way);
    held.clear();
    http::Agent::Options three;
    three.max_sockets = 3;
    agent = http::Agent::Create(process.stack(), three);
    server = Serve(serve);
    server->on.listening([&] {
      left = 4;
      for (int i = 1; i <= 4; ++i) ask(i);
    });
    server->Listen(0, "127.0.0.1");
  };
  next();
  EXPECT_EQ(process.Run(), RecordedLines("v20/220-http-many-hang-ups"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpCut, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
