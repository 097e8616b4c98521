// A program of Node 20 that aborts a signal at each moment of what the signal
// was given to, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "net/datagram_socket.h"
#include "tests/net/v20_calls.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20Signals : public V20Calls {
 protected:
  using Signal = std::shared_ptr<AbortSignal>;
  // Makes something with the signal; answers how it ends.
  using Make = std::function<loop::Task(const Signal&, const std::string& at)>;
  struct Kind {
    std::string name;
    Make make;
    std::vector<std::string> moments;
  };

  void Serve();
  SocketHandle WatchSocket(const SocketHandle& s);
  template <typename Named>
  void AbortOn(Named& event, const Signal& c, bool wanted) {
    if (wanted) event([c](const auto&...) { c->Abort(); });
  }
  loop::Task MakeConnect(const Signal& c, const std::string& at);
  loop::Task MakeByName(const Signal& c, const std::string& at);
  loop::Task MakeSocket(const Signal& c, const std::string& at);
  Make MakeListen(std::string host);
  loop::Task MakeHttpListen(const Signal& c, const std::string& at);
  loop::Task MakeDatagram(const Signal& c, const std::string& at);
  loop::Task MakeRequest(const Signal& c, const std::string& at);
  void WatchResponse(const Request& r, const Signal& c, const std::string& at);
  loop::Task MakeAgentRequest(const Signal& c, const std::string& at);
  std::vector<Kind> Kinds();
  void Next();

  std::shared_ptr<Server> server;
  std::shared_ptr<http::Server> web;
  std::vector<std::pair<Kind, std::string>> jobs;
};

void V20Signals::Serve() {
  server = Server::Create(process.stack(), [](const SocketHandle& s) {
    s->on.error([](const Error&) {});
    s->Resume();
    s->on.end([s = s.get()] { s->End(); });
  });
  web = http::Server::Create(process.stack(),
                             [](const Request& q, const Response& r) {
                               r->send_date = false;
                               q->Resume();
                               if (q->url() == "/part") r->Write("part");
                               if (q->url() == "/now") r->End("now");
                               // It is held until its connection goes.
                               r->on.close([r] {});
                             });
}

SocketHandle V20Signals::WatchSocket(const SocketHandle& s) {
  s->on.lookup([this, mine = job](const LookupEvent&) {
    if (mine == job) Say("lookup");
  });
  SayEvent(s->on.connect, "connect");
  SayEvent(s->on.ready, "ready");
  SayEvent(s->on.end, "end");
  SayEvent(s->on.finish, "finish");
  SayError(s->on.error);
  s->on.close([this, mine = job](bool had_error) {
    if (mine == job) Say("close:", Bool(had_error));
  });
  return s;
}

loop::Task V20Signals::MakeConnect(const Signal& c, const std::string& at) {
  ConnectOptions to;
  to.port = server->address()->port;
  to.host = "127.0.0.1";
  Socket::Options options;
  options.signal = c;
  const SocketHandle s =
      WatchSocket(Connect(process.stack(), std::move(to), options));
  Say(Bool(s->destroyed()));
  Socket* const p = s.get();
  if (at == "connect") p->on.connect([c] { c->Abort(); });
  if (at == "finish") {
    p->on.connect([p] { p->End(); });
    p->on.finish([c] { c->Abort(); });
  } else if (at == "close") {
    p->on.connect([p] { p->Destroy(); });
    p->on.close([c](bool) { c->Abort(); });
  } else if (at == "written") {
    p->on.connect([this, p, c] {
      p->Write("x", Told("w"));
      c->Abort();
    });
  } else if (at == "destroyed") {
    p->Destroy();
    c->Abort();
  } else if (at == "mine") {
    p->Destroy(Error("Error", "mine"));
    c->Abort();
  }
  return [s] { s->Destroy(); };
}

loop::Task V20Signals::MakeByName(const Signal& c, const std::string& at) {
  ConnectOptions to;
  to.port = server->address()->port;
  to.host = "some.name";
  to.lookup = [this](absl::string_view, AddressFamily, ResolveCallback done) {
    After(15, [done = std::move(done)]() mutable {
      Resolution known;
      known.addresses.push_back(*loop::Ip::Parse("127.0.0.1"));
      done(known);
    });
  };
  Socket::Options options;
  options.signal = c;
  const SocketHandle s =
      WatchSocket(Connect(process.stack(), std::move(to), options));
  if (at == "connect") s->on.connect([c] { c->Abort(); });
  if (at == "lookup") s->on.lookup([c](const LookupEvent&) { c->Abort(); });
  return [s] { s->Destroy(); };
}

loop::Task V20Signals::MakeSocket(const Signal& c, const std::string& at) {
  Socket::Options options;
  options.signal = c;
  const SocketHandle s = WatchSocket(Socket::Create(process.stack(), options));
  if (at == "dialled") {
    s->Connect(server->address()->port, "127.0.0.1");
    c->Abort();
  }
  return [s] { s->Destroy(); };
}

V20Signals::Make V20Signals::MakeListen(std::string host) {
  return [this, host](const Signal& c, const std::string& at) -> loop::Task {
    const auto s = Server::Create(process.stack());
    SayEvent(s->on.listening, "listening");
    SayEvent(s->on.close, "close");
    SayError(s->on.error);
    Server::ListenOptions on;
    on.host = host;
    on.signal = c;
    s->Listen(on);
    if (at == "listening") s->on.listening([c] { c->Abort(); });
    if (at == "close") {
      s->on.listening([c, s = s.get()] {
        s->Close();
        c->Abort();
      });
    }
    return [s] {
      if (s->listening()) s->Close();
    };
  };
}

loop::Task V20Signals::MakeHttpListen(const Signal& c, const std::string& at) {
  const auto s = http::Server::Create(process.stack(), nullptr);
  SayEvent(s->on.listening, "listening");
  SayEvent(s->on.close, "close");
  Server::ListenOptions on;
  on.host = "127.0.0.1";
  on.signal = c;
  s->Listen(on);
  if (at == "listening") s->on.listening([c] { c->Abort(); });
  return [s] {
    if (s->listening()) s->Close();
  };
}

loop::Task V20Signals::MakeDatagram(const Signal& c, const std::string& at) {
  DatagramSocket::Options options;
  options.signal = c;
  const auto s = DatagramSocket::Create(process.stack(), options);
  const auto over = std::make_shared<bool>(false);
  SayEvent(s->on.listening, "listening");
  SayEvent(s->on.close, "close");
  SayError(s->on.error);
  if (at != "unbound") s->Bind(0, "127.0.0.1");
  if (at == "listening") s->on.listening([c] { c->Abort(); });
  s->on.close([over] { *over = true; });
  if (at == "closed") {
    s->Close();
    c->Abort();
  }
  return [s, over] {
    if (!*over) s->Close();
  };
}

void V20Signals::WatchResponse(const Request& r, const Signal& c,
                               const std::string& at) {
  Say("response");
  if (at == "response") c->Abort();
  r->on.data([this, mine = job](absl::string_view data) {
    if (mine == job) Say("data:", data);
  });
  SayEvent(r->on.aborted, "aborted");
  SayError(r->on.error, "rerror");
  SayEvent(r->on.close, "rclose");
  SayEvent(r->on.end, "end");
  if (at == "data") r->on.data([c](absl::string_view) { c->Abort(); });
  if (at == "end") r->on.end([c] { c->Abort(); });
}

loop::Task V20Signals::MakeRequest(const Signal& c, const std::string& at) {
  http::RequestOptions options =
      To(web, at == "end" || at == "qclose"      ? "/now"
              : at == "data" || at == "response" ? "/part"
                                                 : "/hold");
  options.signal = c;
  const auto q = http::Request(process.stack(), options);
  Say(Bool(q->destroyed()));
  q->on.socket([this, mine = job](const SocketHandle&) {
    if (mine == job) Say("socket");
  });
  SayEvent(q->on.finish, "finish");
  SayEvent(q->on.abort, "abort");
  SayError(q->on.error);
  SayEvent(q->on.close, "close");
  q->on.response([this, c, at](const Request& r) { WatchResponse(r, c, at); });
  if (at == "socket") q->on.socket([c](const SocketHandle&) { c->Abort(); });
  if (at == "finish") q->on.finish([c] { c->Abort(); });
  if (at == "qclose") q->on.close([c] { c->Abort(); });
  if (at == "destroyed") {
    q->Destroy();
    c->Abort();
  } else if (at == "aborted") {
    q->Abort();
    c->Abort();
  }
  if (at != "unsent") q->End();
  return [q] { q->Destroy(); };
}

loop::Task V20Signals::MakeAgentRequest(const Signal& c,
                                        const std::string& at) {
  http::Agent::Options one;
  one.max_sockets = 1;
  const auto agent = http::Agent::Create(process.stack(), one);
  http::RequestOptions options = To(web, at == "waits" ? "/hold" : "/now");
  options.agent = agent;
  const auto first = http::Get(process.stack(), options);
  first->on.error([](const Error&) {});
  first->on.response([](const Request& r) { r->Resume(); });
  options.path = "/now";
  options.signal = c;
  const auto q = http::Get(process.stack(), options);
  q->on.socket([this, mine = job, q = q.get()](const SocketHandle&) {
    if (mine == job) Say("socket:", Bool(q->reused_socket()));
  });
  SayError(q->on.error);
  SayEvent(q->on.close, "close");
  q->on.response([this, c, at](const Request& r) {
    Say("response");
    r->Resume();
    if (at == "response") c->Abort();
  });
  if (at == "socket") q->on.socket([c](const SocketHandle&) { c->Abort(); });
  return [agent] { agent->Destroy(); };
}

std::vector<V20Signals::Kind> V20Signals::Kinds() {
  const auto bound = [this](auto make) {
    return [this, make](const Signal& c, const std::string& at) {
      return (this->*make)(c, at);
    };
  };
  return {
      {"connect",
       bound(&V20Signals::MakeConnect),
       {"before", "called", "tick", "immediate", "connect", "written", "finish",
        "close", "destroyed", "mine", "later"}},
      {"by name",
       bound(&V20Signals::MakeByName),
       {"before", "called", "tick", "immediate", "soon", "lookup", "connect"}},
      {"socket",
       bound(&V20Signals::MakeSocket),
       {"before", "called", "tick", "dialled"}},
      {"listen",
       MakeListen("127.0.0.1"),
       {"before", "called", "tick", "immediate", "listening", "close",
        "later"}},
      {"listen all", MakeListen(""), {"before", "called", "tick", "later"}},
      {"http listen",
       bound(&V20Signals::MakeHttpListen),
       {"before", "called", "listening", "later"}},
      {"dgram",
       bound(&V20Signals::MakeDatagram),
       {"before", "called", "unbound", "tick", "listening", "closed", "later"}},
      {"request",
       bound(&V20Signals::MakeRequest),
       {"before", "called", "unsent", "tick", "socket", "immediate", "finish",
        "response", "data", "end", "qclose", "destroyed", "aborted", "later"}},
      {"agent request",
       bound(&V20Signals::MakeAgentRequest),
       {"before", "called", "waits", "socket", "response", "later"}}};
}

void V20Signals::Next() {
  if (job == jobs.size()) {
    server->Close();
    web->CloseAllConnections();
    web->Close();
    return;
  }
  line.clear();
  const auto& [kind, at] = jobs[job];
  const Signal c = std::make_shared<AbortSignal>();
  if (at == "before") c->Abort();
  const auto end = std::make_shared<loop::Task>([] {});
  Try([&, &kind = kind, &at = at] { *end = kind.make(c, at); });
  const auto late = [this, c] {
    Say("*");
    c->Abort();
  };
  if (at == "called" || at == "unbound" || at == "unsent" || at == "waits") {
    c->Abort();
  }
  if (at == "tick") Tick(late);
  if (at == "immediate") Immediate(late);
  if (at == "soon") After(5, late);
  if (at == "later") After(25, late);
  Say("|");
  After(50, [this, end] {
    process.Log(jobs[job].first.name, jobs[job].second, " =>", line);
    ++job;
    (*end)();
    After(15, [this] { Next(); });
  });
}

TEST_P(V20Signals, Case257EachMoment) {
  Serve();
  for (const Kind& kind : Kinds()) {
    for (const std::string& at : kind.moments) jobs.emplace_back(kind, at);
  }
  server->on.listening([this] { web->Listen(0, "127.0.0.1"); });
  web->on.listening([this] { Next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/257-signals"));
}

INSTANTIATE_TEST_SUITE_P(, V20Signals, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
