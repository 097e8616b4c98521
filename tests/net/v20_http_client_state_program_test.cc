// Programs of Node 20 that ask a request for its state at each event,
// recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpClientState : public V20Program {
 protected:
  using Handle = std::shared_ptr<http::ClientRequest>;

  static std::string Flags(std::initializer_list<bool> flags) {
    std::string text;
    for (const bool flag : flags) text += flag ? '1' : '0';
    return text;
  }
  static std::string State(const http::ClientRequest& q,
                           const http::IncomingMessage* r) {
    const auto& s = q.socket();
    std::string text = absl::StrCat(
        "q",
        Flags({q.destroyed(), q.aborted(), q.headers_sent(), q.writable_ended(),
               q.writable_finished(), q.reused_socket()}),
        " ", q.writable_bytes(), " s",
        s == nullptr      ? "-"
        : s->destroyed()  ? "d"
        : s->connecting() ? "c"
                          : "o");
    if (r != nullptr) {
      absl::StrAppend(&text, " r",
                      Flags({r->complete(), r->aborted(), r->destroyed(),
                             r->readable_ended()}),
                      " ", r->readable_bytes());
    }
    return text;
  }
  static std::string Flow(const http::ClientRequest& q) {
    return absl::StrCat(
        q.writable_bytes() > 0 ? "some" : "0", " ",
        Bool(q.writable_need_drain()), " ", Bool(q.writable_ended()), " ",
        Bool(q.writable_finished()), " ", Bool(q.headers_sent()));
  }
  void Answer187(const Request& q, const Response& r);
  void Watch187(const Handle& q, const std::string& act);
  std::vector<std::pair<std::string, std::function<void(const Handle&)>>>
  Flows();

  std::function<void()> start;
};

void V20HttpClientState::Answer187(const Request& q, const Response& r) {
  r->send_date = false;
  q->Resume();
  q->on.error([](const Error&) {});
  const SocketHandle s = q->socket();
  if (q->url() == "/kill") {
    q->on.end([s] { s->Destroy(); });
  } else if (q->url() == "/cut") {
    r->SetHeader("Content-Length", "9");
    r->Write("part");
    After(20, [s] { s->Destroy(); });
  } else if (q->url() == "/early") {
    r->End("early");
  } else {
    q->on.end([this, r] {
      r->Write("one");
      After(20, [r] { r->End("two"); });
    });
  }
}

void V20HttpClientState::Watch187(const Handle& q, const std::string& act) {
  http::ClientRequest* const p = q.get();
  const auto answer = std::make_shared<Request>();
  const auto show = [this, p, answer](const std::string& who,
                                      const std::string& event) {
    process.Log(who, event, " ", State(*p, answer->get()));
  };
  const auto watch = [show](auto& event, const std::string& who,
                            const std::string& name) {
    event([show, who, name] { show(who, name); });
  };
  show("q", "made");
  watch(q->on.finish, "q", "finish");
  watch(q->on.prefinish, "q", "prefinish");
  watch(q->on.abort, "q", "abort");
  watch(q->on.timeout, "q", "timeout");
  watch(q->on.drain, "q", "drain");
  q->on.socket([show](const SocketHandle&) { show("q", "socket"); });
  q->on.error([show](const Error& e) {
    show("q", absl::StrCat("error ", Described(e)));
  });
  q->on.close([this, show] {
    show("q", "close");
    After(40, [this] { start(); });
  });
  q->on.response([p, act, answer, show, watch](const Request& r) {
    *answer = r;
    show("q", "response");
    r->on.data([p, act, show, m = r.get()](absl::string_view d) {
      show("r", absl::StrCat("data ", d));
      if (act == "destroy") p->Destroy();
      if (act == "res destroy") m->Destroy();
      if (act == "abort") p->Abort();
      if (act == "sock destroy") p->socket()->Destroy();
      if (!act.empty()) show("r", "done");
    });
    watch(r->on.end, "r", "end");
    watch(r->on.aborted, "r", "aborted");
    r->on.error([show](const Error& e) {
      show("r", absl::StrCat("error ", Described(e)));
    });
    watch(r->on.close, "r", "close");
  });
}

TEST_P(V20HttpClientState, Case187AtEachEvent) {
  const auto server = http::Server::Create(
      process.stack(),
      [&](const Request& q, const Response& r) { Answer187(q, r); });
  http::Agent::Options options;
  options.timeout = absl::ZeroDuration();
  const auto agent = http::Agent::Create(process.stack(), options);
  const std::vector<std::vector<std::string>> acts = {
      {"GET", "/a", ""},        {"POST", "/b", ""},
      {"HEAD", "/c", ""},       {"POST", "/kill", ""},
      {"GET", "/cut", ""},      {"POST", "/early", ""},
      {"GET", "/d", "destroy"}, {"GET", "/e", "res destroy"},
      {"POST", "/f", "abort"},  {"GET", "/g", "sock destroy"}};
  size_t next = 0;
  start = [&] {
    if (next == acts.size()) {
      agent->Destroy();
      server->Close();
      return;
    }
    const std::vector<std::string>& a = acts[next++];
    process.Log("main", "--- ", a[0], " ", a[1], a[2].empty() ? "" : " ", a[2]);
    http::RequestOptions to = To(server, a[1]);
    to.agent = agent;
    to.method = a[0];
    const Handle q = http::Request(process.stack(), to);
    Watch187(q, a[2]);
    const auto show = [&, p = q.get()](const std::string& event) {
      process.Log("q", event, " ", State(*p, nullptr));
    };
    if (a[0] == "POST") {
      show(absl::StrCat("write ", Bool(q->Write("body"))));
      q->End("more", [show](const Error*) { show("cb end"); });
    } else {
      q->End();
    }
    show("ended");
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/187-http-client-states"));
}

std::vector<std::pair<std::string,
                      std::function<void(const V20HttpClientState::Handle&)>>>
V20HttpClientState::Flows() {
  const std::string big(20000, 'x');
  const auto write = [this](http::ClientRequest* q, const std::string& data,
                            WriteCallback written = nullptr) {
    const bool room = q->Write(data, std::move(written));
    process.Log("q", "w ", Bool(room), " ", Flow(*q));
  };
  const auto cb = [this](http::ClientRequest* q, const std::string& name) {
    return [this, q, name](const Error*) {
      process.Log("q", "cb ", name, " ", Flow(*q));
    };
  };
  const auto tell = [this](http::ClientRequest* q, const std::string& what) {
    process.Log("q", what, " ", Flow(*q));
  };
  return {{"small",
           [=](const Handle& q) {
             write(q.get(), "a", cb(q.get(), "a"));
             write(q.get(), "b", cb(q.get(), "b"));
             q->End("c", cb(q.get(), "end"));
           }},
          {"big",
           [=](const Handle& q) {
             write(q.get(), big, cb(q.get(), "big"));
             write(q.get(), "b", cb(q.get(), "b"));
             q->on.drain([=, p = q.get()] {
               tell(p, "drain");
               p->End();
             });
           }},
          {"endBig",
           [=](const Handle& q) {
             write(q.get(), big);
             q->on.drain([=, p = q.get()] { tell(p, "drain"); });
             q->End("e", cb(q.get(), "end"));
             tell(q.get(), "ended");
           }},
          {"later",
           [=, this](const Handle& q) {
             q->on.socket([=, p = q.get()](const SocketHandle&) {
               tell(p, "in socket");
               write(p, big);
             });
             q->on.drain([=, p = q.get()] { tell(p, "drain"); });
             After(20, [=, this] {
               write(q.get(), "l", Plain([this] { process.Log("q", "cb l"); }));
               q->End();
             });
           }},
          {"cork",
           [=, this](const Handle& q) {
             q->Cork();
             write(q.get(), "a", Plain([this] { process.Log("q", "cb a"); }));
             write(q.get(), "b");
             Tick([q] {
               q->Uncork();
               q->End("c");
             });
           }},
          {"flush",
           [=, this](const Handle& q) {
             q->FlushHeaders();
             tell(q.get(), "flushed");
             After(20, [q] { q->End("f"); });
           }},
          {"empty",
           [=, this](const Handle& q) {
             write(q.get(), "",
                   Plain([this] { process.Log("q", "cb empty"); }));
             q->End("");
           }},
          {"destroyed", [=, this](const Handle& q) {
             write(q.get(), big, Called("q", "big"));
             q->Destroy();
             write(q.get(), "z", Called("q", "z"));
             q->End("", Called("q", "end"));
           }}};
}

TEST_P(V20HttpClientState, Case192ABodyAgainstASlowServer) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        const auto n = std::make_shared<size_t>(0);
        q->Pause();
        After(40, [q] { q->Resume(); });
        q->on.data([n](absl::string_view d) { *n += d.size(); });
        q->on.end([&, n, r] {
          process.Log("srv", "end ", *n);
          r->End("ok");
        });
      });
  http::Agent::Options options;
  options.timeout = absl::ZeroDuration();
  const auto agent = http::Agent::Create(process.stack(), options);
  const auto flows = Flows();
  size_t next = 0;
  start = [&] {
    if (next == flows.size()) {
      agent->Destroy();
      server->Close();
      return;
    }
    const auto& flow = flows[next++];
    process.Log("main", "--- ", flow.first);
    http::RequestOptions to = To(server);
    to.agent = agent;
    to.method = "POST";
    const Handle q = http::Request(process.stack(), to);
    const auto tell = [&, p = q.get()](const std::string& event) {
      process.Log("q", event, " ", Flow(*p));
    };
    q->on.prefinish([tell] { tell("prefinish"); });
    q->on.finish([tell] { tell("finish"); });
    q->on.socket([tell](const SocketHandle&) { tell("socket"); });
    q->on.response([&, tell](const Request& r) {
      tell("response");
      r->Resume();
      WatchEvent(process, r->on.end, "q", "res end");
    });
    WatchErrors(q, "q");
    q->on.close([&, tell] {
      tell("close");
      After(20, [&] { start(); });
    });
    flow.second(q);
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/192-http-request-flow"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpClientState,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
