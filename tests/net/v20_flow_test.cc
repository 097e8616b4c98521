// Half-open connections and a server without descriptors in Node 20, by its own
// programs, in virtual time.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "loop/abi.h"
#include "loop/kernel.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

TEST(V20Flow, LeavesAHalfOpenSocketAloneThatNobodyEnds) {
  const auto back_end = SimulatedBackEnd().make();
  NodeProcess process(*back_end, loop::Discipline::kModern);
  Server::Options half_open;
  half_open.allow_half_open = true;
  const auto server = Server::Create(process.stack(), half_open);
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Watch(socket, "srv.sock");
    Socket* const c = socket.get();
    c->on.end([&, c, s] {
      process.loop().SetTimeout(absl::Milliseconds(50), [&, c, s] {
        process.Log("srv.sock", "still ", c->ready_state());
        c->Destroy();
        s->Close();
      });
    });
  });
  process.Watch(server, "server");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    process.Watch(client, "client");
    Socket* const c = client.get();
    c->on.connect([c] { c->End(); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), Recorded("v20/23-half-open-forgotten.out"));
}

// The case's clients live in a child process; here they are sockets of the same
// process, to which one descriptor is left, and count their lines apart.
TEST(V20Flow, AcceptsAndDropsWhenThereIsNoDescriptor) {
  const auto back_end = SimulatedWith(64);
  NodeProcess process(*back_end, loop::Discipline::kModern);
  loop::Kernel& kernel = back_end->kernel();
  std::string text;
  int lines[2] = {0, 0};
  const auto log = [&](int who, const char* actor, std::string what) {
    absl::StrAppendFormat(&text, "%3d %-8s %s\n", ++lines[who], actor, what);
  };
  const auto server = Server::Create(
      process.stack(),
      [&](const std::shared_ptr<Socket>&) { log(0, "server", "connection"); });
  Server* const s = server.get();
  s->on.error(
      [&](const Error& error) { log(0, "server", "error " + error.code()); });
  std::vector<loop::Fd> held;
  std::string results;
  int begun = 0;
  const auto end = [&, s] {
    log(1, "child", absl::StrCat("results [", results, "]"));
    log(1, "process", "exit code=0");
    for (const loop::Fd fd : held) (void)kernel.Close(fd);
    s->Close([&](const Error*) { log(0, "server", "close"); });
  };
  std::function<void()> next = [&, s] {
    if (begun++ == 3) return end();
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    absl::StrAppend(&results, results.empty() ? "[" : ",[");
    const auto add = [&](const char* event) {
      absl::StrAppend(&results, results.back() == '[' ? "" : ",", "\"", event,
                      "\"");
    };
    client->on.connect([add] { add("connect"); });
    client->on.end([add] { add("end"); });
    client->on.error([add](const Error&) { add("error"); });
    client->on.close([&, add](bool) {
      add("close");
      results += "]";
      next();
    });
    client->Resume();
  };
  s->on.listening([&] {
    for (;;) {
      const auto fd = kernel.Dup(s->fd());
      if (!fd.ok()) {
        log(0, "server",
            absl::StrCat("fds exhausted ", loop::ErrnoName(fd.error())));
        break;
      }
      process.stack().MayTakeSpare(*fd);
      held.push_back(*fd);
    }
    (void)kernel.Close(held.back());
    held.pop_back();
    next();
  });
  server->Listen(0, "127.0.0.1");
  (void)process.Run();
  log(0, "process", "exit code=0");
  EXPECT_EQ(text, Recorded("v20/43-emfile.out"));
}

// A listener of 127.0.0.1 that never accepts, and whose queue is full: two wait
// in one of length 1.
class Hole final {
 public:
  Hole(NodeProcess& process, loop::Kernel& kernel, uint16_t port)
      : kernel_(kernel) {
    fd_ = *kernel.Socket(loop::Family::kInet,
                         loop::kSockStream | loop::kSockNonblock, 0);
    const auto here = loop::Address::Inet(loop::Ipv4::Loopback(), port);
    EXPECT_TRUE(kernel.Bind(fd_, here).ok());
    EXPECT_TRUE(kernel.Listen(fd_, 1).ok());
    for (auto& one : filling_) {
      one = Connect(process.stack(), this->port(), "127.0.0.1");
      one->on.error([](const Error&) {});
      one->on.connect([this] {
        if (++full_ == 2) on_full();
      });
    }
  }
  ~Hole() { Close(); }
  uint16_t port() { return kernel_.Getsockname(fd_)->port; }
  void AcceptAll() {
    for (;;) {
      const auto accepted = kernel_.Accept4(fd_, 0);
      if (!accepted.ok()) return;
      accepted_.push_back(accepted->fd);
    }
  }
  void Close() {
    for (auto& one : filling_) {
      if (one != nullptr) std::exchange(one, nullptr)->Destroy();
    }
    for (const loop::Fd fd : accepted_) (void)kernel_.Close(fd);
    accepted_.clear();
    if (fd_.valid()) (void)kernel_.Close(std::exchange(fd_, loop::Fd()));
  }

  std::function<void()> on_full;

 private:
  loop::Kernel& kernel_;
  loop::Fd fd_;
  int full_ = 0;
  std::shared_ptr<Socket> filling_[2];
  std::vector<loop::Fd> accepted_;
};

TEST(V20Flow, GivesUpAnAddressThatDoesNotAnswer) {
  const auto back_end = SimulatedBackEnd().make();
  NodeProcess process(*back_end, loop::Discipline::kModern);
  const auto server = Server::Create(
      process.stack(), [&](const std::shared_ptr<Socket>& socket) {
        process.Log("server", "connection (on the good address)");
        socket->Resume();
      });
  Server* const s = server.get();
  std::unique_ptr<Hole> hole;
  s->on.listening([&, s] {
    hole =
        std::make_unique<Hole>(process, back_end->kernel(), s->address()->port);
    hole->on_full = [&, s] {
      ConnectOptions options;
      options.port = s->address()->port;
      options.host = "two.example";
      options.lookup = [&](absl::string_view, AddressFamily,
                           ResolveCallback done) {
        process.loop().NextTick([done = std::move(done)]() mutable {
          done(Resolution{
              "",
              {*loop::Ip::Parse("127.0.0.1"), *loop::Ip::Parse("127.0.0.2")}});
        });
      };
      const loop::Instant begun = process.loop().Now();
      const auto client = Connect(process.stack(), std::move(options));
      process.Watch(client, "client", true, true);
      Socket* const c = client.get();
      c->on.connect([&, c, begun] {
        const absl::Duration took = process.loop().Now() - begun;
        process.Log("client", "after the 250 ms attempt timeout ",
                    Bool(took >= absl::Milliseconds(245) &&
                         took < absl::Milliseconds(600)));
        c->Destroy();
      });
      c->on.close([&, s](bool) {
        s->Close();
        hole->Close();
      });
    };
  });
  server->Listen(0, "127.0.0.2");
  EXPECT_EQ(process.Run(), Recorded("v20/51-happy-eyeballs-timeout.out"));
}

// test-net-autoselectfamily-attempt-timeout: an attempt has 10 ms at least.
TEST(NodeTest, TestNetAutoselectfamilyAttemptTimeout) {
  const auto back_end = SimulatedBackEnd().make();
  NodeProcess process(*back_end, loop::Discipline::kModern);
  const auto server = Server::Create(process.stack());
  std::unique_ptr<Hole> hole;
  absl::Duration took;
  server->on.listening([&] {
    const uint16_t port = server->address()->port;
    hole = std::make_unique<Hole>(process, back_end->kernel(), port);
    hole->on_full = [&, port] {
      ConnectOptions options;
      options.port = port;
      options.host = "two.example";
      options.auto_select_family_attempt_timeout = absl::Milliseconds(1);
      options.lookup = [](absl::string_view, AddressFamily,
                          ResolveCallback done) {
        done(Resolution{
            "",
            {*loop::Ip::Parse("127.0.0.1"), *loop::Ip::Parse("127.0.0.2")}});
      };
      const loop::Instant begun = process.loop().Now();
      const auto client = Connect(process.stack(), std::move(options));
      Socket* const c = client.get();
      c->on.connection_attempt_timeout([&, begun](const loop::Address&) {
        took = process.loop().Now() - begun;
      });
      c->on.connect([&, c] {
        c->Destroy();
        hole->Close();
        server->Close();
      });
    };
  });
  server->Listen(0, "127.0.0.2");
  process.Run();
  EXPECT_EQ(took, absl::Milliseconds(10));
}

TEST(V20Flow, ConnectsByTheSecondSynWhenTheQueueWasFull) {
  const auto back_end = SimulatedBackEnd().make();
  NodeProcess process(*back_end, loop::Discipline::kModern);
  Hole hole(process, back_end->kernel(), 0);
  process.loop().SetTimeout(absl::Milliseconds(500), [&] { hole.AcceptAll(); });
  hole.on_full = [&] {
    const loop::Instant begun = process.loop().Now();
    const auto client = Connect(process.stack(), hole.port(), "127.0.0.1");
    process.Watch(client, "late");
    Socket* const c = client.get();
    c->on.connect([&, c, begun] {
      const absl::Duration took = process.loop().Now() - begun;
      process.Log("late", "connected by the SYN retransmission at ~1 s ",
                  Bool(took > absl::Milliseconds(900) &&
                       took < absl::Milliseconds(1500)));
      c->Destroy();
      hole.Close();
    });
  };
  EXPECT_EQ(process.Run(), Recorded("v20/52-syn-retransmit.out"));
}

}  // namespace
}  // namespace simloop::net
