// Programs of Node 20 about servers that cannot listen, or listen again,
// recorded here.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20Listening : public V20Program {
 protected:
  std::shared_ptr<Server> New(const std::string& actor) {
    const auto server = Server::Create(process.stack());
    process.Watch(server, actor);
    return server;
  }
};

class V20ListeningTimed : public V20Listening {};

TEST_P(V20Listening, Case111FailsAndListensAgain) {
  const auto a = New("a");
  const auto b = New("b");
  const auto c = New("c");
  const auto d = New("d");
  const auto listen = [](Server& server, std::function<void()> then) {
    server.on.listening.Once(std::move(then));
    server.Listen(0, "127.0.0.1");
  };
  const auto fourth = [&] {
    d->Close(Answered("d", "cb"));
    d->Close();
    listen(*d, [&] {
      process.Log("d", "up");
      d->Close([&](const Error*) { process.Log("d", "cb2"); });
      d->Close(Answered("d", "cb3"));
      a->Close();
    });
  };
  const auto third = [&] {
    c->Listen(0, "192.0.2.1");
    c->on.error([&](const Error& e) {
      process.Log("c", "text ", e.message());
      fourth();
    });
  };
  const auto again = [&] {
    try {
      b->Listen(0);
    } catch (const Error& e) {
      process.Log("b", "threw ", e.code(), " ", e.message());
    }
    b->Close(Answered("b", "cb close 2"));
    process.Log("b", "closing ", Bool(b->listening()), " ",
                Bool(!b->address().has_value()));
    listen(*b, [&] {
      process.Log("b", "again ", Bool(b->listening()));
      b->Close();
      third();
    });
    process.Log("b", "listens");
  };
  listen(*a, [&] {
    const uint16_t port = a->address()->port;
    b->Listen(port, "127.0.0.1");
    process.Log("b", "called ", Bool(b->listening()), " ",
                Bool(!b->address().has_value()));
    b->on.error.Once([&, port](const Error& e) {
      process.Log(
          "b", "text ", e.code(), " ", e.syscall(), " ", e.address(), " ",
          Bool(e.port() == port), " ",
          absl::StrReplaceAll(e.message(), {{absl::StrCat(port), "PORT"}}));
      b->Close(Answered("b", "cb close"));
      listen(*b, [&] { process.Log("b", "cb listening"); });
      b->on.listening.Once(again);
    });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/111-listen-errors"));
}

TEST_P(V20ListeningTimed, Case151LimitsByTurns) {
  const auto server = Watched([](const SocketHandle& s) {
    s->on.error([](const Error&) {});
    s->Resume();
  });
  server->SetMaxConnections(0);
  std::vector<SocketHandle> all;
  const auto open = [&](const std::string& k, std::function<void()> next) {
    const auto c = Dial(*server);
    all.push_back(c);
    c->Resume();
    WatchErrors(c, k);
    c->on.end([&, k] { process.Log(k, "end"); });
    c->on.close([&, k](bool) { process.Log(k, "close"); });
    c->on.connect([&, next] { After(30, next); });
  };
  const auto fourth = [&] {
    for (const SocketHandle& s : all) s->Destroy();
    server->Close();
  };
  const auto third = [&] {
    server->SetMaxConnections(2);
    open("d", fourth);
  };
  const auto second = [&] { open("c", third); };
  server->on.listening([&] {
    open("a", [&] {
      server->SetMaxConnections(1);
      open("b", second);
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/151-max-connections-zero"));
}

TEST_P(V20ListeningTimed, Case152ListensTwiceAtOnce) {
  const auto server = Watched();
  const auto listen = [&](const std::string& name) {
    server->on.listening.Once([&, name] { process.Log("server", name); });
    server->Listen(0, "127.0.0.1");
  };
  listen("first");
  listen("second");
  process.Log("server", "called ", Bool(server->listening()));
  After(30, [&] {
    process.Log("server", "up ", Bool(server->listening()));
    server->Close(Answered("server", "cb"));
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/152-listen-twice-pending"));
}

INSTANTIATE_TEST_SUITE_P(, V20Listening, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20ListeningTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
