// Programs of Node 20 about what happens to an http connection behind http's
// back: made by the program, used by its handler, told of while it is idle.
// Recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpNews : public V20Program {
 protected:
  static std::string Pool(const http::Agent& agent) {
    return absl::StrCat("busy=", agent.busy_sockets(),
                        " free=", agent.free_sockets());
  }
  std::shared_ptr<http::Agent> KeepingAgent(
      http::CreateConnection create = nullptr) {
    http::Agent::Options options;
    options.timeout = absl::ZeroDuration();
    options.create_connection = std::move(create);
    return http::Agent::Create(process.stack(), options);
  }
};

TEST_P(V20HttpNews, Case233MakesTheConnection) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("srv", q->url());
        r->End("ok");
      });
  SocketHandle raw;
  const auto given = [&](Stack&, const ConnectOptions&) { return raw; };
  const std::vector<std::pair<std::string, http::CreateConnection>> modes = {
      {"connecting",
       [](Stack& stack, ConnectOptions to) {
         return Connect(stack, std::move(to));
       }},
      {"connected", given},
      {"unconnected",
       [](Stack& stack, const ConnectOptions&) {
         return Socket::Create(stack);
       }},
      {"refused",
       [](Stack& stack, const ConnectOptions&) {
         return Connect(stack, 1, "127.0.0.1");
       }},
      {"destroyed",
       [&](Stack&, const ConnectOptions&) {
         raw->Destroy();
         return raw;
       }},
      {"ended",
       [&](Stack&, const ConnectOptions&) {
         raw->End();
         return raw;
       }},
      {"corked",
       [&](Stack& stack, ConnectOptions to) {
         const SocketHandle s = Connect(stack, std::move(to));
         s->Cork();
         After(20, [s] { s->Uncork(); });
         return s;
       }},
      {"half", given},
      {"agent", nullptr}};
  const auto ask = [&](size_t i) {
    http::RequestOptions options = To(server, absl::StrCat("/", i));
    options.headers = {{"Connection", "close"}};
    if (modes[i].second == nullptr) {
      options.agent = KeepingAgent(given);
    } else {
      options.create_connection = modes[i].second;
    }
    const auto q = http::Request(process.stack(), options);
    q->on.socket([&](const SocketHandle& s) {
      process.Log("c", "socket ", Bool(s == raw), " ", Bool(s->connecting()),
                  " ", Bool(s->destroyed()));
      WatchEvent(process, s->on.end, "sock", "end");
      WatchEvent(process, s->on.finish, "sock", "finish");
      s->on.close([&](bool) { process.Log("sock", "close"); });
    });
    q->on.response([&](const Request& r) {
      process.Log("c", "response");
      r->Resume();
      WatchEvent(process, r->on.end, "c", "end");
      WatchEvent(process, r->on.close, "c", "res close");
    });
    WatchErrors(q, "c");
    WatchEvent(process, q->on.finish, "c", "finish");
    WatchEvent(process, q->on.close, "c", "close");
    q->End();
  };
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == modes.size()) {
      raw = nullptr;
      server->Close([&](const Error*) { process.Log("server", "closed"); });
      return;
    }
    process.Log("main", "--- ", modes[i].first);
    ConnectOptions to;
    to.port = server->address()->port;
    to.host = "127.0.0.1";
    Socket::Options half_open;
    half_open.allow_half_open = modes[i].first == "half";
    raw = Connect(process.stack(), std::move(to), half_open);
    raw->on.connect([&, i] {
      ask(i);
      After(60, [&, i] {
        if (!raw->destroyed()) {
          process.Log("main", "raw left");
          raw->Destroy();
        }
        After(20, [&, i] { next(i + 1); });
      });
    });
  };
  server->on.listening([&] { next(0); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/233-http-create-connection"));
}

TEST_P(V20HttpNews, Case234TheHandlersSocket) {
  using Game = std::function<void(const Request&, const Response&)>;
  const auto told = [&](const Error* e) {
    process.Log("r", "cb ", e == nullptr ? "" : Described(*e));
  };
  const std::vector<std::pair<std::string, Game>> games = {
      {"end",
       [](const Request& q, const Response& r) {
         q->socket()->End();
         r->End("x");
       }},
      {"end after",
       [](const Request& q, const Response& r) {
         r->End("x");
         q->socket()->End();
       }},
      {"write raw",
       [&](const Request& q, const Response& r) {
         q->socket()->Write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nraw");
         WatchEvent(process, r->on.close, "r", "never");
       }},
      {"destroy q",
       [](const Request& q, const Response& r) {
         q->Destroy();
         r->End("x");
       }},
      {"end then destroy q",
       [](const Request& q, const Response& r) {
         r->End("x");
         q->Destroy();
       }},
      {"end then destroy r",
       [](const Request&, const Response& r) {
         r->End("x");
         r->Destroy();
       }},
      {"destroy soon",
       [](const Request& q, const Response& r) {
         r->Write("x");
         q->socket()->DestroySoon();
         r->End("y");
       }},
      {"pause socket",
       [](const Request& q, const Response& r) {
         q->socket()->Pause();
         r->End("x");
       }},
      {"write in finish",
       [&](const Request&, const Response& r) {
         r->on.finish([&, told, p = r.get()] {
           process.Log("r", "write ", Bool(p->Write("late", told)));
         });
         r->End("x");
       }},
      {"end in close",
       [&](const Request& q, const Response& r) {
         r->on.close([told, r] { r->End("late", told); });
         r->Write("x");
         q->socket()->Destroy();
       }},
      {"reset",
       [](const Request& q, const Response& r) {
         r->Write("x");
         q->socket()->ResetAndDestroy();
       }},
      {"destroy with",
       [](const Request&, const Response& r) {
         r->Destroy(Error("Error", "mine"));
       }},
      {"q destroy with", [](const Request& q, const Response&) {
         q->Destroy(Error("Error", "mine"));
       }}};
  size_t game = 0;
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        const SocketHandle& s = q->socket();
        WatchEvent(process, s->on.end, "s", "end");
        WatchEvent(process, s->on.finish, "s", "finish");
        WatchErrors(s, "s");
        s->on.close([&](bool had_error) {
          process.Log("s", "close ", Bool(had_error));
        });
        WatchEvent(process, q->on.end, "q", "end");
        WatchEvent(process, q->on.aborted, "q", "aborted");
        WatchErrors(q, "q");
        q->on.close([&, p = q.get()] {
          process.Log("q", "close ", Bool(p->complete()));
        });
        WatchEvent(process, r->on.finish, "r", "finish");
        WatchErrors(r, "r");
        r->on.close([&, p = r.get()] {
          process.Log("r", "close ", Bool(p->writable_finished()), " ",
                      Bool(p->socket() == nullptr));
        });
        games[game].second(q, r);
      });
  server->on.client_error([&](const Error& e, const SocketHandle& s) {
    process.Log("srv", "clientError ", Described(e));
    s->Destroy();
  });
  std::function<void()> next = [&] {
    if (game == games.size()) {
      server->Close([&](const Error*) { process.Log("server", "closed"); });
      return;
    }
    process.Log("main", "--- ", games[game].first);
    const SocketHandle c = ConnectTo(server);
    c->Write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nz");
    c->on.data([&](absl::string_view d) {
      process.Log("c", "data ",
                  Quoted(absl::StrReplaceAll(d, {{"\r\n", "|"}})));
    });
    WatchEvent(process, c->on.end, "c", "end");
    WatchErrors(c, "c");
    c->on.close([&](bool) { process.Log("c", "close"); });
    After(40, [&, c] {
      process.Log("main", "client leaves");
      c->Destroy();
      After(30, [&] {
        ++game;
        next();
      });
    });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/234-http-socket-games"));
}

TEST_P(V20HttpNews, Case235WhileNobodyAsks) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  using Act = std::function<void(const SocketHandle&)>;
  const std::vector<std::pair<std::string, Act>> modes = {
      {"data", [](const SocketHandle& s) { s->Write("junk"); }},
      {"fin", [](const SocketHandle& s) { s->End(); }},
      {"reset", [](const SocketHandle& s) { s->ResetAndDestroy(); }},
      {"says 408",
       [](const SocketHandle& s) {
         s->End("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
       }},
      {"behind", nullptr},
      {"two behind", nullptr}};
  size_t mode = 0;
  int connections = 0;
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        const int k = ++connections;
        WatchErrors(s, "srv");
        s->on.close([&, k](bool) { process.Log("srv", "gone ", k); });
        s->on.data(
            [&, k, p = s.get(), first = true](absl::string_view) mutable {
              process.Log("srv", "request on ", k);
              const std::string& name = modes[mode].first;
              if (name == "behind" && first) {
                p->Write(answer + answer);
              } else {
                p->Write(answer);
                if (first && name == "two behind") {
                  p->Write("HTTP/1.1 100 Continue\r\n\r\n");
                } else if (first && modes[mode].second != nullptr) {
                  After(10, [act = modes[mode].second,
                             alive = p->shared_from_this()] { act(alive); });
                }
              }
              first = false;
            });
      });
  const auto ask = [&](const std::shared_ptr<http::Agent>& agent,
                       const std::string& name) {
    http::RequestOptions options;
    options.port = server->address()->port;
    options.agent = agent;
    const auto q = http::Get(process.stack(), options);
    q->on.socket([&, agent, name, p = q.get()](const SocketHandle& s) {
      process.Log(name, "socket ", Bool(p->reused_socket()), " ", Pool(*agent));
      if (p->reused_socket()) return;
      s->on.end([&, agent] { process.Log("sock", "end ", Pool(*agent)); });
      WatchErrors(s, "sock");
      s->on.close(
          [&, agent](bool) { process.Log("sock", "close ", Pool(*agent)); });
    });
    q->on.response([&, name](const Request& r) {
      process.Log(name, "response ", r->status_code());
      r->Resume();
      WatchEvent(process, r->on.end, name, "end");
    });
    WatchErrors(q, name);
    q->on.close(
        [&, agent, name] { process.Log(name, "close ", Pool(*agent)); });
  };
  std::function<void()> next = [&] {
    if (mode == modes.size()) {
      server->Close([&](const Error*) { process.Log("server", "closed"); });
      return;
    }
    process.Log("main", "--- ", modes[mode].first);
    const auto agent = KeepingAgent();
    ask(agent, "a");
    After(40, [&, agent] {
      process.Log("main", Pool(*agent));
      ask(agent, "b");
    });
    After(80, [&, agent] {
      process.Log("main", Pool(*agent));
      agent->Destroy();
      After(20, [&] {
        ++mode;
        next();
      });
    });
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/235-http-idle-news"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpNews, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
