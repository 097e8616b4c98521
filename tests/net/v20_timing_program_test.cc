// Programs of Node 20 about timers, ticks and immediates, and what keeps a
// process going, recorded here.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "loop/timer.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20Timing : public V20Program {
 protected:
  loop::Task Line(const std::string& actor, const std::string& text) {
    return [this, actor, text] { process.Log(actor, text); };
  }
};
class V20TimingTimed : public V20Timing {};

TEST_P(V20TimingTimed, Case107ListensForIdleTimes) {
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        s->on.error([](const Error&) {});
        s->on.data([p = s.get()](absl::string_view d) { p->Write(d); });
        s->on.end([&] { process.Log("srv", "end"); });
      });
  const auto ms = [](const Socket& s) {
    return absl::ToInt64Milliseconds(s.timeout());
  };
  using absl::Milliseconds;
  const auto late = [&](const SocketHandle& c) {
    c->SetTimeout(Milliseconds(120), [&, c] {
      process.Log("c", "third");
      c->SetTimeout(Milliseconds(80), [&, c] {
        process.Log("c", "fourth");
        c->Pause();
        c->SetTimeout(Milliseconds(100), [&, c] {
          process.Log("c", "fifth");
          c->Destroy();
        });
        c->Write("y");
      });
    });
  };
  server->on.listening([&] {
    const auto c = Dial(*server);
    c->on.data([&](absl::string_view d) { process.Log("c", "data ", d); });
    c->on.timeout([&, p = c.get()] { process.Log("c", "timeout ", ms(*p)); });
    c->SetTimeout(Milliseconds(160), Line("c", "first"));
    c->SetTimeout(Milliseconds(240), Line("c", "second"));
    c->SetTimeout(absl::ZeroDuration(), Line("c", "never"));
    process.Log("c", "set ", ms(*c));
    After(400, [&, c] {
      process.Log("c", "at 400");
      c->SetTimeout(Milliseconds(200));
    });
    After(520, [&, c] {
      process.Log("c", "at 520");
      c->Write("x");
    });
    After(640, Line("c", "at 640"));
    After(840, [&, c] {
      process.Log("c", "at 840");
      late(c);
    });
    c->on.close([&, p = c.get()](bool) {
      process.Log("c", "close ", ms(*p));
      server->Close();
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/107-idle-listeners"));
}

TEST_P(V20Timing, Case115IsKeptByNobody) {
  std::optional<loop::Timer> timer;
  const auto server = Watched([&](const SocketHandle& s) {
    s->on.data([&, p = s.get()](absl::string_view d) {
      process.Log("srv", "data ", d);
      p->Write("re");
    });
    s->Unref();
  });
  server->on.listening([&] {
    server->Unref();
    const auto c = Dial(*server);
    Socket* const p = c.get();
    c->Unref();
    c->on.connect([&, p] {
      process.Log("c", "connect");
      p->Write("hi", [&](const Error*) { process.Log("c", "cb"); });
      p->Ref();
    });
    c->on.data([&, p](absl::string_view d) {
      process.Log("c", "data ", d);
      p->Unref();
      Immediate([&] {
        process.Log("c", "immediate");
        timer.emplace(process.loop(), Line("never", "x"));
        timer->Start(absl::Seconds(1));
        timer->SetRef(false);
        process.Log("t", "hasRef false");
      });
    });
    c->on.close([&](bool) { process.Log("c", "close"); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/115-ref-unref"));
}

// timer.refresh() is Start() again; hasRef() is not there. An immediate cannot
// be cleared: one that was prints nothing.
TEST_P(V20TimingTimed, Case116Timers) {
  loop::EventLoop& loop = process.loop();
  using absl::Milliseconds;
  loop::Timer t1(loop, Line("t", "t1"));
  t1.Start(Milliseconds(300));
  After(150, [&] {
    process.Log("t", "refresh");
    t1.Start(Milliseconds(300));
  });
  std::optional<loop::Timer> t3;
  After(220, [&] {
    process.Log("t", "t2");
    t3->Stop();
  });
  t3.emplace(loop, Line("t", "t3"));
  t3->Start(Milliseconds(220));
  int ticks = 0;
  std::optional<loop::Timer> interval;
  interval.emplace(loop, [&] {
    process.Log("t", "iv ", ++ticks);
    if (ticks < 3) return;
    interval->Stop();
    Immediate(Line("t", "after iv"));
  });
  interval->Start(Milliseconds(100), Milliseconds(100));
  int again = 0;
  std::optional<loop::Timer> once;
  once.emplace(loop, [&] {
    process.Log("t", "once");
    if (++again < 3) once->Start(Milliseconds(120));
  });
  once->Start(Milliseconds(120));
  loop::Timer unref(loop, Line("t", "unref fires"));
  unref.Start(Milliseconds(270));
  unref.SetRef(false);
  process.Log("t", "ref false true");
  bool cleared = false;
  Immediate([&] {
    process.Log("i", "one");
    cleared = true;
    Immediate(Line("i", "nested"));
    Tick(Line("i", "tick"));
  });
  Immediate([&] {
    if (!cleared) process.Log("i", "two");
  });
  Immediate(Line("i", "three"));
  EXPECT_EQ(process.Run(), RecordedLines("v20/116-timers"));
}

TEST_P(V20Timing, Case117QueuesInsideInputAndOutput) {
  const auto immediate = [&](const std::string& actor,
                             const std::string& text) {
    Immediate(Line(actor, text));
  };
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        process.Log("srv", "connection");
        immediate("srv", "immediate");
        Tick(Line("srv", "tick"));
        s->on.data([&, p = s.get()](absl::string_view) {
          process.Log("srv", "data");
          p->End("bye");
          Tick([&] {
            process.Log("srv", "tick d");
            immediate("srv", "imm d");
            Tick(Line("srv", "tick d2"));
          });
        });
        s->on.end([&] {
          process.Log("srv", "end");
          immediate("srv", "imm end");
        });
        s->on.finish([&] {
          process.Log("srv", "finish");
          immediate("srv", "imm finish");
        });
        s->on.close([&](bool) {
          process.Log("srv", "close");
          Tick(Line("srv", "tick close"));
        });
      });
  server->on.listening([&] {
    const auto c = Dial(*server);
    c->on.connect([&, p = c.get()] {
      process.Log("c", "connect");
      p->Write("x", [&](const Error*) {
        process.Log("c", "cb");
        immediate("c", "imm cb");
      });
      Immediate([&] {
        process.Log("c", "imm");
        Tick(Line("c", "imm tick"));
        immediate("c", "imm imm");
      });
    });
    c->on.data([&](absl::string_view) {
      process.Log("c", "data");
      immediate("c", "imm data");
    });
    c->on.end([&] {
      process.Log("c", "end");
      Tick(Line("c", "tick end"));
      immediate("c", "imm end");
    });
    c->on.finish([&] { process.Log("c", "finish"); });
    c->on.close([&](bool) {
      process.Log("c", "close");
      Immediate([&] {
        process.Log("c", "imm close");
        server->Close([&](const Error*) { process.Log("server", "close"); });
      });
      Tick(Line("c", "tick close"));
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/117-phases-in-io"));
}

// How much one read finds is the kernel's affair: only the order of what comes
// behind each is looked at here.
TEST_P(V20TimingTimed, Case148TicksBetweenReads) {
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        s->Resume();
        s->Write(std::string(200000, 'x'));
        s->End();
      });
  int n = 0;
  server->on.listening([&] {
    const auto c = Dial(*server);
    c->Pause();
    c->on.connect([&, c] { After(100, [c] { c->Resume(); }); });
    c->on.data([&](absl::string_view) {
      process.Log("c", "data ", ++n);
      Tick(Line("c", "tick"));
      process.loop().QueueMicrotask(Line("c", "microtask"));
    });
    c->on.end(Line("c", "end"));
    c->on.close([&](bool) { server->Close(); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/148-net-big-reads"));
}

INSTANTIATE_TEST_SUITE_P(, V20Timing, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20TimingTimed, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
