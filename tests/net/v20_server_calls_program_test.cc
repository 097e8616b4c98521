// A program of Node 20 that makes each call of a server in each of its states,
// recorded here.
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
class V20ServerCalls : public V20Calls {
 protected:
  struct Subject {
    std::shared_ptr<Server> server;
    SocketHandle accepted;
    SocketHandle client;
  };
  using Handle = std::shared_ptr<Subject>;
  using Use = std::function<void(const Handle&)>;
  using Named = std::pair<std::string, Use>;
  using State = std::pair<std::string, std::function<void(const Use&)>>;

  static void Listen(const Handle& s) { s->server->Listen(0, "127.0.0.1"); }
  void Count(const Handle& s) {
    s->server->GetConnections([this](size_t n) { Say("n:", n); });
  }
  Handle Make();
  void WithClient(const Use& use);
  std::vector<State> States();
  std::vector<State> EndingStates();
  std::vector<Named> Calls();
  std::vector<Named> MoreCalls();
  void Next();

  std::shared_ptr<Server> blocker;
  std::vector<std::pair<State, Named>> jobs;
};

V20ServerCalls::Handle V20ServerCalls::Make() {
  const auto s = std::make_shared<Subject>();
  s->server = Server::Create(process.stack(),
                             [this, s = s.get()](const SocketHandle& c) {
                               Say("connection");
                               s->accepted = c;
                               c->on.error([](const Error&) {});
                               c->Resume();
                             });
  SayEvent(s->server->on.listening, "listening");
  SayError(s->server->on.error);
  SayEvent(s->server->on.close, "close");
  return s;
}

void V20ServerCalls::WithClient(const Use& use) {
  const Handle s = Make();
  s->server->on.listening.Once([this, s, use] {
    s->client = Dial(*s->server);
    s->client->on.error([](const Error&) {});
    s->client->on.close([this](bool) { Say("client gone"); });
    After(10, [s, use] { use(s); });
  });
  Listen(s);
}

std::vector<V20ServerCalls::State> V20ServerCalls::States() {
  return {{"new", [this](const Use& go) { go(Make()); }},
          {"called",
           [this](const Use& go) {
             const Handle s = Make();
             Listen(s);
             go(s);
           }},
          {"called all",
           [this](const Use& go) {
             const Handle s = Make();
             s->server->Listen(0);
             go(s);
           }},
          {"in listening",
           [this](const Use& go) {
             const Handle s = Make();
             s->server->on.listening.Once([go, s] { go(s); });
             Listen(s);
           }},
          {"listening", [this](const Use& go) {
             const Handle s = Make();
             Listen(s);
             After(10, [go, s] { go(s); });
           }}};
}

std::vector<V20ServerCalls::State> V20ServerCalls::EndingStates() {
  return {{"connected", [this](const Use& go) { WithClient(go); }},
          {"closing",
           [this](const Use& go) {
             WithClient([this, go](const Handle& s) {
               s->server->Close(Told("first"));
               go(s);
             });
           }},
          {"closing later",
           [this](const Use& go) {
             WithClient([this, go](const Handle& s) {
               s->server->Close(Told("first"));
               After(10, [go, s] { go(s); });
             });
           }},
          {"closed",
           [this](const Use& go) {
             const Handle s = Make();
             s->server->on.listening.Once([go, s] {
               s->server->Close();
               go(s);
             });
             Listen(s);
           }},
          {"in close",
           [this](const Use& go) {
             const Handle s = Make();
             s->server->on.close.Once([go, s] { go(s); });
             s->server->on.listening.Once([s] { s->server->Close(); });
             Listen(s);
           }},
          {"failed",
           [this](const Use& go) {
             const Handle s = Make();
             s->server->on.error.Once([go, s](const Error&) { go(s); });
             s->server->Listen(blocker->address()->port, "127.0.0.1");
           }},
          {"failing", [this](const Use& go) {
             const Handle s = Make();
             s->server->Listen(blocker->address()->port, "127.0.0.1");
             go(s);
           }}};
}

std::vector<V20ServerCalls::Named> V20ServerCalls::Calls() {
  return {{"listen", [](const Handle& s) { Listen(s); }},
          {"listen twice",
           [](const Handle& s) {
             Listen(s);
             Listen(s);
           }},
          {"listen in use",
           [this](const Handle& s) {
             s->server->Listen(blocker->address()->port, "127.0.0.1");
           }},
          {"close", [this](const Handle& s) { s->server->Close(Told("c")); }},
          {"close twice",
           [this](const Handle& s) {
             s->server->Close(Told("c"));
             s->server->Close(Told("d"));
           }},
          {"close listen",
           [this](const Handle& s) {
             s->server->Close(Told("c"));
             Listen(s);
           }},
          {"listen close", [this](const Handle& s) {
             Listen(s);
             s->server->Close(Told("c"));
           }}};
}

std::vector<V20ServerCalls::Named> V20ServerCalls::MoreCalls() {
  return {{"address",
           [this](const Handle& s) {
             const auto a = s->server->address();
             Say(!a.has_value()
                     ? "null"
                     : absl::StrCat(a->ip.ToString(), ":",
                                    a->ip.is_v4() ? "IPv4" : "IPv6"));
             Say(Bool(s->server->listening()));
           }},
          {"count", [this](const Handle& s) { Count(s); }},
          {"close count",
           [this](const Handle& s) {
             s->server->Close(Told("c"));
             Count(s);
           }},
          {"unref ref",
           [](const Handle& s) {
             s->server->Unref();
             s->server->Ref();
           }},
          {"destroy close",
           [this](const Handle& s) {
             if (s->accepted != nullptr) s->accepted->Destroy();
             s->server->Close(Told("c"));
           }},
          {"close destroy", [this](const Handle& s) {
             s->server->Close(Told("c"));
             if (s->accepted != nullptr) s->accepted->Destroy();
           }}};
}

void V20ServerCalls::Next() {
  if (job == jobs.size()) {
    blocker->Close();
    return;
  }
  line.clear();
  const auto& state = jobs[job].first;
  const Named& call = jobs[job].second;
  state.second([this, state = state.first, call](const Handle& s) {
    Say(">");
    Try([&] { call.second(s); });
    Say("|");
    After(35, [this, state, call, s] {
      process.Log(state, call.first, " =>", line, " / ",
                  Bool(s->server->listening()), " ",
                  Bool(s->server->address().has_value()));
      ++job;
      if (s->client != nullptr) s->client->Destroy();
      if (s->server->listening()) s->server->Close();
      After(12, [this] { Next(); });
    });
  });
}

TEST_P(V20ServerCalls, Case252EachCallInEachState) {
  blocker = Server::Create(process.stack());
  std::vector<State> states = States();
  for (State& state : EndingStates()) states.push_back(std::move(state));
  std::vector<Named> calls = Calls();
  for (Named& call : MoreCalls()) calls.push_back(std::move(call));
  for (const State& state : states) {
    for (const Named& call : calls) jobs.emplace_back(state, call);
  }
  blocker->on.listening([this] { Next(); });
  blocker->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/252-server-calls"));
}

INSTANTIATE_TEST_SUITE_P(, V20ServerCalls, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
