// Programs of Node 20 with many peers at once: a chat, and names that have many
// addresses. Recorded here.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20Chat : public V20Program {
 protected:
  struct Member {
    SocketHandle socket;
    std::string id;
    std::string text;
  };
  using MemberHandle = std::shared_ptr<Member>;

  void Join(const SocketHandle& s) {
    const auto m = std::make_shared<Member>();
    m->socket = s;
    m->id = absl::StrCat("s", members_.size() + 1);
    members_.push_back(m);
    process.Log(m->id, "joins ", members_.size());
    s->on.data([this, m](absl::string_view d) {
      m->text.append(d.data(), d.size());
      for (size_t end; (end = m->text.find('\n')) != std::string::npos;) {
        const std::string line = m->text.substr(0, end);
        m->text.erase(0, end + 1);
        Say(*m, line);
      }
    });
    WatchEvent(process, s->on.end, m->id, "end");
    WatchErrors(s, m->id);
    s->on.close([this, m](bool had_error) {
      std::erase(members_, m);
      process.Log(m->id, "leaves ", Bool(had_error), " ", members_.size());
    });
  }
  void Say(Member& from, const std::string& line) {
    process.Log(from.id, "says ", line);
    if (line == "quit") {
      from.socket->End("bye\n");
      return;
    }
    for (const MemberHandle& to : std::vector<MemberHandle>(members_)) {
      if (to.get() == &from) continue;
      if (line == "kick") {
        to->socket->Destroy();
        continue;
      }
      const bool room = to->socket->Write(
          absl::StrCat(from.id, ":", line, "\n"), [this, to](const Error* e) {
            if (e != nullptr) process.Log(to->id, "cb ", Described(*e));
          });
      process.Log(from.id, "to ", to->id, " ", Bool(room));
    }
  }
  std::vector<MemberHandle> members_;
};

TEST_P(V20Chat, Case238Broadcasts) {
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) { Join(s); });
  std::vector<SocketHandle> cs;
  const auto join = [&](std::function<void()> then) {
    const SocketHandle c = Dial(*server);
    cs.push_back(c);
    const std::string id = absl::StrCat("c", cs.size());
    c->on.data([&, id](absl::string_view d) {
      // As JSON.stringify() writes it.
      process.Log(id, "hears ", Quoted(d));
    });
    WatchEvent(process, c->on.end, id, "end");
    WatchErrors(c, id);
    c->on.close([&, id](bool had_error) {
      process.Log(id, "close ", Bool(had_error));
    });
    c->on.connect([&, then, p = c.get()] {
      p->SetNoDelay(true);
      After(20, then);
    });
  };
  size_t at = 0;
  std::function<void()> step;
  const auto enter = [&] { join(step); };
  const std::vector<std::function<void()>> steps = {
      enter,
      enter,
      enter,
      enter,
      [&] {
        cs[0]->Write("hello\nthere\n");
        After(30, step);
      },
      [&] {
        cs[1]->Write("par");
        After(20, [&] { cs[1]->Write("tial\nquit\n"); });
        After(60, step);
      },
      [&] {
        cs[2]->Destroy();
        cs[0]->Write("anyone\n");
        After(40, step);
      },
      [&] {
        cs[3]->Write("last\nkick\n");
        After(40, step);
      },
      [&] {
        cs[3]->End("quit\nafter\n");
        After(40, step);
      },
      [&] {
        server->Close([&](const Error*) { process.Log("server", "closed"); });
      }};
  step = [&] {
    process.Log("main", "step ", at);
    steps[at++]();
  };
  server->on.listening([&] { step(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/238-broadcast"));
}

TEST_P(V20Chat, Case239NamesWithManyAddresses) {
  const auto server =
      Server::Create(process.stack(), [](const SocketHandle& s) {
        s->Resume();
        s->End();
      });
  struct Mode {
    std::string name;
    std::vector<std::string> ips;
    std::string destroys_at;
    bool selects = true;
    AddressFamily family = AddressFamily::kAny;
  };
  const std::vector<std::string> two = {"127.0.0.2", "127.0.0.1"};
  const std::vector<Mode> modes = {
      {"v6 refused, v4 works", {"::1", "127.0.0.1"}, ""},
      {"all refused", {"::1", "127.0.0.2", "127.0.0.3"}, ""},
      {"three v4, last works", {"127.0.0.2", "127.0.0.3", "127.0.0.1"}, ""},
      {"first works", {"127.0.0.1", "::1"}, ""},
      {"one only", {"127.0.0.1"}, ""},
      {"one refused", {"127.0.0.2"}, ""},
      {"not selecting", two, "", false},
      {"family 4", two, "", true, AddressFamily::kIpv4},
      {"error", {}, ""},
      {"destroyed in failed", two, "failed"},
      {"destroyed in lookup", two, "lookup"}};
  const auto family = [](const loop::Ip& ip) { return ip.is_v4() ? 4 : 6; };
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == modes.size()) {
      server->Close();
      return;
    }
    const Mode& mode = modes[i];
    process.Log("main", "--- ", mode.name);
    ConnectOptions to;
    to.port = server->address()->port;
    to.host = "many.test";
    to.auto_select_family = mode.selects;
    to.family = mode.family;
    to.lookup = [&](absl::string_view host, AddressFamily asked,
                    ResolveCallback done) {
      process.Log("lookup", host,
                  " family=", asked == AddressFamily::kIpv4 ? 4 : 0);
      Resolution answer;
      if (mode.ips.empty()) answer.error = "EAI_AGAIN";
      for (const std::string& ip : mode.ips) {
        answer.addresses.push_back(*loop::Ip::Parse(ip));
      }
      Tick([answer, done = std::make_shared<ResolveCallback>(std::move(done))] {
        (*done)(answer);
      });
    };
    const SocketHandle c = Connect(process.stack(), std::move(to));
    Socket* const p = c.get();
    const auto hit = [&, p](const std::string& event) {
      if (event != mode.destroys_at) return;
      process.Log("c", "destroy");
      p->Destroy();
    };
    c->on.lookup([&, hit](const LookupEvent& e) {
      process.Log("c", "lookup ",
                  e.error == nullptr
                      ? absl::StrCat(" ", e.ip.ToString(), " ", family(e.ip))
                      : absl::StrCat(e.error->code(), "  "),
                  " ", e.host);
      hit("lookup");
    });
    c->on.connection_attempt([&](const loop::Address& a) {
      process.Log("c", "attempt ", a.ip.ToString(), " ", family(a.ip));
    });
    c->on.connection_attempt_failed(
        [&, hit](const loop::Address& a, const Error& e) {
          process.Log("c", "failed ", a.ip.ToString(), " ", family(a.ip), " ",
                      e.code());
          hit("failed");
        });
    c->on.connect([&, p] {
      process.Log("c", "connect ", p->remote_address()->ip.ToString());
    });
    WatchEvent(process, c->on.ready, "c", "ready");
    WatchErrors(c, "c");
    WatchEvent(process, c->on.end, "c", "end");
    c->Resume();
    c->on.close([&, p, i](bool had_error) {
      process.Log("c", "close ", Bool(had_error), " ",
                  p->attempted_addresses().size());
      After(10, [&, i] { next(i + 1); });
    });
  };
  server->on.listening([&] { next(0); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/239-families"));
}

INSTANTIATE_TEST_SUITE_P(, V20Chat, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
