// How http::Agent keeps connections, and what becomes of a request whose kept
// connection dies.
#include "gtest/gtest.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "tests/net/http_watch.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

using Request = std::shared_ptr<http::IncomingMessage>;
using Response = std::shared_ptr<http::ServerResponse>;

class HttpAgent : public ModernNet {
 protected:
  std::shared_ptr<http::ClientRequest> Get(const std::string& path) {
    http::RequestOptions options;
    options.port = port;
    options.path = path;
    options.agent = agent;
    const auto request =
        http::Get(process.stack(), options, [this, path](const Request& r) {
          process.Log("response", path, " ", r->status_code());
          r->Resume();
        });
    http::ClientRequest* const r = request.get();
    r->on.error([this, path, r](const Error& error) {
      process.Log("error", path, " ", Described(error),
                  " reused=", Bool(r->reused_socket()));
    });
    r->on.close([this, path, r] {
      process.Log("close", path, " reused=", Bool(r->reused_socket()));
    });
    return request;
  }
  void Serve(http::Server::RequestListener listener) {
    server = http::Server::Create(process.stack(), std::move(listener));
    server->on.connection([this](const std::shared_ptr<Socket>&) {
      process.Log("server", "connection");
    });
    server->Listen(0, "127.0.0.1");
    server->on.listening([this] { port = server->address()->port; });
  }

  std::shared_ptr<http::Agent> agent = http::Agent::Create(process.stack());
  std::shared_ptr<http::Server> server;
  uint16_t port = 0;
};

TEST_P(HttpAgent, ServesTheNextRequestOverTheSameConnection) {
  Serve([](const Request&, const Response& response) { response->End("ok"); });
  server->on.listening([this] {
    Get("/1")->on.close([this] {
      process.loop().SetImmediate([this] {
        EXPECT_EQ(agent->free_sockets(), 1u);
        Get("/2")->on.close([this] {
          process.loop().SetImmediate([this] { agent->Destroy(); });
          server->Close();
        });
        EXPECT_EQ(agent->free_sockets(), 0u);
      });
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   connection
  2 response /1 200
  3 close    /1 reused=false
  4 response /2 200
  5 close    /2 reused=true
  6 process  exit code=0
)");
}

TEST_P(HttpAgent, MakesRequestsWaitForOneOfItsConnections) {
  http::Agent::Options options;
  options.max_sockets = 1;
  agent = http::Agent::Create(process.stack(), options);
  Serve([](const Request&, const Response& response) { response->End("ok"); });
  server->on.listening([this] {
    Get("/1");
    Get("/2")->on.close([this] {
      process.loop().SetImmediate([this] { agent->Destroy(); });
      server->Close();
    });
    EXPECT_EQ(agent->waiting_requests(), 1u);
  });
  EXPECT_EQ(process.Run(), R"(  1 server   connection
  2 response /1 200
  3 close    /1 reused=false
  4 response /2 200
  5 close    /2 reused=false
  6 process  exit code=0
)");
}

// The server closes the kept connection in the moment in which the client
// writes its second request to it.
TEST_P(HttpAgent, ReportsAHangUpWhenTheReusedConnectionDies) {
  std::shared_ptr<Socket> kept;
  Serve([&](const Request& request, const Response& response) {
    kept = request->socket();
    response->End("ok");
  });
  server->on.listening([&] {
    Get("/1")->on.close([&] {
      process.loop().SetImmediate([&] {
        Get("/2")->on.close([&] { server->Close(); });
        process.Log("server", "destroy()");
        kept->Destroy();
      });
    });
  });
  const std::string text = process.Run();
  EXPECT_EQ(text, R"(  1 server   connection
  2 response /1 200
  3 close    /1 reused=false
  4 server   destroy()
  5 error    /2 ECONNRESET "socket hang up" reused=true
  6 close    /2 reused=true
  7 process  exit code=0
)");
}

TEST_P(HttpAgent, DropsAFreeConnectionThatTheServerEnds) {
  std::shared_ptr<Socket> kept;
  Serve([&](const Request& request, const Response& response) {
    kept = request->socket();
    response->End("ok");
  });
  server->on.listening([&] {
    Get("/1")->on.close([&] {
      process.loop().SetImmediate([&] { kept->End(); });
      kept->on.close([&](bool) {
        EXPECT_EQ(agent->free_sockets(), 0u);
        Get("/2")->on.close([&] {
          process.loop().SetImmediate([&] { agent->Destroy(); });
          server->Close();
        });
      });
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   connection
  2 response /1 200
  3 close    /1 reused=false
  4 server   connection
  5 response /2 200
  6 close    /2 reused=false
  7 process  exit code=0
)");
}

TEST_P(HttpAgent, ReportsAResponseThatIsCutShort) {
  Serve([&](const Request& request, const Response& response) {
    response->WriteHead(200, {{"Content-Length", "10"}});
    response->Write("half",
                    [request](const Error*) { request->socket()->Destroy(); });
  });
  server->on.listening([&] {
    http::RequestOptions options;
    options.port = port;
    const auto request =
        http::Get(process.stack(), options, [&](const Request& response) {
          WatchEvent(process, response->on.aborted, "c.res", "aborted");
          WatchEvent(process, response->on.end, "c.res", "end");
          WatchEvent(process, response->on.close, "c.res", "close");
          response->on.data([&](absl::string_view data) {
            process.Log("c.res", "data ", data);
          });
          response->on.error([&](const Error& error) {
            process.Log("c.res", "error ", Described(error));
          });
        });
    request->on.close([&] {
      process.Log("c.req", "close");
      server->Close();
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 server   connection
  2 c.res    data half
  3 c.res    aborted
  4 c.req    close
  5 c.res    error ECONNRESET "aborted"
  6 c.res    close
  7 process  exit code=0
)");
}

INSTANTIATE_TEST_SUITE_P(Kernels, HttpAgent, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
