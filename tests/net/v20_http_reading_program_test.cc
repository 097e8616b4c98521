// Programs of Node 20 about http bodies that are destroyed, paused, forgotten,
// and written piece by piece, recorded here.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpReading : public V20Program {
 protected:
  void CloseServer(const std::shared_ptr<http::Server>& server) {
    server->Close([this](const Error*) { process.Log("server", "closed"); });
  }
};

class V20HttpRequestDestroyed : public V20HttpReading {
 protected:
  void Serve242(const Request& q, const Response& r) {
    r->send_date = false;
    const std::string url = q->url();
    process.Log("srv", "request ", url);
    const bool first = url == "/1";
    const auto gone = [this, q = q.get()] {
      process.Log("q", "destroys ", Bool(q->complete()), " ",
                  q->readable_bytes(), " ", Bool(q->destroyed()));
      if (absl::StrContains(mode_, "error")) {
        q->Destroy(Error("Error", "mine"));
      } else {
        q->Destroy();
      }
    };
    // Destroys the first request at the event of that name.
    const auto hit = [this, first, gone](const std::string& event) {
      if (first && mode_ == event) gone();
    };
    q->on.aborted([this, url] { process.Log("q", "aborted ", url); });
    WatchErrors(q, "q");
    q->on.close([this, url, p = q.get()] {
      process.Log("q", "close ", url, " ", Bool(p->complete()));
    });
    q->on.end([this, url, hit, p = q.get()] {
      process.Log("q", "end ", url, " ", Bool(p->destroyed()));
      hit("end");
    });
    r->on.finish([this, url, hit] {
      process.Log("r", "finish ", url);
      hit("finish");
    });
    WatchErrors(r, "r");
    r->on.close([this, url, hit, q, p = r.get()] {
      process.Log("r", "close ", url, " ", Bool(p->writable_finished()));
      hit("res close");
    });
    if (first && mode_ == "paused") q->Pause();
    if (mode_ != "no data") {
      q->on.data([this, hit, p = q.get()](absl::string_view d) {
        process.Log("q", "data ", d, " ", Bool(p->destroyed()));
        hit("data");
      });
    }
    if (!first) {
      r->End("2");
      return;
    }
    for (const char* now : {"now", "now error", "no data", "now part"}) {
      hit(now);
    }
    if (mode_ == "tick") Tick([q, gone] { gone(); });
    if (mode_ == "paused") {
      After(20, [q, gone] {
        q->Resume();
        gone();
      });
    }
    if (mode_ == "answered") {
      r->End("1");
      gone();
    }
    if (mode_ == "finish" || mode_ == "res close" || mode_ == "end") {
      r->End("1");
    }
  }
  std::string mode_;
};

TEST_P(V20HttpRequestDestroyed, Case242AtEachMoment) {
  const auto server = http::Server::Create(
      process.stack(),
      [&](const Request& q, const Response& r) { Serve242(q, r); });
  server->on.client_error([&](const Error& e, const SocketHandle& s) {
    process.Log("srv", "clientError ", Described(e), " ", Bool(s->destroyed()));
    s->Destroy();
  });
  const std::vector<std::string> modes = {
      "now", "now error", "now part", "no data", "tick",     "data",
      "end", "paused",    "answered", "finish",  "res close"};
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == modes.size()) {
      CloseServer(server);
      return;
    }
    mode_ = modes[i];
    process.Log("main", "--- ", mode_);
    const SocketHandle c = ConnectTo(server);
    c->Write(absl::StrCat(
        "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo",
        mode_ == "now part" ? ""
                            : "dyGET /2 HTTP/1.1\r\nHost: a\r\n"
                              "Connection: close\r\n\r\n"));
    const auto got = std::make_shared<size_t>(0);
    c->on.data([got](absl::string_view d) { *got += d.size(); });
    c->on.end([&, got] { process.Log("c", "end ", *got); });
    WatchErrors(c, "c");
    c->on.close([&](bool) { process.Log("c", "close"); });
    After(60, [&, c, i] {
      if (!c->destroyed()) {
        process.Log("main", "client leaves");
        c->Destroy();
      }
      After(30, [&, i] { next(i + 1); });
    });
  };
  server->on.listening([&] { next(0); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/242-http-request-destroyed"));
}

class V20HttpSpeaking : public V20HttpReading {
 protected:
  template <typename Message>
  static std::string Room(const Message& m) {
    return absl::StrCat(m.writable_bytes(), " ", Bool(m.writable_need_drain()));
  }
  template <typename Message>
  void Write(const std::shared_ptr<Message>& m, const std::string& actor,
             const std::string& name, size_t bytes) {
    const bool room = m->Write(std::string(bytes, 'x'), [this, actor,
                                                         name](const Error* e) {
      process.Log(actor, "cb ", name, " ", e == nullptr ? "" : Described(*e));
    });
    process.Log(actor, "write ", name, " ", Bool(room), " ", Room(*m));
  }
  template <typename Message>
  void Watch(const std::shared_ptr<Message>& m, const std::string& actor) {
    Message* const p = m.get();
    m->on.drain([=, this] { process.Log(actor, "drain ", Room(*p)); });
    m->on.finish([=, this] { process.Log(actor, "finish ", Room(*p)); });
    WatchEvent(process, m->on.prefinish, actor, "prefinish");
    WatchEvent(process, m->on.close, actor, "close");
  }
  template <typename Message>
  void Speak(const std::shared_ptr<Message>& m, const std::string& a) {
    Watch(m, a);
    const auto ended = [this, a] { process.Log(a, "ended"); };
    const auto say_end = [this, a, m] { process.Log(a, "end() ", Room(*m)); };
    if (kind_ == "small") {
      Write(m, a, "a", 5);
      Write(m, a, "b", 5);
      m->End("c", ended);
      say_end();
    } else if (kind_ == "large") {
      Write(m, a, "a", 20000);
      Write(m, a, "b", 20000);
      m->End("", ended);
      say_end();
    } else if (kind_ == "corked") {
      m->Cork();
      Write(m, a, "a", 5);
      Write(m, a, "b", 20000);
      Tick([=, this] {
        process.Log(a, "uncork ", Room(*m));
        m->Uncork();
        m->End("", ended);
      });
    } else if (kind_ == "in callback") {
      m->Write("a", Plain([=, this] {
                 process.Log(a, "cb a");
                 m->Write("b", Plain([=, this] {
                            process.Log(a, "cb b");
                            m->End("c", ended);
                          }));
               }));
    } else if (kind_ == "flushed") {
      m->FlushHeaders();
      Write(m, a, "a", 5);
      Immediate([=, this] {
        Write(m, a, "b", 20000);
        m->End("", ended);
        say_end();
      });
    } else if (kind_ == "in drain") {
      Write(m, a, "a", 20000);
      m->on.drain.Once([=, this] {
        Write(m, a, "b", 20000);
        m->on.drain.Once([m] { m->End(); });
      });
    } else if (kind_ == "empty") {
      Write(m, a, "a", 0);
      m->End("", ended);
    } else {
      m->End("a", ended);
      m->End("", [=, this] { process.Log(a, "again"); });
    }
  }
  std::string kind_;
};

TEST_P(V20HttpSpeaking, Case243PieceByPiece) {
  const std::vector<std::string> kinds = {"small",       "large",   "corked",
                                          "in callback", "flushed", "in drain",
                                          "empty",       "twice"};
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        q->Resume();
        if (q->method() == "POST") {
          q->on.end([r] { r->End(); });
        } else {
          Speak(r, "r");
        }
      });
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == kinds.size() * 2) {
      CloseServer(server);
      return;
    }
    kind_ = kinds[i / 2];
    const bool up = i % 2 == 1;
    process.Log("main", "--- ", kind_, up ? " request" : " answer");
    http::RequestOptions options = To(server);
    if (up) {
      options.method = "POST";
      options.headers = {{"Transfer-Encoding", "chunked"}};
    }
    const auto q =
        http::Request(process.stack(), options, [&](const Request& r) {
          const auto got = std::make_shared<size_t>(0);
          r->on.data([got](absl::string_view d) { *got += d.size(); });
          r->on.end([&, got] { process.Log("c", "end ", *got); });
        });
    if (up) {
      Speak(q, "q");
    } else {
      q->End();
    }
    After(60, [&, i] { next(i + 1); });
  };
  server->on.listening([&] { next(0); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/243-http-write-callbacks"));
}

class V20HttpPausedAnswers : public V20HttpReading {
 protected:
  using Hear = std::function<void(absl::string_view)>;
  using Reader = std::function<void(const Request&, const Hear&)>;

  static std::string Pool(const http::Agent& agent) {
    return absl::StrCat("busy=", agent.busy_sockets(),
                        " free=", agent.free_sockets(),
                        " waiting=", agent.waiting_requests());
  }
  void Ask(const http::RequestOptions& options, const std::string& a,
           Reader read) {
    const std::shared_ptr<http::Agent> agent = options.agent;
    const auto q = http::Get(process.stack(), options);
    q->on.socket([this, a](const SocketHandle&) { process.Log(a, "socket"); });
    WatchErrors(q, a);
    q->on.close([this, a, agent] { process.Log(a, "close ", Pool(*agent)); });
    if (read == nullptr) return;
    q->on.response([this, a, read](const Request& r) {
      const auto got = std::make_shared<size_t>(0);
      r->on.end([this, a, got] {
        process.Log(a, "end ",
                    absl::EndsWith(mode_, "big") ? "-" : absl::StrCat(*got));
      });
      r->on.close([this, a, p = r.get()] {
        process.Log(a, "res close ", Bool(p->complete()));
      });
      r->on.error([this, a](const Error& e) {
        process.Log(a, "res error ", Described(e));
      });
      WatchEvent(process, r->on.pause, a, "pause");
      WatchEvent(process, r->on.resume, a, "resume");
      read(r, [got](absl::string_view d) { *got += d.size(); });
    });
  }
  void Read(const std::shared_ptr<http::Agent>& agent, const Request& r,
            const Hear& hear) {
    process.Log("a", "response ", Bool(r->complete()));
    if (mode_ == "paused" || mode_ == "paused big") {
      r->on.data(hear);
      r->Pause();
      After(30, [this, agent, r] {
        process.Log("a", "resumes ", Bool(r->complete()), " ", Pool(*agent));
        r->Resume();
      });
    } else if (mode_ == "destroyed") {
      After(30, [this, agent, r] {
        process.Log("a", "destroys ", Pool(*agent));
        r->Destroy();
      });
    } else if (mode_ == "dumped") {
      r->Resume();
    } else if (mode_ == "paused in data") {
      r->on.data([this, hear, p = r.get()](absl::string_view d) {
        hear(d);
        p->Pause();
        After(20, [r = p->shared_from_this()] {
          if (!r->destroyed()) r->Resume();
        });
      });
    } else if (mode_ == "resumed at once") {
      r->Pause();
      r->Resume();
      r->on.data(hear);
    } else if (mode_ == "late listener") {
      After(30, [r, hear] { r->on.data(hear); });
    }
  }
  std::string mode_;
};

TEST_P(V20HttpPausedAnswers, Case244KeepTheConnection) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        r->End(q->url() == "/big" ? std::string(100000, 'x') : q->url());
      });
  const std::vector<std::string> modes = {
      "paused",          "paused big",   "never",       "never big",
      "destroyed",       "dumped",       "no listener", "paused in data",
      "resumed at once", "late listener"};
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == modes.size()) {
      CloseServer(server);
      return;
    }
    mode_ = modes[i];
    process.Log("main", "--- ", mode_);
    http::Agent::Options with;
    with.max_sockets = 1;
    with.timeout = absl::ZeroDuration();
    const auto agent = http::Agent::Create(process.stack(), with);
    http::RequestOptions a =
        To(server, absl::EndsWith(mode_, "big") ? "/big" : "/a");
    a.agent = agent;
    Reader read = [this, agent](const Request& r, const Hear& hear) {
      Read(agent, r, hear);
    };
    Ask(a, "a", mode_ == "no listener" ? nullptr : read);
    http::RequestOptions b = To(server, "/b");
    b.agent = agent;
    Ask(b, "b", [this](const Request& r, const Hear& hear) {
      process.Log("b", "response");
      r->on.data(hear);
    });
    After(100, [&, agent, i] {
      process.Log("main", Pool(*agent));
      agent->Destroy();
      After(30, [&, i] { next(i + 1); });
    });
  };
  server->on.listening([&] { next(0); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/244-http-paused-answers"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpRequestDestroyed,
                         testing::Values(SimulatedBackEnd()), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20HttpSpeaking, testing::Values(SimulatedBackEnd()),
                         NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20HttpPausedAnswers,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
