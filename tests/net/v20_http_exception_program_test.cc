// Programs of Node 20 in which an exception meets a kept connection of http,
// recorded here.
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpException : public V20Program {
 protected:
  std::string at;
  std::function<void()> next;
};

TEST_P(V20HttpException, Case213ThrowsInAClient) {
  LogExceptions();
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        const std::string url = q->url();
        if (url == "/continued") r->WriteProcessing();
        if (url == "/bad") return q->socket()->End("BAD\r\n\r\n");
        if (url == "/gone") return q->socket()->Destroy();
        r->Write("a");
        After(10, [r] { r->End("b"); });
      });
  server->on.upgrade(
      [&](const Request&, const SocketHandle& s, absl::string_view) {
        s->End(
            "HTTP/1.1 101 S\r\nConnection: Upgrade\r\nUpgrade: y\r\n\r\n"
            "head");
      });
  const std::vector<std::pair<std::string, std::string>> list = {
      {"response", "/"},
      {"data", "/"},
      {"end", "/"},
      {"res-close", "/"},
      {"close", "/"},
      {"finish", "/"},
      {"socket", "/"},
      {"free", "/"},
      {"information", "/continued"},
      {"upgrade", "/upgraded"},
      {"error", "/bad"},
      {"error", "/gone"},
      {"write-cb", "/"},
      {"end-cb", "/"},
      {"timeout", "/"}};
  const auto hit = [&](const std::string& event) {
    process.Log("c", event);
    if (event == at) Throw("in " + event);
  };
  const auto count = [](size_t n) {
    return n == 0 ? std::string("[]") : absl::StrCat("[", n, "]");
  };
  const auto again = [&](const std::shared_ptr<http::Agent>& agent,
                         const std::shared_ptr<http::ClientRequest>& first) {
    process.Log("main", "busy/free ", count(agent->busy_sockets()), " ",
                count(agent->free_sockets()));
    http::RequestOptions to = To(server, "/again");
    to.agent = agent;
    const auto q =
        http::Get(process.stack(), to, [](const Request& r) { r->Resume(); });
    q->on.error([](const Error&) {});
    q->on.close([&, agent, first, p = q.get()] {
      process.Log("again", "close reused=", Bool(p->reused_socket()));
      agent->on.free.Clear();
      After(20, [&, agent, first] {
        process.Log("main", "agent.destroy()");
        first->Destroy();
        agent->Destroy();
        After(20, [&] { next(); });
      });
    });
  };
  const auto ask = [&](const std::string& path,
                       const std::shared_ptr<http::Agent>& agent) {
    http::RequestOptions to = To(server, path);
    to.agent = agent;
    to.method = "POST";
    if (at == "upgrade") {
      to.headers.Add("Connection", "Upgrade");
      to.headers.Add("Upgrade", "y");
    }
    const auto q = http::Request(process.stack(), to);
    q->on.socket([&](const SocketHandle& s) {
      s->on.close(
          [&](bool had) { process.Log("c.sock", "close ", Bool(had)); });
      hit("socket");
    });
    q->on.finish([&] { hit("finish"); });
    q->on.information(
        [&](const http::IncomingMessage&) { hit("information"); });
    q->on.upgrade(
        [&](const Request&, const SocketHandle& s, absl::string_view) {
          s->Resume();
          hit("upgrade");
        });
    q->on.timeout([&] { hit("timeout"); });
    q->on.response([&](const Request& r) {
      r->on.data([&](absl::string_view) { hit("data"); });
      r->on.end([&] { hit("end"); });
      r->on.close([&] { hit("res-close"); });
      WatchErrors(r, "c.res");
      hit("response");
    });
    q->on.error([&](const Error& e) {
      process.Log("c", Described(e));
      hit("error");
    });
    q->on.close([&] { hit("close"); });
    if (at == "timeout") q->SetTimeout(absl::Milliseconds(5));
    q->Write("one", [&](const Error*) { hit("write-cb"); });
    q->End("", [&] { hit("end-cb"); });
    return q;
  };
  size_t k = 0;
  next = [&] {
    if (k == list.size()) {
      server->CloseAllConnections();
      return server->Close();
    }
    const std::string path = list[k].second;
    at = list[k++].first;
    process.Log("main", "--- ", at);
    const auto agent = http::Agent::Create(process.stack());
    agent->on.free([&](const SocketHandle&) { hit("free"); });
    const auto q = ask(path, agent);
    After(50, [&, agent, q] { again(agent, q); });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/213-http-throwing-client"));
}

// The requests of case 217, each named after the event that throws.
class V20HttpExceptionKept : public V20HttpException {
 protected:
  void Hit(const Request& q, const std::string& event) {
    process.Log("s", event, " ", q->url());
    if (q->url() == "/" + event) Throw("in " + event);
  }
  void Watch(const Request& q, const Response& r) {
    // Each holds the message it listens to, until that drops its listeners.
    q->on.data([this, q](absl::string_view) { Hit(q, "data"); });
    q->on.end([this, q] { Hit(q, "end"); });
    q->on.close([this, q] { Hit(q, "req-close"); });
    q->on.error([this](const Error& e) { process.Log("s.req", Described(e)); });
    r->on.finish([this, q] { Hit(q, "finish"); });
    r->on.close([this, q] { Hit(q, "res-close"); });
    Hit(q, "request");
  }
  // Ends the answer when its name says, and throws.
  void Answer(const std::string& when, const Response& r) {
    const auto end = [this, when, r] {
      process.Log("s", when);
      r->End(when.substr(0, 1));
      Throw("in " + when);
    };
    if (when == "tick") return Tick(end);
    if (when == "micro") {
      return process.loop().QueueMicrotask([this, r] {
        process.Log("s", "micro");
        r->End("m");
        Tick([this] { process.Log("s", "after micro"); });
      });
    }
    if (when == "immediate") {
      Immediate(end);
      return Immediate([this] { process.Log("s", "immediate 2"); });
    }
    if (when == "timer") {
      After(10, end);
      return After(10, [this] { process.Log("s", "timer 2"); });
    }
    r->End("x");
    if (when == "late") Throw("in late");
  }
};

TEST_P(V20HttpExceptionKept, Case217ThrowsBeforeOtherRequests) {
  LogExceptions();
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        Watch(q, r);
        Answer(q->url().substr(1), r);
      });
  server->on.connection([&](const SocketHandle& s) {
    s->on.close([&](bool had) { process.Log("s.sock", "close ", Bool(had)); });
  });
  const std::vector<std::string> list = {
      "request", "data",  "end",       "finish", "res-close", "req-close",
      "tick",    "micro", "immediate", "timer",  "late"};
  size_t k = 0;
  std::string all;
  next = [&] {
    if (k == list.size()) {
      server->CloseAllConnections();
      return server->Close(
          [&](const Error*) { process.Log("server", "closed"); });
    }
    const std::string at = list[k++];
    process.Log("main", "--- ", at);
    const auto c = ConnectTo(server);
    all.clear();
    c->on.connect([c, at] {
      c->Write("POST /" + at +
               " HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
               "GET /second HTTP/1.1\r\nHost: x\r\n\r\n");
    });
    After(30, [&, c] {
      process.Log("c", "third");
      c->Write("GET /third HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    });
    After(60, [c] { c->Destroy(); });
    c->on.data([&](absl::string_view d) { absl::StrAppend(&all, d); });
    c->on.end([&] { process.Log("c", "end"); });
    c->on.error([&](const Error& e) { process.Log("c", Described(e)); });
    c->on.close([&](bool) {
      std::vector<std::string> heads;
      for (size_t i = 0; (i = all.find("HTTP/1.1 ", i)) != std::string::npos;
           i += 9) {
        heads.push_back(Quoted(all.substr(i, 12)));
      }
      process.Log("c", "close [", absl::StrJoin(heads, ","), "]");
      After(20, [&] { next(); });
    });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/217-http-throwing-keep-alive"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpException,
                         testing::Values(SimulatedBackEnd()), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20HttpExceptionKept,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
