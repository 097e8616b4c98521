// What http does in Node 20, event by event: its own programs, and what it
// printed.
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "tests/net/http_watch.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

using Request = std::shared_ptr<http::IncomingMessage>;
using Response = std::shared_ptr<http::ServerResponse>;

TEST_P(ModernNet, AnswersTheAnatomyOfANetConnection) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& request, const Response& response) {
        process.Log("server", "request ", request->http_version());
        WatchEvent(process, response->on.finish, "s.res", "finish");
        WatchEvent(process, response->on.close, "s.res", "close");
        response->send_date = false;
        response->WriteHead(200, {{"Content-Type", "text/plain"}});
        response->End("hello world\n");
      });
  http::Server* const s = server.get();
  process.Watch(server->net(), "server");
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    WatchEvent(process, socket->on.end, "s.sock", "end");
    WatchEvent(process, socket->on.finish, "s.sock", "finish");
    socket->on.close([&](bool) { process.Log("s.sock", "close"); });
  });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    Socket* const c = client.get();
    process.Watch(client, "client");
    c->on.connect([c] { c->Write("GET / HTTP/1.0\r\n\r\n"); });
    c->on.end([c, s] {
      c->End();
      s->Close();
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 client   connect
  4 client   ready
  5 server   request 1.0
  6 s.res    finish
  7 s.res    close
  8 s.sock   finish
  9 s.sock   close
 10 client   data "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nhello world\n"
 11 client   end readyState=writeOnly
 12 server   close
 13 client   finish
 14 client   close hadError=false readyState=closed
 15 process  exit code=0
)");
}

TEST_P(ModernNet, EmitsAllEventsOfARequest) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& request, const Response& response) {
        process.Log("server", "request ", request->method(), " ",
                    request->url(), " http/", request->http_version());
        WatchEvent(process, request->on.end, "s.req", "end");
        WatchEvent(process, request->on.close, "s.req", "close");
        WatchEvent(process, request->on.aborted, "s.req", "aborted");
        WatchEvent(process, response->on.finish, "s.res", "finish");
        WatchEvent(process, response->on.close, "s.res", "close");
        WatchEvent(process, response->on.prefinish, "s.res", "prefinish");
        request->Resume();
        request->on.end([response] { response->End("hello"); });
      });
  http::Server* const s = server.get();
  process.Watch(server->net(), "server");
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    WatchEvent(process, socket->on.end, "s.sock", "end");
    WatchEvent(process, socket->on.finish, "s.sock", "finish");
    socket->on.close([&](bool) { process.Log("s.sock", "close"); });
  });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    http::RequestOptions options;
    options.port = s->address()->port;
    options.path = "/a";
    const auto request = http::Request(process.stack(), options);
    request->on.socket([&](const std::shared_ptr<Socket>& socket) {
      process.Log("c.req", "socket");
      WatchEvent(process, socket->on.connect, "c.sock", "connect");
      WatchEvent(process, socket->on.ready, "c.sock", "ready");
      WatchEvent(process, socket->on.end, "c.sock", "end");
      WatchEvent(process, socket->on.finish, "c.sock", "finish");
      socket->on.close([&](bool) { process.Log("c.sock", "close"); });
    });
    WatchEvent(process, request->on.finish, "c.req", "finish");
    WatchEvent(process, request->on.prefinish, "c.req", "prefinish");
    WatchEvent(process, request->on.close, "c.req", "close");
    request->on.response([&](const Request& response) {
      process.Log("c.req", "response");
      http::IncomingMessage* const r = response.get();
      WatchEvent(process, r->on.end, "c.res", "end");
      WatchEvent(process, r->on.close, "c.res", "close");
      WatchEvent(process, r->on.aborted, "c.res", "aborted");
      r->on.data(
          [&](absl::string_view data) { process.Log("c.res", "data ", data); });
      r->on.end([&, r] {
        process.Log("c.res", "complete ", Bool(r->complete()), " ",
                    *r->headers().Find("connection"));
      });
    });
    request->End();
    request->on.close([s] { s->Close(); });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 c.req    socket
  3 c.req    prefinish
  4 server   connection
  5 c.sock   connect
  6 c.req    finish
  7 c.sock   ready
  8 server   request GET /a http/1.1
  9 s.req    end
 10 s.res    prefinish
 11 s.res    finish
 12 s.res    close
 13 s.req    close
 14 s.sock   finish
 15 s.sock   close
 16 c.req    response
 17 c.res    data hello
 18 c.res    end
 19 c.res    complete true close
 20 c.res    close
 21 c.sock   finish
 22 c.req    close
 23 c.sock   close
 24 server   close
 25 process  exit code=0
)");
}

TEST_P(ModernNet, KeepsPipelinedResponsesInOrder) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& request, const Response& response) {
        const std::string url = request->url();
        process.Log("server", "request ", url);
        process.loop().SetTimeout(
            absl::Milliseconds(15 * ('4' - url[1])), [&, url, response] {
              process.Log("server", "res.end ", url);
              response->End(absl::StrCat("body", url.substr(1)));
            });
        WatchEvent(process, response->on.finish, "s.res", "finish " + url);
        WatchEvent(process, response->on.close, "s.res", "close " + url);
      });
  http::Server* const s = server.get();
  process.Watch(server->net(), "server");
  server->Listen(0, "127.0.0.1");
  std::string bodies;
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    Socket* const c = client.get();
    c->on.connect([c] {
      c->Write(
          "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
          "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
          "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    });
    c->on.data([&](absl::string_view data) {
      for (size_t at = data.find("body"); at != data.npos;
           at = data.find("body", at + 1)) {
        process.Log("client", "got ", data.substr(at, 5));
        absl::StrAppend(&bodies, bodies.empty() ? "" : ",",
                        Quoted(data.substr(at, 5)));
      }
    });
    c->on.end([&] { process.Log("client", "end [", bodies, "]"); });
    c->on.close([&, s](bool) {
      process.Log("client", "close");
      s->Close();
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 server   request /1
  4 server   request /2
  5 server   request /3
  6 server   res.end /3
  7 server   res.end /2
  8 server   res.end /1
  9 s.res    finish /1
 10 s.res    close /1
 11 s.res    finish /2
 12 s.res    close /2
 13 s.res    finish /3
 14 s.res    close /3
 15 client   got body1
 16 client   got body2
 17 client   got body3
 18 client   end ["body1","body2","body3"]
 19 client   close
 20 server   close
 21 process  exit code=0
)");
}

TEST_P(ModernNet, ReportsAHangUpBeforeTheResponse) {
  http::Server* s = nullptr;
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& request, const Response& response) {
        process.Log("server", "request");
        request->socket()->End();
        response->on.close([&] {
          process.Log("s.res", "close");
          s->Close();
        });
      });
  s = server.get();
  process.Watch(server->net(), "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    http::RequestOptions options;
    options.port = s->address()->port;
    const auto request =
        http::Get(process.stack(), options,
                  [&](const Request&) { process.Log("c.req", "response"); });
    request->on.error([&](const Error& error) {
      process.Log("c.req", "error ", Described(error));
    });
    WatchEvent(process, request->on.close, "c.req", "close");
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 server   request
  4 c.req    error ECONNRESET "socket hang up"
  5 c.req    close
  6 s.res    close
  7 server   close
  8 process  exit code=0
)");
}

TEST_P(ModernNet, Answers400ToWhatIsNoRequest) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request&, const Response&) {
        process.Log("server", "request");
      });
  http::Server* const s = server.get();
  process.Watch(server->net(), "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    Socket* const c = client.get();
    process.Watch(client, "client");
    c->on.connect([c] { c->Write("BOGUS\r\n\r\n"); });
    c->on.close([s](bool) { s->Close(); });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 client   connect
  4 client   ready
  5 client   data "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
  6 client   end readyState=writeOnly
  7 client   finish
  8 client   close hadError=false readyState=closed
  9 server   close
 10 process  exit code=0
)");
}

TEST_P(ModernNet, LeavesABadRequestToTheListenerOfClientError) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request&, const Response&) {
        process.Log("server", "request");
      });
  http::Server* const s = server.get();
  process.Watch(server->net(), "server");
  server->on.client_error(
      [&](const Error& error, const std::shared_ptr<Socket>& socket) {
        process.Log("server", "clientError ", Described(error));
        socket->End("HTTP/1.1 400 Mine\r\n\r\n");
      });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    Socket* const c = client.get();
    process.Watch(client, "client");
    c->on.connect([c] { c->Write("BOGUS\r\n\r\n"); });
    c->on.close([s](bool) { s->Close(); });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 client   connect
  4 client   ready
  5 server   clientError HPE_INVALID_METHOD "Parse Error: Invalid method encountered"
  6 client   data "HTTP/1.1 400 Mine\r\n\r\n"
  7 client   end readyState=writeOnly
  8 client   finish
  9 client   close hadError=false readyState=closed
 10 server   close
 11 process  exit code=0
)");
}

TEST_P(ModernNet, AbortsBothSidesWhenTheClientDestroysItsRequest) {
  http::Server* s = nullptr;
  std::optional<loop::Timer> timer;
  int chunks = 0;
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& request, const Response& response) {
        process.Log("server", "request");
        WatchEvent(process, request->on.aborted, "s.req", "aborted");
        request->on.error([&](const Error& error) {
          process.Log("s.req", "error ", Described(error));
        });
        WatchEvent(process, request->on.close, "s.req", "close");
        http::ServerResponse* const r = response.get();
        WatchEvent(process, r->on.finish, "s.res", "finish");
        r->on.close([&, r] {
          process.Log("s.res",
                      "close writableFinished=", Bool(r->writable_finished()));
          timer->Stop();
          s->Close();
        });
        r->Write("chunk0");
        timer.emplace(process.loop(), [&, r] {
          const bool more = r->Write(absl::StrCat("chunk", ++chunks));
          process.Log("s.res", "write -> ", Bool(more));
        });
        timer->Start(absl::Seconds(2), absl::Seconds(2));
      });
  s = server.get();
  process.Watch(server->net(), "server");
  server->on.client_error(
      [&](const Error& error, const std::shared_ptr<Socket>&) {
        process.Log("server", "clientError ", Described(error));
      });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    http::RequestOptions options;
    options.port = s->address()->port;
    const auto request = http::Get(process.stack(), options);
    http::ClientRequest* const q = request.get();
    q->on.response([&, q](const Request& response) {
      process.Log("c.req", "response");
      http::IncomingMessage* const r = response.get();
      r->on.data([&, q](absl::string_view data) {
        process.Log("c.res", "data ", data);
        process.Log("c.req", "destroy()");
        q->Destroy();
      });
      WatchEvent(process, r->on.aborted, "c.res", "aborted");
      r->on.error([&](const Error& error) {
        process.Log("c.res", "error ", Described(error));
      });
      WatchEvent(process, r->on.end, "c.res", "end");
      r->on.close([&, r] {
        process.Log("c.res", "close complete=", Bool(r->complete()));
      });
    });
    q->on.error([&](const Error& error) {
      process.Log("c.req", "error ", Described(error));
    });
    WatchEvent(process, q->on.close, "c.req", "close");
  });
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 server   connection
  3 server   request
  4 c.req    response
  5 c.res    data chunk0
  6 c.req    destroy()
  7 c.res    aborted
  8 c.req    close
  9 c.res    error ECONNRESET "aborted"
 10 c.res    close complete=false
 11 s.req    aborted
 12 s.res    close writableFinished=false
 13 server   close
 14 s.req    error ECONNRESET "aborted"
 15 s.req    close
 16 process  exit code=0
)");
}

INSTANTIATE_TEST_SUITE_P(Kernels, ModernNet, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
