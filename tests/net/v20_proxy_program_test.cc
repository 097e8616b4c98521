// Programs of Node 20 that stand between two others, by pipe(): proxies and
// tunnels, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "net/pipe.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20Proxy : public V20Program {
 protected:
  void WatchEnds(const SocketHandle& s, const std::string& actor) {
    WatchEvent(process, s->on.end, actor, "end");
    WatchEvent(process, s->on.finish, actor, "finish");
    WatchErrors(s, actor);
    s->on.close([this, actor](bool had_error) {
      process.Log(actor, "close ", Bool(had_error));
    });
  }
  void WatchAll(const SocketHandle& s, const std::string& actor) {
    WatchEnds(s, actor);
    WatchEvent(process, s->on.connect, actor, "connect");
  }
  template <typename Listening>
  auto Closed(const Listening& server, std::string actor) {
    server->Close(
        [this, actor](const Error*) { process.Log(actor, "closed"); });
  }
};

TEST_P(V20Proxy, Case225PipesBothWays) {
  std::string mode;
  const auto up = Server::Create(process.stack(), [&](const SocketHandle& s) {
    WatchEnds(s, "u");
    const auto got = std::make_shared<size_t>(0);
    s->on.data([&, got, p = s.get()](absl::string_view d) {
      *got += d.size();
      if (mode == "echo") p->Write(d);
      if (mode == "upstream ends") p->End("bye");
      if (mode == "upstream resets") p->ResetAndDestroy();
      if (mode == "upstream destroys") p->Destroy();
      if (mode == "client destroys") p->Write("z");
    });
    s->on.close([&, got](bool) { process.Log("u", "got ", *got); });
  });
  const auto proxy =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        WatchEnds(s, "p.in");
        const SocketHandle t =
            Connect(process.stack(),
                    mode == "refused" ? 1 : up->address()->port, "127.0.0.1");
        WatchAll(t, "p.out");
        Pipe(s, t);
        Pipe(t, s);
        s->on.error([t](const Error&) { t->Destroy(); });
        t->on.error([s](const Error&) { s->Destroy(); });
        if (mode == "linked") s->on.close([t](bool) { t->Destroy(); });
      });
  const std::vector<std::string> modes = {
      "echo",    "upstream ends",   "upstream resets", "upstream destroys",
      "refused", "client destroys", "client resets",   "linked"};
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == modes.size()) {
      Closed(proxy, "px");
      Closed(up, "up");
      return;
    }
    mode = modes[i];
    process.Log("main", "--- ", mode);
    const SocketHandle c = Dial(*proxy);
    WatchAll(c, "c");
    c->Write("hello");
    c->on.data([&, p = c.get()](absl::string_view d) {
      process.Log("c", "data ", d);
      if (mode == "echo") p->End();
      if (mode == "client destroys") p->Destroy();
    });
    if (mode == "client resets") After(20, [c] { c->ResetAndDestroy(); });
    if (mode == "linked") After(20, [c] { c->Destroy(); });
    After(80, [&, i] { next(i + 1); });
  };
  up->on.listening([&] { proxy->Listen(0, "127.0.0.1"); });
  proxy->on.listening([&] { next(0); });
  up->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/225-net-proxy"));
}

TEST_P(V20Proxy, Case226TunnelsByConnect) {
  const auto origin = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        process.Log("o", "request ", q->url(), " ",
                    *q->headers().Find("connection"));
        r->send_date = false;
        r->End("origin");
      });
  const auto proxy = http::Server::Create(
      process.stack(), [&](const Request&, const Response& r) {
        process.Log("p", "request");
        r->End();
      });
  proxy->on.connect([&](const Request& q, const SocketHandle& s,
                        absl::string_view head) {
    q->Resume();
    WatchEvent(process, q->on.end, "p", "q end");
    WatchEvent(process, q->on.close, "p", "q close");
    process.Log("p", "connect ", q->url(), " head=", head.size(), " ",
                s->on.data.count());
    WatchEnds(s, "p.in");
    if (q->url() == "refuse:1") {
      s->End("HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno!\n");
      return;
    }
    if (q->url() == "drop:1") {
      s->Destroy();
      return;
    }
    const SocketHandle t =
        Connect(process.stack(), origin->address()->port, "127.0.0.1");
    t->on.connect([&, s, t, head = std::string(head)] {
      process.Log("p", "connected");
      s->Write("HTTP/1.1 200 Connection Established\r\nProxy-agent: x\r\n\r\n");
      t->Write(head);
      Pipe(t, s);
      Pipe(s, t);
    });
    WatchEnds(t, "p.out");
  });
  proxy->on.client_error([&](const Error& e, const SocketHandle&) {
    process.Log("p", "clientError ", e.code());
  });
  const std::vector<std::string> paths = {"origin:80", "refuse:1", "drop:1",
                                          "nobody:1"};
  std::string all;
  const auto raw = [&] {
    process.Log("main", "--- raw");
    const SocketHandle s = ConnectTo(proxy);
    WatchEnds(s, "raw");
    s->Write(
        "CONNECT origin:80 HTTP/1.1\r\nHost: a\r\n\r\nGET /head HTTP/1.1\r\n"
        "Host: a\r\nConnection: close\r\n\r\n");
    s->on.data([&](absl::string_view d) { all.append(d.data(), d.size()); });
    s->on.close([&](bool) {
      process.Log("raw", "got ", all.size());
      Closed(proxy, "p");
      Closed(origin, "o");
    });
  };
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == paths.size()) {
      raw();
      return;
    }
    process.Log("main", "--- ", paths[i]);
    http::RequestOptions options = To(proxy, paths[i]);
    options.method = "CONNECT";
    const auto q = http::Request(process.stack(), options);
    q->on.response([&](const Request& r) {
      process.Log("c", "response ", r->status_code());
    });
    WatchErrors(q, "c");
    WatchEvent(process, q->on.finish, "c", "finish");
    q->on.close([&, i] {
      process.Log("c", "close");
      After(60, [&, i] { next(i + 1); });
    });
    const auto connected = [&](const Request& r, const SocketHandle& s,
                               absl::string_view head) {
      r->Resume();
      WatchEvent(process, r->on.end, "c", "r end");
      WatchEvent(process, r->on.close, "c", "r close");
      process.Log("c", "connect ", r->status_code(), " ", r->status_message(),
                  " head=\"", head, "\"");
      WatchEnds(s, "c.sock");
      s->on.data([&](absl::string_view d) {
        process.Log("c.sock", "data ", d.size());
      });
      if (r->status_code() != 200) {
        s->End();
        return;
      }
      s->Write("GET /in HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      s->on.end([p = s.get()] { p->End(); });
    };
    if (paths[i] != "nobody:1") q->on.connect(connected);
    q->End();
  };
  origin->on.listening([&] { proxy->Listen(0, "127.0.0.1"); });
  proxy->on.listening([&] { next(0); });
  origin->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/226-connect-tunnel"));
}

TEST_P(V20Proxy, Case227EchoesAfterAnUpgrade) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        process.Log("srv", "request ", q->url(), " ",
                    Bool(q->headers().Has("upgrade")));
        r->send_date = false;
        r->End("plain");
      });
  WatchEvent(process, server->on.close, "server", "close");
  server->on.upgrade([&](const Request& q, const SocketHandle& s,
                         absl::string_view head) {
    process.Log("srv", "upgrade ", q->method(), " ", q->url(), " \"", head,
                "\" ", *q->headers().Find("upgrade"), " ", Bool(q->complete()));
    WatchEnds(s, "s.sock");
    q->on.data([&](absl::string_view d) { process.Log("srv", "body ", d); });
    WatchEvent(process, q->on.end, "srv", "q end");
    WatchEvent(process, q->on.close, "srv", "q close");
    if (q->url() == "/no") {
      s->End(
          "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
          "Connection: close\r\n\r\n");
      return;
    }
    s->Write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n"
        "Connection: Upgrade\r\n\r\nfirst");
    if (!head.empty()) s->Write(head);
    Pipe(s, s);
  });
  const std::vector<std::string> paths = {"/echo", "/no", "/body", "/kill"};
  std::string all;
  const auto raw = [&] {
    process.Log("main", "--- raw");
    const SocketHandle s = ConnectTo(server);
    WatchEnds(s, "raw");
    s->Write(
        "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n"
        "Connection: upgrade\r\nUpgrade: echo\r\n\r\nmore");
    s->on.data([&, p = s.get()](absl::string_view d) {
      all.append(d.data(), d.size());
      if (absl::EndsWith(all, "more")) p->End();
    });
    s->on.close([&](bool) {
      process.Log("raw", "got ",
                  Quoted(absl::StrReplaceAll(all, {{"\r\n", "|"}})));
    });
    After(40, [&] { server->Close(); });
  };
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == paths.size()) {
      raw();
      return;
    }
    const std::string path = paths[i];
    process.Log("main", "--- ", path);
    http::RequestOptions options = To(server, path);
    options.headers = {{"Connection", "Upgrade"}, {"Upgrade", "echo"}};
    if (path == "/body") {
      options.method = "POST";
      options.headers.Add("Content-Length", "3");
    }
    const auto q = http::Request(process.stack(), options);
    q->on.response([&](const Request& r) {
      process.Log("c", "response ", r->status_code(), " ",
                  *r->headers().Find("connection"));
      r->Resume();
      WatchEvent(process, r->on.end, "c", "res end");
      WatchEvent(process, r->on.close, "c", "res close");
    });
    q->on.upgrade([&, path, p = q.get()](const Request& r,
                                         const SocketHandle& s,
                                         absl::string_view head) {
      r->Resume();
      WatchEvent(process, r->on.end, "c", "r end");
      WatchEvent(process, r->on.close, "c", "r close");
      process.Log("c", "upgrade ", r->status_code(), " \"", head, "\" ",
                  Bool(p->destroyed()), " ", Bool(s->destroyed()));
      WatchEnds(s, "c.sock");
      s->on.data([&, path, t = s.get()](absl::string_view d) {
        process.Log("c.sock", "data ", d);
        if (path != "/kill") t->End();
      });
      s->Write("hi");
      if (path != "/kill") return;
      After(20, [&, s] {
        server->CloseAllConnections();
        process.Log("main", "closeAll ", Bool(s->destroyed()));
        After(20, [s] { s->Destroy(); });
      });
    });
    WatchErrors(q, "c");
    WatchEvent(process, q->on.finish, "c", "finish");
    WatchEvent(process, q->on.close, "c", "close");
    if (path == "/body") q->Write("abc");
    q->End();
    After(100, [&, i] { next(i + 1); });
  };
  server->on.listening([&] { next(0); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/227-upgrade-echo"));
}

INSTANTIATE_TEST_SUITE_P(, V20Proxy, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
