// A program of Node 20 that makes each call of a client's request in each of
// its states, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_calls.h"

namespace simloop::net {
namespace {

using Ask = std::shared_ptr<http::ClientRequest>;

// They have timers: simulated only.
class V20RequestCalls : public V20Calls {
 protected:
  using Use = std::function<void(const Ask&)>;
  using Named = std::pair<std::string, Use>;
  using State = std::pair<std::string, std::function<void(const Use&)>>;

  template <typename... Parts>
  void SayServer(const Parts&... parts) {
    absl::StrAppend(&srv, " ", parts...);
  }
  void Serve();
  Ask Make(const std::string& path);
  void WatchResponse(const Request& r);
  std::vector<State> States();
  std::vector<State> LateStates();
  std::vector<Named> Calls();
  std::vector<Named> EndingCalls();
  void Next();

  std::shared_ptr<http::Server> server;
  std::vector<std::pair<State, Named>> jobs;
  std::string srv;
};

void V20RequestCalls::Serve() {
  server = http::Server::Create(
      process.stack(), [this](const Request& q, const Response& r) {
        r->send_date = false;
        SayServer(q->method(), q->url());
        const auto got = std::make_shared<size_t>(0);
        q->on.data([got](absl::string_view data) { *got += data.size(); });
        q->on.end([this, got, q = q.get(), r] {
          SayServer("got:", *got);
          if (q->url() != "/hold") r->End("done");
        });
        q->on.error([this](const Error& e) { SayServer("qerr:", e.code()); });
        q->on.close([this] { SayServer("qclose"); });
        r->on.close([this, r = r.get()] {
          SayServer("rclose:", Bool(r->writable_finished()));
        });
        if (q->url() == "/early") r->Write("part");
      });
  server->on.client_error([this](const Error& e, const SocketHandle& s) {
    SayServer("clientError:", e.code());
    s->Destroy();
  });
  server->on.connection([this](const SocketHandle& s) {
    s->on.close([this](bool) { SayServer("gone"); });
  });
}

Ask V20RequestCalls::Make(const std::string& path) {
  http::RequestOptions options = To(server, path);
  options.method = "POST";
  const Ask q = http::Request(process.stack(), options);
  q->on.socket([this, mine = job](const SocketHandle&) {
    if (mine == job) Say("socket");
  });
  SayEvent(q->on.finish, "finish");
  SayEvent(q->on.prefinish, "prefinish");
  SayEvent(q->on.abort, "abort");
  SayEvent(q->on.timeout, "timeout");
  SayEvent(q->on.drain, "drain");
  SayError(q->on.error);
  SayEvent(q->on.close, "close");
  q->on.response([this](const Request& r) { WatchResponse(r); });
  return q;
}

void V20RequestCalls::WatchResponse(const Request& r) {
  Say("response");
  SayData(r->on.data);
  SayEvent(r->on.end, "rend");
  SayEvent(r->on.aborted, "raborted");
  SayError(r->on.error, "rerror");
  r->on.close([this, mine = job, r = r.get()] {
    if (mine == job) Say("rclose:", Bool(r->complete()));
  });
}

std::vector<V20RequestCalls::State> V20RequestCalls::States() {
  return {{"made", [this](const Use& go) { go(Make("/a")); }},
          {"socket",
           [this](const Use& go) {
             const Ask q = Make("/a");
             q->on.socket([go, q](const SocketHandle&) { go(q); });
           }},
          {"connect",
           [this](const Use& go) {
             const Ask q = Make("/a");
             q->on.socket([go, q](const SocketHandle& s) {
               s->on.connect([go, q] { go(q); });
             });
           }},
          {"written",
           [this](const Use& go) {
             const Ask q = Make("/a");
             q->Write("12");
             q->on.socket([this, go, q](const SocketHandle& s) {
               s->on.connect([this, go, q] { After(10, [go, q] { go(q); }); });
             });
           }},
          {"flushed",
           [this](const Use& go) {
             const Ask q = Make("/a");
             q->FlushHeaders();
             After(20, [go, q] { go(q); });
           }},
          {"ended",
           [this](const Use& go) {
             const Ask q = Make("/hold");
             q->End("34");
             go(q);
           }},
          {"finish",
           [this](const Use& go) {
             const Ask q = Make("/hold");
             q->End("34");
             q->on.finish([go, q] { go(q); });
           }},
          {"waiting", [this](const Use& go) {
             const Ask q = Make("/hold");
             q->End("34");
             After(20, [go, q] { go(q); });
           }}};
}

std::vector<V20RequestCalls::State> V20RequestCalls::LateStates() {
  return {{"response",
           [this](const Use& go) {
             const Ask q = Make("/early");
             q->Write("5");
             q->on.response([go, q](const Request&) { go(q); });
           }},
          {"reading",
           [this](const Use& go) {
             const Ask q = Make("/early");
             q->Write("5");
             q->on.response([this, go, q](const Request&) {
               After(10, [go, q] { go(q); });
             });
           }},
          {"done",
           [this](const Use& go) {
             const Ask q = Make("/a");
             q->End();
             q->on.response(
                 [go, q](const Request& r) { r->on.end([go, q] { go(q); }); });
           }},
          {"destroyed",
           [this](const Use& go) {
             const Ask q = Make("/a");
             q->Destroy();
             go(q);
           }},
          {"aborted",
           [this](const Use& go) {
             const Ask q = Make("/a");
             q->Write("1");
             After(15, [go, q] {
               q->Abort();
               go(q);
             });
           }},
          {"closed", [this](const Use& go) {
             const Ask q = Make("/a");
             q->End();
             q->on.close([go, q] { go(q); });
           }}};
}

std::vector<V20RequestCalls::Named> V20RequestCalls::Calls() {
  return {{"write",
           [this](const Ask& q) { Say(Bool(q->Write("abc", Told("w")))); }},
          {"write end",
           [this](const Ask& q) {
             Say(Bool(q->Write("abc", Told("w"))));
             q->End("", Told("e"));
           }},
          {"end", [this](const Ask& q) { q->End("", Told("e")); }},
          {"end data", [this](const Ask& q) { q->End("xyz", Told("e")); }},
          {"end twice",
           [this](const Ask& q) {
             q->End("", Told("e"));
             q->End("more", Told("f"));
           }},
          {"setHeader",
           [](const Ask& q) {
             q->SetHeader("X-A", "1");
             q->End();
           }},
          {"appendHeader", [](const Ask& q) { q->AppendHeader("X-A", "1"); }},
          {"removeHeader",
           [](const Ask& q) {
             q->RemoveHeader("Host");
             q->End();
           }},
          {"addTrailers", [](const Ask& q) {
             q->AddTrailers({{"X-T", "1"}});
             q->End("t");
           }}};
}

std::vector<V20RequestCalls::Named> V20RequestCalls::EndingCalls() {
  return {
      {"flushHeaders", [](const Ask& q) { q->FlushHeaders(); }},
      {"destroy", [](const Ask& q) { q->Destroy(); }},
      {"destroy with",
       [](const Ask& q) {
         q->Destroy(Error("Error", "mine"));
         q->Destroy(Error("Error", "second"));
       }},
      {"abort",
       [](const Ask& q) {
         q->Abort();
         q->Abort();
       }},
      {"abort destroy",
       [](const Ask& q) {
         q->Abort();
         q->Destroy(Error("Error", "mine"));
       }},
      {"write abort",
       [this](const Ask& q) {
         Say(Bool(q->Write("abc", Told("w"))));
         q->Abort();
       }},
      {"timeout", [](const Ask& q) { q->SetTimeout(absl::Milliseconds(20)); }},
      {"cork", [this](const Ask& q) {
         q->Cork();
         Say(Bool(q->Write("a", Told("w"))));
         q->Uncork();
         q->End();
       }}};
}

void V20RequestCalls::Next() {
  if (job == jobs.size()) {
    server->CloseAllConnections();
    server->Close();
    return;
  }
  line.clear();
  srv.clear();
  const auto& state = jobs[job].first;
  const Named& call = jobs[job].second;
  const auto gone = std::make_shared<bool>(false);
  state.second([this, gone, state = state.first, call](const Ask& q) {
    if (std::exchange(*gone, true)) return;
    Say(">");
    Try([&] { call.second(q); });
    Say("|");
    After(45, [this, state, call, q] {
      process.Log(state, call.first, " =>", line, " / ",
                  Bool(q->headers_sent()), " ", Bool(q->writable_ended()), " ",
                  Bool(q->writable_finished()), " ", Bool(q->destroyed()), " ",
                  Bool(q->aborted()), " srv", srv);
      ++job;
      q->on.error([](const Error&) {});
      q->Destroy();
      After(15, [this] { Next(); });
    });
  });
}

TEST_P(V20RequestCalls, Case246EachCallInEachState) {
  Serve();
  std::vector<State> states = States();
  for (State& state : LateStates()) states.push_back(std::move(state));
  std::vector<Named> calls = Calls();
  for (Named& call : EndingCalls()) calls.push_back(std::move(call));
  for (const State& state : states) {
    for (const Named& call : calls) jobs.emplace_back(state, call);
  }
  server->on.listening([this] { Next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/246-request-calls"));
}

INSTANTIATE_TEST_SUITE_P(, V20RequestCalls, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
