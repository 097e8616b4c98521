// Programs of Node 20 about servers and the lives of connections, recorded
// here: aborts, Unix paths, limits, closing and listening again, destroying at
// each moment.
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20Server : public V20Program {};
class V20ServerTimed : public V20Program {};

// Where 'close' has no argument in Node it is false here.
std::string WithFalse(std::string recorded) {
  return absl::StrReplaceAll(recorded,
                             {{"hadError=undefined", "hadError=false"}});
}

TEST_P(V20ServerTimed, Case71AbortsAtAnyMoment) {
  const auto server = Watched();
  server->on.connection([&](const SocketHandle& s) {
    WatchErrors(s, "srv");
    s->on.close([&](bool had) { process.Log("srv", "close ", Bool(had)); });
    s->Resume();
  });
  using Signal = std::shared_ptr<AbortSignal>;
  using Step = std::function<void(const SocketHandle&, const Signal&)>;
  const std::vector<std::pair<std::string, Step>> steps = {
      {"a",
       [&](const SocketHandle& c, const Signal& signal) {
         c->Write("x", Called("a", "x"));
         signal->Abort();
         process.Log("a", "state ", c->ready_state(), " ",
                     Bool(c->destroyed()));
       }},
      {"b",
       [&](const SocketHandle& c, const Signal& signal) {
         c->on.connect([&, c, signal] {
           Immediate([&, c, signal] {
             c->Write("x", Called("b", "x"));
             signal->Abort();
             c->End("", Called("b", "end"));
           });
         });
       }},
      {"c",
       [&](const SocketHandle& c, const Signal& signal) {
         c->on.connect([&, c, signal] {
           c->End("x", Called("c", "end"));
           signal->Abort();
         });
       }},
      {"d",
       [&](const SocketHandle& c, const Signal& signal) {
         c->End("x", Called("d", "end"));
         c->on.finish([&, signal] {
           signal->Abort();
           process.Log("d", "aborted");
         });
       }},
      {"e",
       [&](const SocketHandle& c, const Signal& signal) {
         c->End("x");
         c->on.close([&, signal](bool) {
           signal->Abort();
           process.Log("e", "aborted");
         });
       }},
  };
  size_t next = 0;
  std::function<void()> dial = [&] {
    if (next == steps.size()) return server->Close();
    const auto& [who, then] = steps[next++];
    const auto signal = std::make_shared<AbortSignal>();
    ConnectOptions to;
    to.port = server->address()->port;
    to.host = "127.0.0.1";
    Socket::Options options;
    options.signal = signal;
    const auto c = Connect(process.stack(), std::move(to), options);
    process.Watch(c, who);
    c->on.close([&](bool) { After(10, [&] { dial(); }); });
    then(c, signal);
  };
  server->on.listening([&] { dial(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/71-net-abort"));
}

TEST_P(V20Server, Case72UnixPaths) {
  const std::string path = absl::StrCat("./net_test_", getpid(), "_72.sock");
  const std::shared_ptr<Server> server = Watched([&](const SocketHandle& s) {
    process.Watch(s, "srv");
    // Its peer has no name, and so no remoteAddress.
    process.Log("srv", "remote undefined undefined");
    s->on.data([p = s.get()](absl::string_view d) { p->Write(d); });
  });
  const auto other = Server::Create(process.stack());
  process.Watch(other, "other");
  const auto last = [&] {
    const auto d = ConnectPath(process.stack(), path);
    process.Watch(d, "d");
    other->on.connection([](const SocketHandle& s) { s->Destroy(); });
    d->on.close([&](bool) { other->Close(); });
  };
  const auto late = [&] {
    const auto s = ConnectPath(process.stack(), path);
    process.Watch(s, "late");
    s->Write("x", [&](const Error* e) {
      process.Log("late", "cb ", e == nullptr ? "null" : Described(*e));
    });
    s->on.close([&](bool) {
      Server::ListenOptions again;
      again.path = path;
      other->on.listening.Once(last);
      other->Listen(again);
    });
  };
  const auto none = ConnectPath(process.stack(), path);
  process.Watch(none, "none");
  process.Log("none", "state ", none->ready_state(), " ",
              Bool(none->pending()));
  Server::ListenOptions at;
  at.path = path;
  none->on.close([&](bool) { server->Listen(at); });
  server->on.listening([&] {
    process.Log("server", "address is the path ",
                Bool(server->address()->path == path));
    other->on.error([&](const Error&) {
      const auto c = ConnectPath(process.stack(), path);
      process.Watch(c, "c");
      process.Log("c", "state ", c->ready_state());
      c->on.connect([c] { c->Write("hello"); });
      c->on.data.Once([c](absl::string_view) { c->End("bye"); });
      c->on.close([&](bool) { server->Close([&](const Error*) { late(); }); });
    });
    other->Listen(at);
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/72-unix-paths"));
}

TEST_P(V20ServerTimed, Case73DropsBeyondTheMostConnections) {
  const auto server = Server::Create(process.stack(), [&](const auto& s) {
    s->Resume();
    s->on.close([&](bool) { process.Log("srv", "close"); });
    s->on.error([](const Error&) {});
  });
  process.Watch(server, "server");
  server->SetMaxConnections(2);
  const auto count = [&] {
    Tick([&, n = server->connections()] {
      process.Log("server", "count null ", n);
    });
  };
  server->on.drop([&](const Server::DroppedConnection& d) {
    process.Log("server", "dropped ", d.local.ip.ToString(), " ",
                d.remote.family == loop::Family::kInet ? "IPv4" : "?", " ",
                d.remote.port > 0 ? "number" : "?");
    count();
  });
  SocketHandle a, b, c, d;
  const auto finish = [&] {
    server->Close(Called("server", "1", "undefined"));
    server->Close(Called("server", "2", "undefined"));
    process.Log("server", "listening ", Bool(server->listening()), " ",
                server->address() ? "?" : "null");
    count();
    b->End();
    b->on.close([&](bool) {
      Immediate([&] {
        server->Close(Called("server", "3", "undefined"));
        d->Destroy();
      });
    });
  };
  const auto third = [&] {
    c = Dial(*server, "c");
    c->on.close([&](bool) {
      a->End();
      a->on.close([&](bool) {
        Immediate([&] {
          d = Dial(*server, "d");
          d->on.connect([&] { After(10, [&] { finish(); }); });
        });
      });
    });
  };
  server->on.listening([&] {
    a = Dial(*server, "a");
    a->on.connect([&] {
      b = Dial(*server, "b");
      b->on.connect([&] { Immediate([&] { third(); }); });
    });
  });
  server->on.close.Once(
      [&] { server->Close(Called("server", "4", "undefined")); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/73-max-connections"));
}

TEST_P(V20Server, Case74ClosesAndListensAgain) {
  const std::shared_ptr<Server> server = Watched([&](const SocketHandle& s) {
    server->Close(Answered("server", "closed"));
    process.Log("server", "listening ", Bool(server->listening()));
    s->End("bye");
  });
  int rounds = 0;
  server->on.close([&] {
    ++rounds;
    if (rounds == 1) {
      server->on.listening.Once([&] { Dial(*server, "c"); });
      server->Listen(0, "127.0.0.1");
      try {
        server->Listen(0);
      } catch (const Error& error) {
        process.Log("server", "threw ", Described(error));
      }
    } else if (rounds <= 3) {
      const bool named = rounds == 2;
      server->Listen(0, named ? "127.0.0.1" : "");
      server->Close(Answered("server", named ? "at once" : "at once again"));
      process.Log("server", "now ", Bool(server->listening()));
    }
  });
  server->Close(Answered("server", "not yet"));
  process.Log("server", "address ", server->address() ? "?" : "null");
  EXPECT_EQ(process.Run(), RecordedLines("v20/74-close-and-listen"));
}

TEST_P(V20Server, Case75ResetsWhatWaitsInTheQueueWhenItCloses) {
  const std::shared_ptr<Server> server = Watched([&](const SocketHandle& s) {
    process.Watch(s, "srv");
    server->Close(Called("server", "close", "undefined"));
  });
  server->on.listening([&] {
    for (const std::string who : {"a", "b", "c"}) {
      const auto c = Dial(*server, who);
      c->Write("hi from " + who, Called(who, "write"));
      c->on.connect([&, c, who] {
        process.Log(who, "connected");
        if (who == "a") c->End();
      });
    }
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/75-queue-at-close"));
}

TEST_P(V20Server, Case76WritesBeforeItConnects) {
  const std::shared_ptr<Server> server = Watched([&](const SocketHandle& s) {
    const auto got = std::make_shared<size_t>(0);
    process.Watch(s, "srv", false);
    s->on.data([got](absl::string_view d) { *got += d.size(); });
    s->on.end([&, got] { process.Log("srv", "got ", *got); });
  });
  const auto unconnected = [&] {
    const auto d = Socket::Create(process.stack());
    process.Watch(d, "d");
    d->Write("before", Called("d", "before"));
    process.Log("d", "state ", d->ready_state(), " ", Bool(d->pending()), " ",
                d->writable_bytes());
    d->on.close([&](bool) { server->Close(); });
    d->Resume();
  };
  server->on.listening([&] {
    const auto c = Socket::Create(process.stack());
    c->on.connect([&, c] {
      process.Log("c", "first listener ", c->bytes_written(), " ",
                  c->writable_bytes());
    });
    c->on.connect.Once([&] { process.Log("c", "callback"); });
    c->Connect(server->address()->port, "127.0.0.1");
    c->on.connect(
        [&, c] { process.Log("c", "second listener ", c->bytes_written()); });
    bool room = c->Write("one", Called("c", "one"));
    process.Log("c", "write ", Bool(room), " ", c->writable_bytes(), " ",
                c->bytes_written());
    c->on.connect(
        [&, c] { process.Log("c", "third listener ", c->bytes_written()); });
    room = c->Write(std::string(20000, 'x'), Called("c", "big"));
    process.Log("c", "write ", Bool(room), " ", c->writable_bytes(), " ",
                Bool(c->writable_need_drain()));
    process.Watch(c, "c", false);
    c->on.connect([&, c] {
      c->Write("two", Called("c", "two"));
      process.Log("c", "counts ", c->bytes_written(), " ", c->writable_bytes());
      c->End("", Called("c", "end"));
    });
    c->on.close([&](bool) { unconnected(); });
    c->Resume();
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(),
            WithFalse(RecordedLines("v20/76-write-before-connect")));
}

TEST_P(V20ServerTimed, Case77DestroysAtAnyMoment) {
  int n = 0;
  const std::shared_ptr<Server> server = Watched([&](const SocketHandle& s) {
    const std::string who = absl::StrCat("srv", ++n);
    process.Log("srv", "number ", n);
    WatchErrors(s, who);
    s->on.close([&, who](bool had) { process.Log(who, "close ", Bool(had)); });
    s->Resume();
  });
  const auto never_connected = [&](const std::string& who) {
    const auto socket = Socket::Create(process.stack());
    process.Watch(socket, who);
    return socket;
  };
  server->on.listening([&] {
    const auto a = Dial(*server, "a");
    a->Write("x", Called("a", "x"));
    a->End("", Called("a", "end"));
    a->Destroy();
    process.Log("a", "state ", a->ready_state(), " ", Bool(a->connecting()),
                " ", Bool(a->destroyed()));
    const auto b = Dial(*server, "b");
    Tick([b] { b->Destroy(Error("Error", "tick")); });
    const auto c = Dial(*server, "c");
    Immediate([c] {
      c->Destroy();
      c->Destroy(Error("Error", "second"));
    });
    const auto d = Dial(*server, "d");
    d->on.ready([&, d] {
      d->DestroySoon();
      process.Log("d", "soon ", Bool(d->destroyed()), " ", Bool(d->writable()));
    });
    const auto e = Dial(*server, "e");
    e->on.connect([&, e] {
      e->Write("x", Called("e", "x"));
      e->DestroySoon();
      e->Destroy(Error("Error", "late"));
    });
    const auto f = Dial(*server, "f");
    f->ResetAndDestroy();
    f->on.connect([&, f] {
      process.Log("f", "reset in connect ", Bool(f->destroyed()));
    });
    const auto g = never_connected("g");
    g->Destroy();
    g->on.close([&, g](bool) {
      process.Log("g", "state ", g->ready_state(), " ", Bool(g->destroyed()));
    });
    const auto h = never_connected("h");
    h->ResetAndDestroy();
    After(50, [&] { server->Close(); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), WithFalse(RecordedLines("v20/77-destroy-moments")));
}

INSTANTIATE_TEST_SUITE_P(, V20Server, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20ServerTimed, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
