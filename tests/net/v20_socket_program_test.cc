// Programs of Node 20 about writing, reading and half-closing, recorded here:
// cork, callbacks, what waits while a socket is paused, timeouts.
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20Socket : public V20Program {};
// Those with timers run in virtual time only, and so does what depends on how
// much the kernel takes.
class V20SocketTimed : public V20Program {};

TEST_P(V20Socket, Case63CorksAndDrains) {
  const auto server = Watched();
  server->on.connection([&](const SocketHandle& s) {
    process.Watch(s, "srv", false);
    const auto got = std::make_shared<size_t>(0);
    s->on.data([got](absl::string_view d) { *got += d.size(); });
    s->on.end([&, got] { process.Log("srv", "got ", *got); });
    s->on.end([&] { server->Close(); });
  });
  const auto drained = [&](Socket& c) {
    c.Cork();
    c.Write("f", Called("client", "f"));
    c.End("g", Called("client", "end"));
    process.Log("client", "ended ", c.writable_bytes());
  };
  const auto fill = [&](const SocketHandle& c) {
    c->Cork();
    c->Write("c", Called("client", "c"));
    c->Uncork();
    process.Log("client", "once ", c->writable_bytes());
    c->Uncork();
    process.Log("client", "twice ", c->writable_bytes());
    c->Write("d", Called("client", "d"));
    c->Cork();
    const bool room = c->Write(std::string(20000, 'e'), Called("client", "e"));
    process.Log("client", "big ", Bool(room), " ",
                Bool(c->writable_need_drain()));
    Tick([&, c] {
      c->Uncork();
      process.Log("client", "flushed ", c->writable_bytes());
      c->on.drain.Once([&, c] { drained(*c); });
    });
  };
  server->on.listening([&] {
    const auto c = Dial(*server, "client");
    c->Cork();
    const bool room = c->Write("a", Called("client", "a"));
    process.Log("client", "write ", Bool(room), " ", c->writable_bytes());
    c->on.connect([&, c] {
      c->Write("b", Called("client", "b"));
      process.Log("client", "corked ", c->writable_bytes());
      Immediate([&, c] { fill(c); });
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/63-cork-and-drain"));
}

TEST_P(V20SocketTimed, Case64DestroysWithWritesUnderWay) {
  std::vector<SocketHandle> peers;
  Server::Options paused;
  paused.pause_on_connect = true;
  const auto server = Watched(nullptr, paused);
  server->on.connection([&](const SocketHandle& s) {
    peers.push_back(s);
    s->on.error([](const Error&) {});
  });
  using Step = std::function<void(const SocketHandle&)>;
  std::vector<std::pair<std::string, Step>> steps;
  steps.emplace_back("c1", [&](const SocketHandle& c) {
    c->Destroy();
    process.Log("c1", "destroyed ", Bool(c->destroyed()), " ",
                Bool(c->writable()));
    c->Write("z", Called("c1", "z"));
  });
  steps.emplace_back("c2", [&](const SocketHandle& c) {
    c->End("", Called("c2", "end"));
    c->Destroy(Error("Error", "boom"));
  });
  steps.emplace_back("c3", [&](const SocketHandle& c) {
    c->End("w", Called("c3", "end"));
    process.Log("c3", "write ", Bool(c->Write("v", Called("c3", "v"))));
    c->ResetAndDestroy();
  });
  steps.emplace_back("c4", [&](const SocketHandle& c) {
    c->End("w", Called("c4", "end"));
    Immediate([&] { peers[3]->ResetAndDestroy(); });
  });
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == steps.size()) {
      for (const auto& peer : peers) peer->Destroy();
      server->Close();
      return;
    }
    const auto& [who, then] = steps[next++];
    const auto c = Dial(*server, who);
    c->on.connect([&, c, who = who, then = then] {
      while (c->Write(std::string(1 << 20, '\0'))) {
      }
      c->Write("x", Called(who, "x"));
      c->Write("y", Called(who, "y"));
      then(c);
    });
    c->on.close([&](bool) { Immediate([&] { start(); }); });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/64-destroy-with-writes"));
}

TEST_P(V20Socket, Case65EndsInConnect) {
  const std::shared_ptr<Server> server = Watched([&](const SocketHandle& s) {
    process.Watch(s, "srv");
    s->End("hi", [&](const Error*) { process.Log("srv", "cb end"); });
    process.Log("srv", "state ", s->ready_state(), " ",
                Bool(s->writable_ended()), " ", Bool(s->writable_finished()));
    s->End("", [&](const Error*) { process.Log("srv", "cb end again"); });
  });
  server->on.listening([&] {
    const auto c = Dial(*server, "client");
    process.Log("client", "state ", c->ready_state(), " ", Bool(c->pending()));
    c->on.connect([&, c] {
      c->Write("one", Called("client", "one"));
      c->End("two", Called("client", "two"));
      process.Log("client", "state ", c->ready_state(), " ",
                  Bool(c->writable()), " ", Bool(c->writable_ended()));
      c->End("", Called("client", "again"));
      Tick([&, c] {
        process.Log("client", "tick ", Bool(c->writable_finished()));
      });
      Immediate([&, c] {
        process.Log("client", "immediate ", Bool(c->writable_finished()));
      });
    });
    c->on.finish([&, c] {
      process.Log("client", "finished ", c->ready_state());
      c->End("", Called("client", "after finish"));
    });
    c->on.close([&, c](bool) {
      process.Log("client", "counts ", c->bytes_read(), " ", c->bytes_written(),
                  " ", Bool(c->writable()), " ", Bool(c->readable()), " ",
                  Bool(c->pending()));
      c->End("", Called("client", "after close"));
      c->Write("late", Called("client", "late"));
      c->Destroy(Error("Error", "twice"));
      server->Close();
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/65-end-in-connect"));
}

TEST_P(V20SocketTimed, Case66HoldsTheEndBackWhilePaused) {
  int n = 0;
  const auto server = Watched();
  server->on.connection([&](const SocketHandle& s) {
    s->Resume();
    if (++n == 1) {
      s->Write("first");
      Immediate([s] { s->End("second"); });
      s->on.close([&](bool) { process.Log("srv", "close"); });
      return;
    }
    s->End("unread");
    WatchErrors(s, "srv");
    s->on.close([&](bool had) { process.Log("srv", "close ", Bool(had)); });
  });
  const auto second = [&] {
    const auto d = Dial(*server, "c2", false);
    d->Pause();
    After(30, [&, d] {
      process.Log("c2", "held ", d->readable_bytes(), " ", d->ready_state());
      d->Destroy();
      d->Resume();
    });
    WatchEvent(process, d->on.resume, "c2", "resume");
    d->on.close([&](bool) { server->Close(); });
  };
  server->on.listening([&] {
    const auto c = Dial(*server, "c1", false);
    WatchEvent(process, c->on.pause, "c1", "pause");
    WatchEvent(process, c->on.resume, "c1", "resume");
    process.Log("c1", "isPaused ", Bool(c->paused()));
    c->Pause();
    c->on.data([&, c](absl::string_view data) {
      process.Log("c1", "data ", data);
      c->Pause();
      Tick([&, c] {
        process.Log("c1", "tick ", Bool(c->paused()), " ", c->readable_bytes());
      });
    });
    process.Log("c1", "isPaused ", Bool(c->paused()));
    After(30, [&, c] {
      process.Log("c1", "held ", c->readable_bytes(), " ", c->ready_state());
      c->Resume();
    });
    After(60, [&, c] {
      process.Log("c1", "still ", c->readable_bytes(), " ", c->ready_state());
    });
    c->on.close([&](bool) { second(); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/66-paused-at-the-end"));
}

TEST_P(V20SocketTimed, Case67TimesOut) {
  const auto server = Watched();
  server->on.connection([&](const SocketHandle& s) {
    s->on.data([](absl::string_view) {});
    s->on.error([](const Error&) {});
    s->on.close([&](bool) { process.Log("srv", "close"); });
  });
  const auto third = [&] {
    const auto c = Dial(*server, "c");
    c->SetTimeout(absl::Milliseconds(40), [c] {
      c->End("bye");
      c->SetTimeout(absl::ZeroDuration());
    });
    c->on.close([&](bool) {
      After(60, [&] { process.Log("c", "later"); });
      server->Close();
    });
  };
  const auto second = [&] {
    const auto b = Dial(*server, "b");
    b->SetTimeout(absl::Milliseconds(40));
    b->on.timeout([&, b] {
      b->Destroy();
      b->SetTimeout(absl::Milliseconds(10));
      process.Log("b", "destroyed ", b->ready_state());
    });
    b->on.timeout([&] { process.Log("b", "second listener"); });
    b->on.close([&](bool) { After(30, [&] { third(); }); });
  };
  server->on.listening([&] {
    const auto a = Dial(*server, "a");
    a->SetTimeout(absl::Milliseconds(50), [&] { process.Log("a", "once"); });
    a->on.timeout([&] { process.Log("a", "on"); });
    for (const int at : {30, 60, 90}) {
      After(at, [&, a] {
        process.Log("a", "write");
        a->Write("x");
      });
    }
    After(120, [&] { process.Log("a", "at 120"); });
    After(170, [&] { process.Log("a", "at 170"); });
    After(200, [&, a] {
      process.Log("a", "at 200");
      a->SetTimeout(absl::ZeroDuration());
    });
    After(280, [&, a] {
      process.Log("a", "at 280");
      a->SetTimeout(absl::Milliseconds(20));
      a->Destroy();
    });
    a->on.close([&](bool) { second(); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/67-timeouts"));
}

TEST_P(V20Socket, Case68WritesLateWhenHalfOpen) {
  Server::Options half_open;
  half_open.allow_half_open = true;
  const auto server = Watched(nullptr, half_open);
  int n = 0;
  server->on.connection([&](const SocketHandle& s) {
    process.Watch(s, "srv");
    Socket* const p = s.get();
    ++n;
    if (n == 1) {
      p->on.end([&, s] {
        s->Write("late1", Called("srv", "late1"));
        Immediate([&, s] {
          s->Write("late2", Called("srv", "late2"));
          s->End("late3", Called("srv", "end"));
          process.Log("srv", "state ", s->ready_state());
        });
      });
    } else if (n == 2) {
      p->End("early");
      p->on.end([&, p] {
        process.Log("srv", "write ", Bool(p->Write("x", Called("srv", "x"))));
      });
    } else {
      p->on.end([&, p] {
        p->Destroy();
        process.Log("srv", "destroyed ", p->ready_state());
      });
    }
  });
  const auto third = [&] {
    const auto c = Dial(*server, "c");
    c->End();
    c->on.close([&](bool) { server->Close(); });
  };
  const auto second = [&] {
    ConnectOptions to;
    to.port = server->address()->port;
    to.host = "127.0.0.1";
    Socket::Options allow;
    allow.allow_half_open = true;
    const auto b = Connect(process.stack(), std::move(to), allow);
    process.Watch(b, "b");
    b->on.end([&, b] {
      process.Log("b", "state ", b->ready_state(), " ", Bool(b->writable()));
      Immediate([&, b] {
        b->Write("b1", Called("b", "b1"));
        b->End("b2", Called("b", "end"));
      });
    });
    b->on.close([&](bool) { third(); });
  };
  server->on.listening([&] {
    const auto a = Dial(*server, "a");
    a->End("q");
    a->on.close([&](bool) { second(); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/68-half-open"));
}

INSTANTIATE_TEST_SUITE_P(, V20Socket, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20SocketTimed, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
