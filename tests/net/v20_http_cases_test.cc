// The recorded http programs of Node 20, in C++: they print what Node printed.
#include <optional>
#include <string>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "tests/net/http_watch.h"
#include "tests/net/net_test.h"
#include "tests/net/recorded_case.h"

namespace simloop::net {
namespace {

using Request = std::shared_ptr<http::IncomingMessage>;
using Response = std::shared_ptr<http::ServerResponse>;

class V20Http : public ModernNet {
 protected:
  // A server whose events are printed.
  std::shared_ptr<http::Server> Serve(
      http::Server::RequestListener listener,
      http::Server::Options options = http::Server::Options()) {
    auto server =
        http::Server::Create(process.stack(), options, std::move(listener));
    process.Watch(server->net(), "server");
    return server;
  }
  http::RequestOptions To(const std::shared_ptr<http::Server>& server,
                          const std::string& path = "/") {
    http::RequestOptions options;
    options.port = server->address()->port;
    options.path = path;
    return options;
  }
  std::shared_ptr<Socket> ConnectTo(
      const std::shared_ptr<http::Server>& server) {
    return Connect(process.stack(), server->address()->port, "127.0.0.1");
  }
  template <typename T>
  void WatchErrors(const std::shared_ptr<T>& object, const std::string& actor) {
    object->on.error([this, actor](const Error& error) {
      process.Log(actor, "error ", Described(error));
    });
  }
  void WatchEvents(Socket& socket) {
    WatchEvent(process, socket.on.end, "s.sock", "end");
    WatchEvent(process, socket.on.finish, "s.sock", "finish");
    socket.on.close([this](bool) { process.Log("s.sock", "close"); });
  }
};

// Those with timers run in virtual time only.
class V20HttpTimed : public V20Http {};

TEST_P(V20Http, Case24AllEventsOfARequest) {
  const auto server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request ", q->method(), " ", q->url(), " http/",
                q->http_version());
    WatchEvent(process, q->on.end, "s.req", "end");
    WatchEvent(process, q->on.close, "s.req", "close");
    WatchEvent(process, q->on.aborted, "s.req", "aborted");
    WatchEvent(process, r->on.finish, "s.res", "finish");
    WatchEvent(process, r->on.close, "s.res", "close");
    WatchEvent(process, r->on.prefinish, "s.res", "prefinish");
    q->Resume();
    q->on.end([r] { r->End("hello"); });
  });
  server->on.connection(
      [&](const std::shared_ptr<Socket>& socket) { WatchEvents(*socket); });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto q = http::Request(process.stack(), To(server, "/a"));
    q->on.socket([&](const std::shared_ptr<Socket>& socket) {
      process.Log("c.req", "socket");
      WatchEvent(process, socket->on.connect, "c.sock", "connect");
      WatchEvent(process, socket->on.ready, "c.sock", "ready");
      WatchEvent(process, socket->on.end, "c.sock", "end");
      WatchEvent(process, socket->on.finish, "c.sock", "finish");
      socket->on.close([&](bool) { process.Log("c.sock", "close"); });
    });
    WatchEvent(process, q->on.finish, "c.req", "finish");
    WatchEvent(process, q->on.prefinish, "c.req", "prefinish");
    WatchEvent(process, q->on.close, "c.req", "close");
    q->on.response([&](const Request& r) {
      process.Log("c.req", "response");
      WatchEvent(process, r->on.end, "c.res", "end");
      WatchEvent(process, r->on.close, "c.res", "close");
      WatchEvent(process, r->on.aborted, "c.res", "aborted");
      r->on.data(
          [&](absl::string_view d) { process.Log("c.res", "data ", d); });
      http::IncomingMessage* const m = r.get();
      m->on.end([&, m] {
        process.Log("c.res", "complete ", Bool(m->complete()), " ",
                    *m->headers().Find("connection"));
      });
    });
    q->End();
    q->on.close([&] { server->Close(); });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/24-http-basic-all-events"));
}

TEST_P(V20HttpTimed, Case26Pipelining) {
  const auto server = Serve([&](const Request& q, const Response& r) {
    const std::string url = q->url();
    process.Log("server", "request ", url);
    const int k = url[1] - '0';
    process.loop().SetTimeout(absl::Milliseconds((4 - k) * 15), [&, k, r, url] {
      process.Log("server", "res.end ", url);
      r->End(absl::StrCat("body", k));
    });
    r->on.finish([&, url] { process.Log("s.res", "finish ", url); });
    r->on.close([&, url] { process.Log("s.res", "close ", url); });
  });
  std::string bodies;
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto c = ConnectTo(server);
    Socket* const s = c.get();
    s->on.connect([s] {
      s->Write(
          "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
          "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
          "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    });
    s->on.data([&](absl::string_view d) {
      for (size_t at = d.find("body"); at != absl::string_view::npos;
           at = d.find("body", at + 1)) {
        process.Log("client", "got ", d.substr(at, 5));
        absl::StrAppend(&bodies, bodies.empty() ? "" : ",", "\"",
                        d.substr(at, 5), "\"");
      }
    });
    s->on.end([&] { process.Log("client", "end [", bodies, "]"); });
    s->on.close([&](bool) {
      process.Log("client", "close");
      server->Close();
    });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/26-http-pipelining"));
}

TEST_P(V20HttpTimed, Case27ClientDestroysMidResponse) {
  std::optional<loop::Timer> timer;
  int chunks = 1;
  std::shared_ptr<http::Server> server;
  server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request");
    WatchEvent(process, q->on.aborted, "s.req", "aborted");
    WatchErrors(q, "s.req");
    WatchEvent(process, q->on.close, "s.req", "close");
    WatchEvent(process, r->on.finish, "s.res", "finish");
    WatchErrors(r, "s.res");
    http::ServerResponse* const p = r.get();
    p->on.close([&, p] {
      process.Log("s.res",
                  "close writableFinished=", Bool(p->writable_finished()));
      timer.reset();
      server->Close();
    });
    p->Write("chunk0");
    timer.emplace(process.loop(), [&, r] {
      const bool more = r->Write(absl::StrCat("chunk", chunks++));
      process.Log("s.res", "write -> ", Bool(more));
    });
    timer->Start(absl::Milliseconds(20), absl::Milliseconds(20));
  });
  server->on.client_error([&](const Error& error, const auto&) {
    process.Log("server", "clientError ", Described(error));
  });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto q = http::Get(process.stack(), To(server));
    http::ClientRequest* const p = q.get();
    q->on.response([&, p](const Request& r) {
      process.Log("c.req", "response");
      r->on.data([&, p](absl::string_view d) {
        process.Log("c.res", "data ", d);
        process.Log("c.req", "destroy()");
        p->Destroy();
      });
      WatchEvent(process, r->on.aborted, "c.res", "aborted");
      WatchErrors(r, "c.res");
      WatchEvent(process, r->on.end, "c.res", "end");
      http::IncomingMessage* const m = r.get();
      m->on.close([&, m] {
        process.Log("c.res", "close complete=", Bool(m->complete()));
      });
    });
    WatchEvent(process, q->on.abort, "c.req", "abort");
    WatchErrors(q, "c.req");
    WatchEvent(process, q->on.close, "c.req", "close");
  });
  EXPECT_EQ(process.Run(),
            RecordedLines("v20/27-http-client-aborts-mid-response"));
}

TEST_P(V20Http, Case29SocketHangUp) {
  std::shared_ptr<http::Server> server;
  server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request");
    q->socket()->End();
    r->on.close([&] {
      process.Log("s.res", "close");
      server->Close();
    });
  });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto q = http::Get(process.stack(), To(server), [&](const Request&) {
      process.Log("c.req", "response");
    });
    WatchErrors(q, "c.req");
    WatchEvent(process, q->on.close, "c.req", "close");
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/29-http-socket-hang-up"));
}

TEST_P(V20Http, Case33Http10) {
  const auto server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request ", q->http_version());
    WatchEvent(process, r->on.finish, "s.res", "finish");
    WatchEvent(process, r->on.close, "s.res", "close");
    r->send_date = false;
    r->WriteHead(200, {{"Content-Type", "text/plain"}});
    r->End("hello world\n");
  });
  server->on.connection(
      [&](const std::shared_ptr<Socket>& socket) { WatchEvents(*socket); });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto client = ConnectTo(server);
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([c] { c->Write("GET / HTTP/1.0\r\n\r\n"); });
    c->on.end([&, c] {
      c->End();
      server->Close();
    });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/33-http10-blog"));
}

TEST_P(V20Http, Case34Malformed) {
  const auto one = [&](bool listens, std::function<void()> closed) {
    const auto server = Serve([&](const Request&, const Response&) {
      process.Log("server", "request");
    });
    if (listens) {
      server->on.client_error(
          [&](const Error& error, const std::shared_ptr<Socket>& socket) {
            process.Log("server", "clientError ", Described(error));
            socket->End("HTTP/1.1 400 Mine\r\n\r\n");
          });
    }
    server->Listen(0, "127.0.0.1");
    server->on.listening([&, server, closed] {
      const auto client = ConnectTo(server);
      process.Watch(client, "client");
      Socket* const c = client.get();
      c->on.connect([c] { c->Write("BOGUS\r\n\r\n"); });
      c->on.close([server, closed](bool) {
        server->Close([closed](const Error*) { closed(); });
      });
    });
  };
  process.Log("main", "--- no clientError listener");
  one(false, [&] {
    process.Log("main", "--- with clientError listener");
    one(true, [] {});
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/34-http-malformed"));
}

TEST_P(V20Http, Case37AbortSignal) {
  const auto to_server = std::make_shared<AbortSignal>();
  const auto server =
      Server::Create(process.stack(), [](const std::shared_ptr<Socket>& s) {
        s->Resume();
        s->on.error([](const Error&) {});
      });
  process.Watch(server, "server");
  Server::ListenOptions listen;
  listen.host = "127.0.0.1";
  listen.signal = to_server;
  server->Listen(listen);
  const auto dial = [&](const std::shared_ptr<AbortSignal>& signal) {
    ConnectOptions to;
    to.port = server->address()->port;
    to.host = "127.0.0.1";
    Socket::Options options;
    options.signal = signal;
    return Connect(process.stack(), std::move(to), options);
  };
  const auto ask = [&] {
    const auto signal = std::make_shared<AbortSignal>();
    http::RequestOptions options;
    options.port = server->address()->port;
    options.signal = signal;
    const auto q = http::Get(process.stack(), options);
    WatchErrors(q, "c.req");
    WatchEvent(process, q->on.abort, "c.req", "abort");
    q->on.close([&] {
      process.Log("c.req", "close");
      process.Log("main", "abort server");
      to_server->Abort();
    });
    signal->Abort();
  };
  server->on.listening([&] {
    const auto signal = std::make_shared<AbortSignal>();
    const auto c = dial(signal);
    process.Watch(c, "client");
    c->on.connect([&, signal] {
      process.Log("main", "abort()");
      signal->Abort();
    });
    c->on.close([&](bool) {
      const auto aborted = std::make_shared<AbortSignal>();
      aborted->Abort();
      const auto d = dial(aborted);
      process.Watch(d, "client2");
      d->on.close.Once([&](bool) { ask(); });
    });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/37-abort-signal"));
}

TEST_P(V20Http, Case44ExpectAndUpgrade) {
  std::shared_ptr<http::Server> server;
  const auto on_request = [&](const Request& q, const Response& r) {
    process.Log("server", "request");
    q->Resume();
    q->on.end([r] { r->End("done"); });
  };
  server = Serve(on_request);
  server->on.check_continue([&](const Request& q, const Response& r) {
    process.Log("server", "checkContinue");
    r->WriteContinue();
    on_request(q, r);
  });
  server->on.upgrade([&](const Request&, const std::shared_ptr<Socket>& socket,
                         absl::string_view head) {
    process.Log("server", "upgrade ", Quoted(head));
    Socket* const s = socket.get();
    s->Write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"
        "Connection: Upgrade\r\n\r\nfirst-bytes");
    s->on.data([&, s](absl::string_view d) {
      process.Log("s.sock", "data ", d);
      s->End();
    });
    s->on.end([&] { process.Log("s.sock", "end"); });
    s->on.close([&](bool) {
      process.Log("s.sock", "close");
      server->Close();
    });
  });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    http::RequestOptions options = To(server);
    options.method = "POST";
    options.headers = {{"Expect", "100-continue"}, {"Content-Length", "4"}};
    const auto q = http::Request(process.stack(), options);
    http::ClientRequest* const p = q.get();
    q->FlushHeaders();
    q->on.continued([&, p] {
      process.Log("c.req", "continue");
      p->End("body");
    });
    q->on.information([&](const http::IncomingMessage& i) {
      process.Log("c.req", "information ", i.status_code());
    });
    q->on.response([&](const Request& r) {
      process.Log("c.req", "response");
      r->on.data(
          [&](absl::string_view d) { process.Log("c.res", "data ", d); });
      WatchEvent(process, r->on.end, "c.res", "end");
    });
    q->on.close([&] {
      process.Log("c.req", "close");
      http::RequestOptions up = To(server);
      up.headers = {{"Connection", "Upgrade"}, {"Upgrade", "x"}};
      const auto u = http::Get(process.stack(), up);
      u->on.response([&](const Request&) { process.Log("c.up", "response"); });
      u->on.upgrade([&](const Request& r, const std::shared_ptr<Socket>& socket,
                        absl::string_view head) {
        process.Log("c.up", "upgrade ", r->status_code(), " ", Quoted(head));
        socket->on.data(
            [&](absl::string_view d) { process.Log("c.sock", "data ", d); });
        socket->on.end([&] { process.Log("c.sock", "end"); });
        socket->on.close([&](bool) { process.Log("c.sock", "close"); });
        socket->Write("raw");
      });
      u->on.close([&] { process.Log("c.up", "close"); });
    });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/44-http-expect-upgrade"));
}

TEST_P(V20HttpTimed, Case45Timeouts) {
  http::Server::Options options;
  options.headers_timeout = absl::Milliseconds(40);
  options.request_timeout = absl::Milliseconds(40);
  options.connections_checking_interval = absl::Milliseconds(20);
  options.keep_alive_timeout = absl::Milliseconds(30);
  const auto server = Serve(
      [&](const Request& q, const Response& r) {
        const std::string url = q->url();
        process.Log("server", "request ", url);
        if (url == "/ok") r->End("ok");
        r->on.close([&, url] { process.Log("s.res", "close ", url); });
      },
      options);
  std::string answer;
  const auto keep_alive = [&] {
    const auto ka = ConnectTo(server);
    Socket* const s = ka.get();
    s->on.connect([s] { s->Write("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n"); });
    s->on.data([&](absl::string_view d) {
      process.Log("ka", "data ", d.substr(0, d.find("\r\n")));
    });
    s->on.end(
        [&] { process.Log("ka", "end (idle keep-alive closed by server)"); });
    s->on.close([&](bool) { server->Close(); });
  };
  const auto half_head = [&] {
    const auto half = ConnectTo(server);
    Socket* const s = half.get();
    s->on.connect([s] { s->Write("GET / HTTP/1.1\r\nHost: x\r\n"); });
    s->on.data([&](absl::string_view d) { absl::StrAppend(&answer, d); });
    s->on.end([&] {
      process.Log("half", "end ", answer.substr(0, answer.find("\r\n")));
    });
    s->on.close([&](bool) {
      process.Log("half", "close");
      keep_alive();
    });
  };
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto q = http::Get(process.stack(), To(server, "/slow"));
    http::ClientRequest* const p = q.get();
    q->SetTimeout(absl::Milliseconds(50),
                  [&] { process.Log("c.req", "setTimeout cb"); });
    q->on.timeout([&, p] {
      process.Log("c.req", "timeout destroyed=", Bool(p->destroyed()));
      p->Destroy();
    });
    WatchErrors(q, "c.req");
    q->on.close([&] {
      process.Log("c.req", "close");
      half_head();
    });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/45-http-timeouts"));
}

TEST_P(V20HttpTimed, Case50ServerCloseKeepAlive) {
  http::Agent::Options kept;
  kept.timeout = absl::ZeroDuration();
  const auto agent = http::Agent::Create(process.stack(), kept);
  const auto server = Serve([&](const Request& q, const Response& r) {
    process.Log("server", "request ", q->url());
    if (q->url() != "/busy") {
      r->End("i");
      return;
    }
    process.loop().SetTimeout(absl::Milliseconds(50), [&, r] {
      process.Log("server", "finish busy");
      r->End("b");
    });
  });
  const auto go = [&](const std::string& path, std::function<void()> ended) {
    http::RequestOptions options = To(server, path);
    options.agent = agent;
    const auto q =
        http::Get(process.stack(), options, [&, path, ended](const Request& r) {
          process.Log("c.res", path,
                      " connection=", *r->headers().Find("connection"));
          r->Resume();
          r->on.end([&, path, ended] {
            process.Log("c.res", path, " end");
            if (ended != nullptr) ended();
          });
        });
    q->on.socket([&, path](const std::shared_ptr<Socket>& socket) {
      socket->on.close.Once(
          [&, path](bool) { process.Log("c.sock", path, " close"); });
    });
  };
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    go("/busy", nullptr);
    go("/idle", [&] {
      process.loop().SetTimeout(absl::Milliseconds(10), [&] {
        process.Log("main", "server.close()");
        server->Close([&](const Error*) { process.Log("server", "close cb"); });
      });
    });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/50-http-server-close-keepalive"));
}

INSTANTIATE_TEST_SUITE_P(Kernels, V20Http, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, V20HttpTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
