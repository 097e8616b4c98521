// Programs of Node 20 in which an agent's few connections serve requests of
// all kinds, recorded here.
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
class V20HttpMixed : public V20Program {
 protected:
  static std::string Pool(const http::Agent& agent) {
    return absl::StrCat("busy=", agent.busy_sockets(),
                        " free=", agent.free_sockets(),
                        " waiting=", agent.waiting_requests());
  }
  void CloseServer(const std::shared_ptr<http::Server>& server) {
    server->Close([this](const Error*) { process.Log("server", "closed"); });
  }
  std::shared_ptr<http::Agent> MakeAgent(size_t most) {
    http::Agent::Options options;
    options.keep_alive = true;
    options.timeout = absl::ZeroDuration();
    options.max_sockets = most;
    return http::Agent::Create(process.stack(), options);
  }
};

TEST_P(V20HttpMixed, Case229RequestsOfAllKinds) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        r->on.error([](const Error&) {});
        process.Log("srv", q->url(), " on ", NumberOf(q));
        const std::string k = q->url().substr(3);
        const SocketHandle s = q->socket();
        if (k == "ok") {
          r->End("ok");
        } else if (k == "close") {
          r->SetHeader("Connection", "close");
          r->End("bye");
        } else if (k == "kill") {
          s->Destroy();
        } else if (k == "slow") {
          After(500, [r] { r->End("slow"); });
        } else if (k == "half") {
          r->Write("half");
          After(200, [r] { r->Destroy(); });
        } else if (k == "reset") {
          After(10, [s] { s->ResetAndDestroy(); });
        } else if (k == "leave") {
          r->End("leave");
        }
      });
  Number(server);
  const auto agent = MakeAgent(2);
  const std::vector<std::string> kinds = {
      "1-ok",    "2-slow", "3-close", "4-kill", "5-cancel", "6-half",
      "7-never", "8-ok",   "9-reset", "a-ok",   "b-leave",  "c-ok"};
  size_t left = kinds.size();
  const auto ask = [&](const std::string& k) {
    http::RequestOptions options = To(server, "/" + k);
    options.agent = agent;
    const auto q = http::Get(process.stack(), options);
    q->on.socket([&, k, p = q.get()](const SocketHandle&) {
      process.Log(k, "socket reused=", Bool(p->reused_socket()), " ",
                  Pool(*agent));
    });
    q->on.response([&, k](const Request& r) {
      process.Log(k, "response ", r->status_code());
      if (k == "b-leave") r->Destroy();
      const auto text = std::make_shared<std::string>();
      r->on.data(
          [text](absl::string_view d) { text->append(d.data(), d.size()); });
      r->on.end([&, k, text] { process.Log(k, "end ", *text); });
      r->on.error([&, k](const Error& e) {
        process.Log(k, "res error ", Described(e));
      });
      r->on.close([&, k, p = r.get()] {
        process.Log(k, "res close ", Bool(p->complete()));
      });
    });
    WatchErrors(q, k);
    q->on.close([&, k] {
      process.Log(k, "close ", Pool(*agent));
      if (--left > 0) return;
      Immediate([&] {
        process.Log("agent", Pool(*agent));
        agent->Destroy();
        CloseServer(server);
      });
    });
    if (k == "5-cancel") {
      After(150, [&, k, q] {
        process.Log(k, "destroy");
        q->Destroy();
      });
    }
    if (k == "7-never") {
      q->on.socket([&, k, q](const SocketHandle&) {
        After(700, [&, k, q] {
          process.Log(k, "destroy");
          q->Destroy(Error("Error", "enough"));
        });
      });
    }
  };
  server->on.listening([&] {
    for (const std::string& k : kinds) ask(k);
    process.Log("main", Pool(*agent));
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/229-http-agent-mixed"));
}

TEST_P(V20HttpMixed, Case230DestroysTheAgent) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        r->on.error([](const Error&) {});
        process.Log("srv", q->url());
        if (q->url() == "/slow") {
          After(40, [r] { r->End("slow"); });
        } else if (q->url() == "/half") {
          r->Write("half");
        } else {
          r->End("ok");
        }
      });
  server->on.connection([&](const SocketHandle& s) {
    s->on.close([&](bool) { process.Log("srv", "gone"); });
  });
  const std::vector<std::string> modes = {"at once", "tick",     "connecting",
                                          "waiting", "response", "data",
                                          "end",     "free",     "in free"};
  using Kill = std::function<void(const std::string&)>;
  const auto ask = [&](std::shared_ptr<http::Agent> agent, const Kill& hit,
                       const std::string& name, const std::string& path) {
    http::RequestOptions options = To(server, path);
    options.agent = agent;
    const Kill kill = name == "a" ? hit : Kill([](const std::string&) {});
    const auto q = http::Get(process.stack(), options);
    q->on.socket([&, agent, name, kill](const SocketHandle& s) {
      process.Log(name, "socket ", Pool(*agent));
      s->on.close([&, name](bool) { process.Log(name, "sock close"); });
      kill("connecting");
    });
    q->on.response([&, name, kill](const Request& r) {
      process.Log(name, "response ");
      kill("response");
      r->on.data([&, name, kill](absl::string_view d) {
        process.Log(name, "data ", d);
        kill("data");
      });
      r->on.end([&, name, kill] {
        process.Log(name, "end");
        kill("end");
      });
      r->on.error([&, name](const Error& e) {
        process.Log(name, "res error ", Described(e));
      });
      WatchEvent(process, r->on.close, name, "res close");
    });
    WatchErrors(q, name);
    q->on.close(
        [&, agent, name] { process.Log(name, "close ", Pool(*agent)); });
  };
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == modes.size()) {
      CloseServer(server);
      return;
    }
    const std::string mode = modes[i];
    process.Log("main", "--- ", mode);
    const auto agent = MakeAgent(1);
    const Kill kill = [&, agent, mode](const std::string& moment) {
      if (moment != mode) return;
      process.Log("main", "destroy ", Pool(*agent));
      agent->Destroy();
      process.Log("main", "destroyed ", Pool(*agent));
    };
    agent->on.free([&, a = agent.get(), mode](const SocketHandle&) {
      process.Log("agent", "free ", Pool(*a));
      if (mode != "in free") return;
      process.Log("main", "destroy ", Pool(*a));
      a->Destroy();
      process.Log("main", "destroyed ", Pool(*a));
    });
    ask(agent, kill, "a",
        mode == "data"      ? "/half"
        : mode == "waiting" ? "/slow"
                            : "/ok");
    ask(agent, kill, "b", "/ok");
    kill("at once");
    Tick([kill] { kill("tick"); });
    if (mode == "waiting") After(20, [kill] { kill("waiting"); });
    if (mode == "free") {
      After(20, [&, agent, kill] {
        kill("free");
        ask(agent, kill, "c", "/ok");
      });
    }
    After(80, [&, agent, i] {
      agent->Destroy();
      After(20, [&, i] { next(i + 1); });
    });
  };
  server->on.listening([&] { next(0); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/230-http-agent-destroy"));
}

TEST_P(V20HttpMixed, Case231TheConnectionBecomesAnother) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        process.Log("srv", "request ", q->url());
        r->End(q->url());
      });
  const auto take = [&](const Request& q, const SocketHandle& s,
                        absl::string_view) {
    process.Log("srv", "takeover ", q->method(), " ", q->url());
    s->on.error([](const Error&) {});
    s->on.close([&](bool) { process.Log("srv", "sock close"); });
    s->Write(q->method() == "CONNECT"
                 ? "HTTP/1.1 200 OK\r\n\r\n"
                 : "HTTP/1.1 101 Switching Protocols\r\n"
                   "Connection: Upgrade\r\nUpgrade: x\r\n\r\n");
    s->on.data([&, p = s.get()](absl::string_view d) {
      process.Log("srv", "data ", d);
      p->End("bye");
    });
  };
  server->on.upgrade(take);
  server->on.connect(take);
  const auto agent = MakeAgent(1);
  agent->on.free([&](const SocketHandle&) {
    process.Log("agent", "free ", Pool(*agent));
  });
  const auto ask = [&](const std::string& name, http::RequestOptions options,
                       bool taken = true) {
    options.port = server->address()->port;
    const auto q = http::Request(process.stack(), options);
    q->on.socket([&, name, p = q.get()](const SocketHandle&) {
      process.Log(name, "socket reused=", Bool(p->reused_socket()), " ",
                  Pool(*agent));
    });
    q->on.response([&, name](const Request& r) {
      process.Log(name, "response ", r->status_code());
      r->on.end([&, name] { process.Log(name, "end ", Pool(*agent)); });
      r->Resume();
    });
    const auto took = [&, name](const Request& r, const SocketHandle& s,
                                absl::string_view) {
      process.Log(name, "taken ", r->status_code(), " ", Pool(*agent));
      s->on.data(
          [&, name](absl::string_view d) { process.Log(name, "data ", d); });
      WatchEvent(process, s->on.end, name, "sock end");
      s->on.close(
          [&, name](bool) { process.Log(name, "sock close ", Pool(*agent)); });
      s->Write("hi");
    };
    if (taken) {
      q->on.upgrade(took);
      q->on.connect(took);
    }
    WatchErrors(q, name);
    q->on.close([&, name] { process.Log(name, "close ", Pool(*agent)); });
    q->End();
  };
  http::RequestOptions plain;
  plain.agent = agent;
  const auto at = [&](const std::string& path) {
    http::RequestOptions options = plain;
    options.path = path;
    return options;
  };
  const auto upgrade = [&](const std::string& path) {
    http::RequestOptions options = at(path);
    options.headers = {{"Connection", "Upgrade"}, {"Upgrade", "x"}};
    return options;
  };
  server->on.listening([&] {
    ask("a", at("/a"));
    ask("b", upgrade("/b"));
    ask("c", at("/c"));
    http::RequestOptions tunnel = at("d:1");
    tunnel.method = "CONNECT";
    ask("d", tunnel);
    ask("e", at("/e"));
    ask("f", upgrade("/f"), false);
    ask("g", at("/g"));
    After(300, [&] {
      process.Log("main", Pool(*agent));
      ask("h", upgrade("/h"));
      http::RequestOptions alone = at("/i");
      alone.agent = nullptr;
      alone.headers = {{"Connection", "close"}};
      ask("i", alone);
      After(300, [&] {
        process.Log("main", Pool(*agent));
        agent->Destroy();
        CloseServer(server);
        server->CloseAllConnections();
      });
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/231-http-agent-upgrade"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpMixed, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
