// A program of Node 20 that makes each call of a request which shares one
// connection with one before it and one behind it, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_calls.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20QueuedCalls : public V20Calls {
 protected:
  using Ask = std::shared_ptr<http::ClientRequest>;
  using Agent = std::shared_ptr<http::Agent>;
  using Go = std::function<void()>;
  using State = std::pair<std::string, std::function<void(const Ask&, Go)>>;
  using Named =
      std::pair<std::string, std::function<void(const Ask&, const Agent&)>>;

  void Serve();
  Ask Send(const Agent& agent, const std::string& name,
           const std::string& path);
  void WatchAll(const Ask& q);
  std::vector<State> States();
  std::vector<Named> Calls();
  void UseSocket(const Ask& q, void (*use)(Socket&)) {
    if (q->socket() == nullptr) {
      Say("none");
    } else {
      use(*q->socket());
    }
  }
  void Next();

  std::shared_ptr<http::Server> server;
  std::vector<std::pair<State, Named>> jobs;
};

void V20QueuedCalls::Serve() {
  http::Server::Options options;
  options.keep_alive_timeout = absl::ZeroDuration();
  server = http::Server::Create(process.stack(), options,
                                [this](const Request& q, const Response& r) {
                                  r->send_date = false;
                                  q->on.error([](const Error&) {});
                                  r->on.error([](const Error&) {});
                                  Say("(", q->method(), q->url(), ")");
                                  q->Resume();
                                  q->on.end([this, q = q.get(), r] {
                                    if (q->url() == "/first") {
                                      After(20, [r] { r->End("1"); });
                                    } else if (q->url() == "/slow") {
                                      After(25, [r] { r->End("slow"); });
                                    } else {
                                      r->End("now");
                                    }
                                  });
                                });
}

V20QueuedCalls::Ask V20QueuedCalls::Send(const Agent& agent,
                                         const std::string& name,
                                         const std::string& path) {
  http::RequestOptions options = To(server, path);
  options.agent = agent;
  if (path == "/slow") options.method = "POST";
  const Ask q = http::Request(process.stack(), options);
  q->on.socket([this, name, mine = job, q = q.get()](const SocketHandle&) {
    if (mine == job) Say(name, "socket:", Bool(q->reused_socket()));
  });
  SayError(q->on.error, name + "error");
  SayEvent(q->on.close, name + "close");
  q->on.response([this, name, mine = job](const Request& r) {
    if (mine != job) return;
    Say(name, "response");
    SayEvent(r->on.end, name + "end");
    SayError(r->on.error, name + "rerror");
    r->Resume();
  });
  return q;
}

void V20QueuedCalls::WatchAll(const Ask& q) {
  SayEvent(q->on.finish, "2finish");
  SayEvent(q->on.abort, "2abort");
  SayEvent(q->on.timeout, "2timeout");
}

std::vector<V20QueuedCalls::State> V20QueuedCalls::States() {
  return {{"queued",
           [](const Ask& q, Go go) {
             q->End();
             go();
           }},
          {"queued open", [](const Ask&, Go go) { go(); }},
          {"queued later",
           [this](const Ask& q, Go go) {
             q->End();
             After(10, go);
           }},
          {"socket",
           [](const Ask& q, Go go) {
             q->on.socket([go](const SocketHandle&) { go(); });
           }},
          {"socket ended",
           [](const Ask& q, Go go) {
             q->End();
             q->on.socket([go](const SocketHandle&) { go(); });
           }},
          {"finish",
           [](const Ask& q, Go go) {
             q->End("x");
             q->on.finish(go);
           }},
          {"sent",
           [this](const Ask& q, Go go) {
             q->End();
             q->on.finish([this, go] { After(10, go); });
           }},
          {"response",
           [](const Ask& q, Go go) {
             q->End();
             q->on.response([go](const Request&) { go(); });
           }},
          {"end",
           [](const Ask& q, Go go) {
             q->End();
             q->on.response([go](const Request& r) { r->on.end(go); });
           }},
          {"close", [](const Ask& q, Go go) {
             q->End();
             q->on.close(go);
           }}};
}

std::vector<V20QueuedCalls::Named> V20QueuedCalls::Calls() {
  return {
      {"nothing", [](const Ask&, const Agent&) {}},
      {"end", [](const Ask& q, const Agent&) { q->End(); }},
      {"write", [](const Ask& q, const Agent&) { q->Write("y"); }},
      {"destroy", [](const Ask& q, const Agent&) { q->Destroy(); }},
      {"destroy with",
       [](const Ask& q, const Agent&) { q->Destroy(Error("Error", "mine")); }},
      {"abort", [](const Ask& q, const Agent&) { q->Abort(); }},
      {"timeout", [](const Ask& q,
                     const Agent&) { q->SetTimeout(absl::Milliseconds(8)); }},
      {"timeout destroy",
       [](const Ask& q, const Agent&) {
         q->SetTimeout(absl::Milliseconds(8),
                       [q] { q->Destroy(Error("Error", "slow")); });
       }},
      {"socket destroy",
       [this](const Ask& q, const Agent&) {
         UseSocket(q, [](Socket& s) { s.Destroy(); });
       }},
      {"socket end",
       [this](const Ask& q, const Agent&) {
         UseSocket(q, [](Socket& s) { s.End(); });
       }},
      {"socket reset",
       [this](const Ask& q, const Agent&) {
         UseSocket(q, [](Socket& s) { s.ResetAndDestroy(); });
       }},
      {"agent destroy",
       [](const Ask&, const Agent& agent) { agent->Destroy(); }}};
}

void V20QueuedCalls::Next() {
  if (job == jobs.size()) {
    server->Close();
    return;
  }
  line.clear();
  http::Agent::Options one;
  one.max_sockets = 1;
  one.timeout = absl::ZeroDuration();
  const Agent agent = http::Agent::Create(process.stack(), one);
  Send(agent, "1", "/first")->End();
  const Ask q = Send(agent, "2", "/slow");
  WatchAll(q);
  const auto once = std::make_shared<bool>(false);
  jobs[job].first.second(q, [this, once, agent, q] {
    if (std::exchange(*once, true)) return;
    Say(">");
    Try([&] { jobs[job].second.second(q, agent); });
    Say("|");
  });
  Send(agent, "3", "/third")->End();
  After(130, [this, agent, q] {
    const auto& done = jobs[job];
    process.Log(done.first.first, done.second.first, " =>", line, " / [",
                agent->busy_sockets(), " ", agent->free_sockets(), " ",
                agent->waiting_requests(), "] ", Bool(q->destroyed()), " ",
                Bool(q->writable_finished()));
    ++job;
    agent->Destroy();
    q->Destroy();
    After(15, [this] { Next(); });
  });
}

TEST_P(V20QueuedCalls, Case258EachCallInEachState) {
  Serve();
  for (const State& state : States()) {
    for (const Named& call : Calls()) jobs.emplace_back(state, call);
  }
  server->on.listening([this] { Next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/258-queued-calls"));
}

INSTANTIATE_TEST_SUITE_P(, V20QueuedCalls, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
