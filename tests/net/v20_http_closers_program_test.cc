// A program of Node 20 whose http server is closed, or its connections are,
// while they are in each of their states, recorded here.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_calls.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpClosers : public V20Calls {
 protected:
  struct Subject {
    std::shared_ptr<http::Server> server;
    Response response;  // the last
    SocketHandle client;
    size_t text = 0;
    std::string how;
  };
  using Handle = std::shared_ptr<Subject>;
  // A name, and what the client writes; none: there is no client.
  using State = std::pair<std::string, std::optional<std::string>>;
  using Named = std::pair<std::string, std::function<void(const Handle&)>>;

  void OnRequest(Subject* s, const Request& q, const Response& r);
  Handle Make();
  static std::vector<State> States();
  std::vector<Named> Calls();
  void Ask(const Handle& s, const State& state);
  void Next();

  std::vector<std::pair<State, Named>> jobs;
};

void V20HttpClosers::OnRequest(Subject* s, const Request& q,
                               const Response& r) {
  r->send_date = false;
  s->response = r;
  SayEvent(r->on.finish, "finish");
  r->on.close([this, mine = job, r = r.get()] {
    if (mine == job) Say("rclose:", Bool(r->writable_finished()));
  });
  SayEvent(q->on.aborted, "aborted");
  SayError(q->on.error, "qerr");
  SayEvent(q->on.close, "qclose");
  SayEvent(q->on.end, "qend");
  if (q->url() == "/now") {
    r->End("now");
  } else if (q->url() == "/part") {
    r->Write("part");
    q->Resume();
  } else if (q->url() == "/big") {
    r->End(std::string(300000, 'x'));
  } else if (q->url() == "/read") {
    q->Resume();
  } else if (q->url() == "/slow") {
    After(35, [r] { r->End("slow"); });
  }
}

V20HttpClosers::Handle V20HttpClosers::Make() {
  const auto s = std::make_shared<Subject>();
  s->server = http::Server::Create(
      process.stack(),
      [this, s = s.get()](const Request& q, const Response& r) {
        OnRequest(s, q, r);
      });
  s->server->on.upgrade(
      [](const Request&, const SocketHandle& k, absl::string_view) {
        k->Write("HTTP/1.1 101 S\r\n\r\n");
        k->on.error([](const Error&) {});
        k->on.end([k = k.get()] { k->End(); });
        k->Resume();
      });
  s->server->on.client_error(
      [this, mine = job](const Error& e, const SocketHandle& k) {
        if (mine == job) Say("clientError:", Why(e));
        k->Destroy();
      });
  s->server->on.connection([this, mine = job](const SocketHandle& k) {
    k->on.close([this, mine](bool) {
      if (mine == job) Say("gone");
    });
  });
  SayEvent(s->server->on.close, "close");
  return s;
}

std::vector<V20HttpClosers::State> V20HttpClosers::States() {
  const std::string h = " HTTP/1.1\r\nHost: a\r\n";
  const std::string four = "Content-Length: 4\r\n\r\nab";
  return {
      {"nobody", std::nullopt},
      {"silent", ""},
      {"half a head", "GET /now"},
      {"half a field", "GET /now" + h + "X-"},
      {"body awaited", "POST /read" + h + four},
      {"body unread", "POST /hold" + h + four},
      {"held", "GET /hold" + h + "\r\n"},
      {"slow", "GET /slow" + h + "\r\n"},
      {"part", "GET /part" + h + "\r\n"},
      {"big", "GET /big" + h + "\r\n"},
      {"idle", "GET /now" + h + "\r\n"},
      {"idle and half", "GET /now" + h + "\r\nGET /now"},
      {"two", "GET /slow" + h + "\r\nGET /now" + h + "\r\n"},
      {"upgraded", "GET /" + h + "Connection: upgrade\r\nUpgrade: x\r\n\r\n"},
      {"leaving", "GET /slow" + h + "Connection: close\r\n\r\n"}};
}

std::vector<V20HttpClosers::Named> V20HttpClosers::Calls() {
  const auto close = [this](const Handle& s, const char* name) {
    s->server->Close(Told(name));
  };
  return {{"close", [=](const Handle& s) { close(s, "c"); }},
          {"idle", [](const Handle& s) { s->server->CloseIdleConnections(); }},
          {"all", [](const Handle& s) { s->server->CloseAllConnections(); }},
          {"close all",
           [=](const Handle& s) {
             close(s, "c");
             s->server->CloseAllConnections();
           }},
          {"all close",
           [=](const Handle& s) {
             s->server->CloseAllConnections();
             close(s, "c");
           }},
          {"close idle later",
           [=, this](const Handle& s) {
             close(s, "c");
             After(20, [s] { s->server->CloseIdleConnections(); });
           }},
          {"close end",
           [=](const Handle& s) {
             close(s, "c");
             if (s->response != nullptr && !s->response->writable_ended()) {
               s->response->End("end");
             }
           }},
          {"close twice", [=](const Handle& s) {
             close(s, "c");
             close(s, "d");
           }}};
}

void V20HttpClosers::Ask(const Handle& s, const State& state) {
  if (!state.second.has_value()) return;
  s->client = ConnectTo(s->server);
  if (state.first == "big") {
    s->client->Pause();
  } else {
    s->client->on.data(
        [s = s.get()](absl::string_view data) { s->text += data.size(); });
  }
  s->client->on.end([s = s.get()] { s->how += "~"; });
  s->client->on.error([s](const Error& e) { s->how += "!" + e.code(); });
  s->client->on.close([s](bool) { s->how += "."; });
  if (!state.second->empty()) s->client->Write(*state.second);
}

void V20HttpClosers::Next() {
  if (job == jobs.size()) return;
  line.clear();
  const Handle s = Make();
  s->server->on.listening([this, s] {
    const State& state = jobs[job].first;
    const Named& call = jobs[job].second;
    Ask(s, state);
    After(20, [this, s, state = state.first, call] {
      Say(">");
      Try([&] { call.second(s); });
      Say("|");
      After(60, [this, s, state, call] {
        s->server->net()->GetConnections([this, s, state, call](size_t n) {
          process.Log(state, call.first, " =>", line, " / ", n, " ",
                      Bool(s->server->listening()), " cli ", s->text, s->how);
          ++job;
          if (s->client != nullptr) s->client->Destroy();
          if (s->server->listening()) s->server->Close();
          s->server->CloseAllConnections();
          After(15, [this] { Next(); });
        });
      });
    });
  });
  s->server->Listen(0, "127.0.0.1");
}

TEST_P(V20HttpClosers, Case253EachCallInEachState) {
  for (const State& state : States()) {
    for (const Named& call : Calls()) jobs.emplace_back(state, call);
  }
  Immediate([this] { Next(); });
  EXPECT_EQ(process.Run(), RecordedLines("v20/253-http-closers"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpClosers, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
