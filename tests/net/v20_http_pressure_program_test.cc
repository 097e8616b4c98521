// Programs of Node 20 whose http messages write more than there is room for,
// before it is their turn, recorded here; and one over a Unix socket.
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20HttpPressure : public V20Program {};

TEST_P(V20HttpPressure, Case153WritesBeforeItHasASocket) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        const auto got = std::make_shared<size_t>(0);
        q->on.data([got](absl::string_view d) { *got += d.size(); });
        q->on.end([&, got, r] {
          process.Log("s.req", "got ", *got);
          r->End("ok");
        });
      });
  server->on.listening([&] {
    http::RequestOptions to = To(server);
    to.method = "POST";
    const auto q = http::Request(process.stack(), to);
    const auto write = [&, p = q.get()](const std::string& data,
                                        const std::string& name) {
      const bool room = p->Write(data, Called("q", name));
      process.Log("q", "write ", Bool(room), " ",
                  Bool(p->writable_need_drain()));
    };
    q->on.response([&](const Request& r) {
      process.Log("q", "response");
      r->Resume();
      WatchEvent(process, r->on.end, "r", "end");
    });
    q->on.socket([&, p = q.get()](const SocketHandle&) {
      process.Log("q", "socket ", Bool(p->writable_bytes() > 0), " ",
                  Bool(p->writable_need_drain()));
    });
    q->on.drain([&, p = q.get()] {
      process.Log("q", "drain ", Bool(p->writable_need_drain()));
      if (p->writable_ended()) return;
      process.Log("q", "write ", Bool(p->Write("c", Called("q", "c"))));
      p->End("d", [&] { process.Log("q", "cb end"); });
    });
    WatchEvent(process, q->on.finish, "q", "finish");
    q->on.close([&] {
      process.Log("q", "close");
      server->Close();
    });
    write(std::string(1000, 'a'), "a");
    write(std::string(20000, 'b'), "b");
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/153-http-request-pressure"));
}

TEST_P(V20HttpPressure, Case154WritesBeforeItsTurn) {
  std::vector<Response> held;
  const auto second = [&](const Response& r) {
    process.Log("res", "write ", Bool(r->Write("small")), " ",
                Bool(r->writable_need_drain()));
    const bool room = r->Write(std::string(20000, 'x'), [&](const Error* e) {
      process.Log("res", "cb ", e == nullptr ? "null" : Described(*e));
    });
    process.Log("res", "write ", Bool(room), " ",
                Bool(r->writable_need_drain()));
    Immediate([&] {
      process.Log("server", "first");
      held[0]->End("one");
    });
  };
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        q->Resume();
        held.push_back(r);
        const std::string url = q->url();
        r->on.drain([&, url, p = r.get()] {
          process.Log("res", "drain ", url);
          p->End("!");
        });
        WatchEvent(process, r->on.finish, "res", "finish " + url);
        WatchEvent(process, r->on.close, "res", "close " + url);
        if (url == "/2") second(r);
      });
  size_t n = 0;
  server->on.listening([&] {
    const auto c = ConnectTo(server);
    c->Write(
        "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
        "GET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    c->on.data([&](absl::string_view d) { n += d.size(); });
    c->on.end([&] { process.Log("c", "end ", n); });
    c->on.close([&](bool) {
      server->Close([&](const Error*) { process.Log("server", "close"); });
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/154-http-pipeline-pressure"));
}

TEST_P(V20HttpPressure, Case156GoesOverAUnixSocket) {
  const std::string path = absl::StrCat("./net_test_", getpid(), "_156.sock");
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("server", "request ", q->url(), " ",
                    *q->headers().Find("host"), " true");
        r->End("ok");
      });
  http::Agent::Options single;
  single.max_sockets = 1;
  const auto agent = http::Agent::Create(process.stack(), single);
  const auto one = [&](const std::string& path_to, const std::string& url,
                       bool kept, std::function<void()> next) {
    http::RequestOptions to;
    to.host = "";
    to.socket_path = path_to;
    to.path = url;
    if (kept) to.agent = agent;
    const auto q = http::Get(process.stack(), to);
    q->on.response([&, q](const Request& r) {
      process.Log("c", "response ", Bool(q->reused_socket()));
      r->on.data([&](absl::string_view d) { process.Log("c", "data ", d); });
      WatchEvent(process, r->on.end, "c", "end");
    });
    q->on.socket([&](const SocketHandle&) { process.Log("c", "socket"); });
    q->on.error([&](const Error& e) {
      process.Log("c", "error ", e.code(), " ", e.syscall());
    });
    q->on.close([&, next] {
      process.Log("c", "close");
      Immediate(next);
    });
  };
  const auto done = [&] {
    server->Close([&](const Error*) {
      process.Log("server", "close false");
      agent->Destroy();
    });
  };
  const auto nowhere = [&] {
    one(path + "x", "/", false, [&] { one(path + "x", "/", true, done); });
  };
  server->on.listening([&] {
    one(path, "/a", false, [&] {
      one(path, "/b", true, [&] { one(path, "/c", true, nowhere); });
    });
  });
  net::Server::ListenOptions on;
  on.path = path;
  server->Listen(std::move(on));
  EXPECT_EQ(process.Run(), RecordedLines("v20/156-http-unix"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpPressure, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
