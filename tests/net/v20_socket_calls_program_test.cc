// A program of Node 20 that makes each call of a socket in each of its states,
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
class V20SocketCalls : public V20Calls {
 protected:
  using Use = std::function<void(const SocketHandle&)>;
  using Named = std::pair<std::string, Use>;
  using State = std::pair<std::string, std::function<void(const Use&)>>;

  void Serve() {
    Server::Options half_open;
    half_open.allow_half_open = true;
    server = Server::Create(
        process.stack(), half_open, [this](const SocketHandle& s) {
          const bool mine = early;
          const auto how = std::make_shared<std::string>();
          const auto got = std::make_shared<size_t>(0);
          peer = [how, got] { return absl::StrCat(*got, " ", *how); };
          s->on.data([got](absl::string_view data) { *got += data.size(); });
          s->on.end([how, mine, p = s.get()] {
            *how += "end";
            if (!mine) p->End();
          });
          s->on.error([how](const Error& e) { *how += e.code(); });
          s->on.close([how](bool) { *how += " close"; });
          if (mine) s->End("bye");
        });
  }
  SocketHandle Open(bool half_open = false) {
    Socket::Options options;
    options.allow_half_open = half_open;
    ConnectOptions to;
    to.port = server->address()->port;
    to.host = "127.0.0.1";
    return Connect(process.stack(), std::move(to), options);
  }
  // Open, and 10 ms later.
  void OpenThen(const Use& use, bool half_open = false) {
    const SocketHandle s = Open(half_open);
    s->on.connect([this, use, s] { After(10, [use, s] { use(s); }); });
  }

  std::vector<State> States();
  std::vector<Named> Calls();
  void Next();
  void WatchSocket(const SocketHandle& s, const std::string& state);

  std::shared_ptr<Server> server;
  std::vector<std::pair<State, Named>> jobs;
  std::function<std::string()> peer;
  bool early = false;
};

std::vector<V20SocketCalls::State> V20SocketCalls::States() {
  return {
      {"new", [this](const Use& go) { go(Socket::Create(process.stack())); }},
      {"connecting", [this](const Use& go) { go(Open()); }},
      {"connect",
       [this](const Use& go) {
         const SocketHandle s = Open();
         s->on.connect([go, s] { go(s); });
       }},
      {"open", [this](const Use& go) { OpenThen(go); }},
      {"corked",
       [this](const Use& go) {
         OpenThen([go](const SocketHandle& s) {
           s->Cork();
           s->Write("ab");
           go(s);
         });
       }},
      {"ended",
       [this](const Use& go) {
         OpenThen([go](const SocketHandle& s) {
           s->End();
           go(s);
         });
       }},
      {"ended early",
       [this](const Use& go) {
         const SocketHandle s = Open();
         s->End();
         go(s);
       }},
      {"finish",
       [this](const Use& go) {
         const SocketHandle s = Open(true);
         s->on.connect([go, s] {
           s->on.finish([go, s] { go(s); });
           s->End();
         });
       }},
      {"half",
       [this](const Use& go) {
         early = true;
         const SocketHandle s = Open(true);
         s->Resume();
         s->on.end([this, go, s] { After(10, [go, s] { go(s); }); });
       }},
      {"end",
       [this](const Use& go) {
         early = true;
         const SocketHandle s = Open();
         s->Resume();
         s->on.end([go, s] { go(s); });
       }},
      {"destroyed",
       [this](const Use& go) {
         OpenThen([go](const SocketHandle& s) {
           s->Destroy();
           go(s);
         });
       }},
      {"closed", [this](const Use& go) {
         const SocketHandle s = Open();
         s->on.connect([p = s.get()] { p->Destroy(); });
         s->on.close([this, go, s](bool) { After(10, [go, s] { go(s); }); });
       }}};
}

std::vector<V20SocketCalls::Named> V20SocketCalls::Calls() {
  const auto write = [this](const SocketHandle& s, const char* data,
                            const char* name) {
    Say(Bool(s->Write(data, Told(name))));
  };
  return {
      {"write", [=](const SocketHandle& s) { write(s, "abc", "w"); }},
      {"write twice",
       [=](const SocketHandle& s) {
         write(s, "abc", "w");
         write(s, "de", "v");
       }},
      {"write nothing", [=](const SocketHandle& s) { write(s, "", "w"); }},
      {"end", [this](const SocketHandle& s) { s->End("", Told("e")); }},
      {"end data", [this](const SocketHandle& s) { s->End("xyz", Told("e")); }},
      {"write and end",
       [=, this](const SocketHandle& s) {
         write(s, "abc", "w");
         s->End("z", Told("e"));
       }},
      {"end twice",
       [this](const SocketHandle& s) {
         s->End("", Told("e"));
         s->End("", Told("f"));
       }},
      {"end and write",
       [=, this](const SocketHandle& s) {
         s->End("1", Told("e"));
         write(s, "2", "w");
       }},
      {"write and destroy",
       [=](const SocketHandle& s) {
         write(s, "abc", "w");
         s->Destroy();
       }},
      {"destroy", [](const SocketHandle& s) { s->Destroy(); }},
      {"destroy with",
       [](const SocketHandle& s) {
         s->Destroy(Error("Error", "mine"));
         s->Destroy(Error("Error", "second"));
       }},
      {"destroySoon", [](const SocketHandle& s) { s->DestroySoon(); }},
      {"write destroySoon",
       [this](const SocketHandle& s) {
         s->Write("abc", Told("w"));
         s->DestroySoon();
       }},
      {"reset", [](const SocketHandle& s) { s->ResetAndDestroy(); }},
      {"write and reset",
       [this](const SocketHandle& s) {
         s->Write("abc", Told("w"));
         s->ResetAndDestroy();
       }},
      {"pause", [](const SocketHandle& s) { s->Pause(); }},
      {"resume", [](const SocketHandle& s) { s->Resume(); }},
      {"uncork",
       [this](const SocketHandle& s) {
         s->Uncork();
         Say(s->writable_bytes());
       }},
      {"cork end",
       [=, this](const SocketHandle& s) {
         s->Cork();
         s->Cork();
         write(s, "a", "w");
         s->Uncork();
         Say(s->writable_bytes());
         s->End("", Told("e"));
       }},
      {"timeout", [this](const SocketHandle& s) {
         s->SetTimeout(absl::Milliseconds(20), [this] { Say("timed out"); });
       }}};
}

void V20SocketCalls::WatchSocket(const SocketHandle& s,
                                 const std::string& state) {
  SayEvent(s->on.connect, "connect");
  SayEvent(s->on.ready, "ready");
  SayEvent(s->on.end, "end");
  SayEvent(s->on.finish, "finish");
  SayEvent(s->on.drain, "drain");
  SayError(s->on.error);
  s->on.close([this, mine = job](bool had_error) {
    if (mine == job) Say("close:", Bool(had_error));
  });
  if (state != "half" && state != "end") SayData(s->on.data);
}

void V20SocketCalls::Next() {
  if (job == jobs.size()) {
    server->Close();
    return;
  }
  line.clear();
  peer = nullptr;
  early = false;
  const auto& state = jobs[job].first;
  const Named& call = jobs[job].second;
  state.second([this, state = state.first, call](const SocketHandle& s) {
    WatchSocket(s, state);
    Try([&] { call.second(s); });
    Say("|");
    After(45, [this, state, call, s] {
      process.Log(state, call.first, " =>", line, " / ", s->ready_state(), " ",
                  Bool(s->destroyed()), " ", s->writable_bytes(), " ",
                  s->bytes_written(), " peer ",
                  peer == nullptr ? "none" : peer());
      ++job;
      s->Destroy();
      After(10, [this] { Next(); });
    });
  });
}

TEST_P(V20SocketCalls, Case245EachCallInEachState) {
  Serve();
  for (const State& state : States()) {
    for (const Named& call : Calls()) {
      // Node keeps such a socket for ever.
      if (state.first.rfind("ended", 0) == 0 && call.first == "reset") continue;
      jobs.emplace_back(state, call);
    }
  }
  server->on.listening([this] { Next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/245-socket-calls"));
}

INSTANTIATE_TEST_SUITE_P(, V20SocketCalls, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
