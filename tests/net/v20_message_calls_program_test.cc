// A program of Node 20 that makes each call of a message that comes, a request
// or a response, in each of its states, recorded here.
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
class V20MessageCalls : public V20Calls {
 protected:
  using Use = std::function<void(const Request&)>;
  using Named = std::pair<std::string, Use>;
  // What comes with the head, what comes 25 ms later (none: nothing; empty: the
  // end), and what is done first.
  struct State {
    std::string name;
    std::string now;
    std::optional<std::string> later;
    std::function<void(const Request&, const Use&)> first;
  };
  struct Job {
    bool response;
    State state;
    Named call;
  };

  void WatchMessage(const Request& q);
  void Meet(const Request& q);
  void Feed(const SocketHandle& s, const std::string& head);
  void Serve();
  std::vector<State> States();
  std::vector<Named> Calls();
  std::vector<Named> EndingCalls();
  loop::Task AskOrAnswer();
  void Next();

  std::shared_ptr<http::Server> server;
  std::shared_ptr<Server> raw;
  std::vector<Job> jobs;
  Request the;
};

void V20MessageCalls::WatchMessage(const Request& q) {
  SayEvent(q->on.pause, "pause");
  SayEvent(q->on.resume, "resume");
  SayEvent(q->on.end, "end");
  SayEvent(q->on.aborted, "aborted");
  SayEvent(q->on.timeout, "timeout");
  SayError(q->on.error);
  q->on.close([this, mine = job, q = q.get()] {
    if (mine == job) Say("close:", Bool(q->complete()));
  });
}

void V20MessageCalls::Meet(const Request& q) {
  the = q;
  WatchMessage(q);
  const auto once = std::make_shared<bool>(false);
  jobs[job].state.first(q, [this, once](const Request& q) {
    if (std::exchange(*once, true)) return;
    Say(">");
    Try([&] { jobs[job].call.second(q); });
    Say("|");
  });
}

void V20MessageCalls::Feed(const SocketHandle& s, const std::string& head) {
  const State& state = jobs[job].state;
  s->on.error([](const Error&) {});
  s->Write(head + "Transfer-Encoding: chunked\r\n\r\n" + state.now);
  if (!state.later.has_value()) return;
  After(25, [s, later = *state.later] {
    if (later.empty()) {
      s->End();
    } else {
      s->Write(later);
    }
  });
}

void V20MessageCalls::Serve() {
  server = http::Server::Create(
      process.stack(), [this](const Request& q, const Response& r) {
        r->send_date = false;
        SayEvent(r->on.close, "rclose");
        r->on.error([this](const Error& e) { Say("rerror:", Why(e)); });
        // Node's server knows its answers.
        q->on.close([r] {});
        Meet(q);
      });
  server->on.client_error([this](const Error& e, const SocketHandle& s) {
    Say("clientError:", Why(e));
    s->Destroy();
  });
  Server::Options half_open;
  half_open.allow_half_open = true;
  raw =
      Server::Create(process.stack(), half_open, [this](const SocketHandle& s) {
        s->on.data(
            [this, p = s.get(), first = true](absl::string_view) mutable {
              if (std::exchange(first, false)) {
                Feed(p->shared_from_this(), "HTTP/1.1 200 OK\r\n");
              }
            });
        s->on.end([p = s.get()] { p->End(); });
      });
}

std::vector<V20MessageCalls::State> V20MessageCalls::States() {
  const std::string all = "4\r\nabcd\r\n0\r\n\r\n";
  const std::string part = "4\r\nabcd\r\n";
  const std::string rest = "2\r\nef\r\n0\r\n\r\n";
  const auto now = [](const Request& q, const Use& go) { go(q); };
  const auto soon = [this](const Request& q, const Use& go) {
    After(10, [q, go] { go(q); });
  };
  return {
      {"whole", all, std::nullopt, now},
      {"whole later", all, std::nullopt, soon},
      {"empty", "0\r\n\r\n", std::nullopt, soon},
      {"part", part, rest, now},
      {"part later", part, rest, soon},
      {"paused", part, rest,
       [soon](const Request& q, const Use& go) {
         q->Pause();
         soon(q, go);
       }},
      {"flowing", part, rest,
       [this, soon](const Request& q, const Use& go) {
         SayData(q->on.data);
         soon(q, go);
       }},
      {"in data", part, rest,
       [](const Request& q, const Use& go) {
         q->on.data([q, go](absl::string_view) { go(q); });
       }},
      {"in end", all, std::nullopt,
       [this](const Request& q, const Use& go) {
         SayData(q->on.data);
         q->on.end([q, go] { go(q); });
       }},
      {"cut", part, "", now},
      {"cut flowing", part, "",
       [this](const Request& q, const Use& go) {
         SayData(q->on.data);
         go(q);
       }},
      {"cut later", part, "",
       [this](const Request& q, const Use& go) {
         After(35, [q, go] { go(q); });
       }},
      {"destroyed", part, rest,
       [](const Request& q, const Use& go) {
         q->Destroy();
         go(q);
       }},
      {"closed", all, std::nullopt, [this](const Request& q, const Use& go) {
         SayData(q->on.data);
         q->on.close([q, go] { go(q); });
       }}};
}

std::vector<V20MessageCalls::Named> V20MessageCalls::Calls() {
  return {{"nothing", [](const Request&) {}},
          {"pause", [](const Request& q) { q->Pause(); }},
          {"resume", [](const Request& q) { q->Resume(); }},
          {"data", [this](const Request& q) { SayData(q->on.data); }},
          {"pause resume",
           [](const Request& q) {
             q->Pause();
             q->Resume();
           }},
          {"resume pause",
           [](const Request& q) {
             q->Resume();
             q->Pause();
           }},
          {"data pause",
           [this](const Request& q) {
             SayData(q->on.data);
             q->Pause();
           }},
          {"data pause resume", [this](const Request& q) {
             SayData(q->on.data);
             q->Pause();
             After(5, [q] { q->Resume(); });
           }}};
}

std::vector<V20MessageCalls::Named> V20MessageCalls::EndingCalls() {
  return {{"destroy", [](const Request& q) { q->Destroy(); }},
          {"destroy with",
           [](const Request& q) {
             q->Destroy(Error("Error", "mine"));
             q->Destroy(Error("Error", "second"));
           }},
          {"data destroy",
           [this](const Request& q) {
             SayData(q->on.data);
             q->Destroy();
           }},
          {"resume destroy",
           [this](const Request& q) {
             q->Resume();
             Tick([q] { q->Destroy(); });
           }},
          {"timeout", [this](const Request& q) {
             q->SetTimeout(absl::Milliseconds(4), [this] { Say("timed out"); });
           }}};
}

// Answers how it ends.
loop::Task V20MessageCalls::AskOrAnswer() {
  if (!jobs[job].response) {
    ConnectOptions to;
    to.port = server->address()->port;
    to.host = "127.0.0.1";
    Socket::Options half_open;
    half_open.allow_half_open = true;
    const SocketHandle c = Connect(process.stack(), std::move(to), half_open);
    c->on.end([this] { Say("fin"); });
    c->Resume();
    Feed(c, "POST / HTTP/1.1\r\nHost: a\r\n");
    return [c] { c->Destroy(); };
  }
  http::RequestOptions options;
  options.port = raw->address()->port;
  const auto q = http::Get(process.stack(), options);
  q->on.response([this](const Request& r) { Meet(r); });
  SayError(q->on.error, "qerror");
  SayEvent(q->on.close, "qclose");
  return [q] { q->Destroy(); };
}

void V20MessageCalls::Next() {
  if (job == jobs.size()) {
    server->CloseAllConnections();
    server->Close();
    raw->Close();
    return;
  }
  line.clear();
  the = nullptr;
  After(60, [this, end = AskOrAnswer()]() mutable {
    const Job& done = jobs[job];
    std::string state = "none";
    if (the != nullptr) {
      const auto flowing = the->readable_flowing();
      state = absl::StrCat(
          Bool(the->complete()), " ", Bool(the->aborted()), " ",
          Bool(the->destroyed()), " ", Bool(the->readable_ended()), " ",
          flowing.has_value() ? Bool(*flowing) : "null", " ",
          // What a destroyed message has not given out is of no use.
          the->destroyed() && !the->complete()
              ? "-"
              : absl::StrCat(the->readable_bytes()));
    }
    process.Log(done.response ? "r" : "q", done.state.name, " ",
                done.call.first, " =>", line, " / ", state);
    ++job;
    end();
    After(15, [this] { Next(); });
  });
}

TEST_P(V20MessageCalls, Case248EachCallInEachState) {
  Serve();
  std::vector<Named> calls = Calls();
  for (Named& call : EndingCalls()) calls.push_back(std::move(call));
  for (const bool response : {false, true}) {
    for (const State& state : States()) {
      for (const Named& call : calls) jobs.push_back({response, state, call});
    }
  }
  server->on.listening([this] { raw->Listen(0, "127.0.0.1"); });
  raw->on.listening([this] { Next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/248-message-calls"));
}

INSTANTIATE_TEST_SUITE_P(, V20MessageCalls, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
