// Programs of Node 20 whose http listeners throw, recorded here: what is
// skipped, and what comes all the same.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpThrowing : public V20Program {
 protected:
  // Two listeners, of which the first throws if it is its moment.
  template <typename Named>
  void Boom(Named& event, const std::string& who, const std::string& name) {
    event([this, who, name](auto&&...) {
      process.Log(who, name, " first");
      if (at == who + " " + name) Throw(at);
    });
    event([this, who, name](auto&&...) { process.Log(who, name, " second"); });
  }
  std::shared_ptr<http::Server> Serve210() {
    const auto server = http::Server::Create(
        process.stack(), [&](const Request& q, const Response& r) {
          Boom(q->on.data, "s.req", "data");
          Boom(q->on.end, "s.req", "end");
          Boom(q->on.close, "s.req", "close");
          Boom(r->on.finish, "s.res", "finish");
          Boom(r->on.close, "s.res", "close");
          q->on.end([r] { r->End("hello"); });
        });
    Boom(server->on.connection, "server", "connection");
    Boom(server->on.request, "server", "request");
    return server;
  }
  std::shared_ptr<http::ClientRequest> Ask210(
      const std::shared_ptr<http::Server>& server) {
    http::RequestOptions to = To(server);
    to.method = "POST";
    const auto q = http::Request(process.stack(), to);
    Boom(q->on.socket, "c.req", "socket");
    Boom(q->on.finish, "c.req", "finish");
    Boom(q->on.response, "c.req", "response");
    Boom(q->on.close, "c.req", "close");
    WatchErrors(q, "c.req");
    q->on.socket([&](const SocketHandle& s) {
      Boom(s->on.connect, "c.sock", "connect");
      Boom(s->on.ready, "c.sock", "ready");
      Boom(s->on.close, "c.sock", "close");
    });
    q->on.response([&](const Request& r) {
      Boom(r->on.data, "c.res", "data");
      Boom(r->on.end, "c.res", "end");
      Boom(r->on.close, "c.res", "close");
      WatchErrors(r, "c.res");
    });
    q->End("body");
    return q;
  }
  std::string at;
  std::function<void()> next;
};

TEST_P(V20HttpThrowing, Case210ThrowsAtEachEvent) {
  LogExceptions();
  const std::vector<std::string> moments = {
      "none",         "server connection", "server request", "s.req data",
      "s.req end",    "s.req close",       "s.res finish",   "s.res close",
      "c.req socket", "c.req finish",      "c.req response", "c.res data",
      "c.res end",    "c.res close",       "c.req close",    "c.sock connect",
      "c.sock ready", "c.sock close"};
  size_t moment = 0;
  next = [&] {
    if (moment == moments.size()) return;
    at = moments[moment++];
    process.Log("main", "--- ", at);
    const auto server = Serve210();
    server->on.listening([&, p = server.get()] {
      const auto server = p->shared_from_this();
      const auto q = Ask210(server);
      After(40, [&, server, q] {
        server->CloseAllConnections();
        server->Close([&, q](const Error*) {
          After(20, [&, q] {
            if (!q->destroyed()) {
              process.Log("main", "req.destroy()");
              q->Destroy();
            }
            After(20, [&] { next(); });
          });
        });
      });
    });
    server->Listen(0, "127.0.0.1");
  };
  next();
  EXPECT_EQ(process.Run(), RecordedLines("v20/210-http-throwing"));
}

TEST_P(V20HttpThrowing, Case212ThrowsInRareEvents) {
  LogExceptions();
  const std::string get = " HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string post =
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: ";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"upgrade",
       "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
       "Upgrade: y\r\n\r\nhead"},
      {"connect", "CONNECT a:1" + get},
      {"clientError", "BAD\r\n\r\n"},
      {"checkContinue", post + "100-continue\r\n\r\nab"},
      {"checkExpectation", post + "other\r\n\r\nab"},
      {"dropRequest", "GET /1" + get + "GET /2" + get},
      {"second", "GET /1" + get + "GET /second" + get + "GET /3" + get},
      {"write cb", "GET /cb" + get},
      {"end cb", "GET /endcb" + get + "GET /after" + get}};
  const auto boom = [&](const std::string& who, const std::string& event) {
    process.Log(who, event, " first");
    Throw(who + " " + event);
  };
  const auto on = [&](auto& event, const std::string& who,
                      const std::string& name) {
    event([&, who, name](auto&&...) { process.Log(who, name); });
  };
  size_t k = 0;
  std::string all;
  next = [&] {
    if (k == cases.size()) return;
    const auto& name = cases[k].first;
    const auto& text = cases[k++].second;
    process.Log("main", "--- ", name);
    const auto server = http::Server::Create(
        process.stack(), [&, boom, on](const Request& q, const Response& r) {
          const std::string url = q->url();
          process.Log("server", "request ", url);
          r->send_date = false;
          on(q->on.end, "s.req", "end " + url);
          on(q->on.close, "s.req", "close " + url);
          on(r->on.finish, "s.res", "finish " + url);
          on(r->on.close, "s.res", "close " + url);
          q->Resume();
          if (url == "/second") boom("server", "second");
          if (url == "/cb") {
            r->Write("w", [&](const Error*) { boom("s.res", "write cb"); });
            Tick([r] { r->End("e"); });
          } else if (url == "/endcb") {
            r->End("e", [&] { boom("s.res", "end cb"); });
          } else {
            r->End("x");
          }
        });
    if (name == "dropRequest") {
      server->mutable_options().max_requests_per_socket = 1;
    }
    const auto add = [&](auto& event, const std::string& mine) {
      if (mine != name) return;
      event([&, mine](auto&&...) { boom("server", mine); });
      event([&, mine](auto&&...) { process.Log("server", mine, " second"); });
    };
    add(server->on.upgrade, "upgrade");
    add(server->on.connect, "connect");
    add(server->on.client_error, "clientError");
    add(server->on.check_continue, "checkContinue");
    add(server->on.check_expectation, "checkExpectation");
    add(server->on.drop_request, "dropRequest");
    server->on.connection([&, on](const SocketHandle& s) {
      on(s->on.end, "s.sock", "end");
      s->on.close(
          [&](bool had) { process.Log("s.sock", "close ", Bool(had)); });
    });
    server->on.listening([&, on, text = text, p = server.get()] {
      const auto server = p->shared_from_this();
      const auto c = ConnectTo(server);
      all.clear();
      c->on.connect([c, text] { c->Write(text); });
      c->on.data([&](absl::string_view d) { absl::StrAppend(&all, d); });
      WatchErrors(c, "client");
      on(c->on.end, "client", "end");
      c->on.close([&, server](bool) {
        const std::vector<std::string> heads = absl::StrSplit(all, "HTTP");
        process.Log("client", "close ", heads.size() - 1);
        server->CloseAllConnections();
        server->Close();
        After(20, [&] { next(); });
      });
      After(30, [&, c] {
        process.Log("client", "end()");
        c->End();
        After(20, [c] { c->Destroy(); });
      });
    });
    server->Listen(0, "127.0.0.1");
  };
  next();
  EXPECT_EQ(process.Run(), RecordedLines("v20/212-http-throwing-rare"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpThrowing, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
