// Each sanitizer on records made by hand: one run in which it finds something,
// and one that is right.
#include "explore/sanitizer.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "loop/abi.h"

namespace simloop::explore {
namespace {

using loop::Fd;
using loop::LoopEvent;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using trace::Syscall;

// Takes the records of one process, "host".
class Records final {
 public:
  explicit Records(std::vector<std::string> without = {}) : set_(without) {
    set_.SetHosts({"host"});
  }

  Records& Add(const trace::Body& body, trace::RecordId cause = 0) {
    trace::Record record;
    record.id = ++last_;
    record.cause = cause;
    record.process = 0;
    record.time = loop::Instant().PlusNanos(now_);
    record.body = body;
    set_.Take(record);
    return *this;
  }
  Records& Make(int fd) {
    trace::Call call{Syscall::kSocket};
    call.other = Fd{fd};
    return Add(call);
  }
  Records& Call(Syscall which, int fd, int64_t result = 0,
                loop::Errno error = loop::Errno::kOk, int64_t asked = 0) {
    trace::Call call{which};
    call.fd = Fd{fd};
    call.result = result;
    call.error = error;
    call.args[0] = asked;
    return Add(call);
  }
  Records& Ready(int fd) {
    return Add(trace::Readiness{Fd{fd}, loop::kEpollIn});
  }
  Records& Wait() { return Call(Syscall::kEpollWait, 3, 1); }
  Records& Loop(LoopEvent::Kind kind, int fd = -1) {
    LoopEvent event{kind};
    event.fd = Fd{fd};
    return Add(trace::Loop{event});
  }
  Records& Note(absl::string_view actor, absl::string_view event,
                absl::string_view detail = "") {
    return Add(trace::Note{actor, event, detail});
  }
  Records& Pass(int64_t nanos) {
    now_ += nanos;
    return *this;
  }
  trace::RecordId last() const { return last_; }
  bool wants_stop() const { return set_.wants_stop(); }

  std::vector<std::string> End(bool quiet = false) {
    set_.End(quiet);
    std::vector<std::string> ways;
    for (const Failure& failure : set_.found()) ways.push_back(failure.way);
    return ways;
  }

 private:
  SanitizerSet set_;
  trace::RecordId last_ = 0;
  int64_t now_ = 0;
};

TEST(TwoCloses, FindsTheSecond) {
  Records run;
  run.Make(4).Call(Syscall::kClose, 4);
  run.Call(Syscall::kClose, 4, 0, loop::Errno::kEBADF);
  EXPECT_THAT(run.End(), ElementsAre(StartsWith("two-closes: host")));
  EXPECT_THAT(Records().Make(4).Call(Syscall::kClose, 4).End(), IsEmpty());
}

TEST(Sanitizers, AreSwitchedOffByName) {
  Records run({"two-closes"});
  run.Call(Syscall::kClose, 4, 0, loop::Errno::kEBADF);
  EXPECT_THAT(run.End(), IsEmpty());
}

TEST(UseAfterClose, FindsAWriteToWhatIsClosed) {
  Records wrong;
  wrong.Make(4).Call(Syscall::kClose, 4);
  wrong.Call(Syscall::kWrite, 4, 0, loop::Errno::kEBADF);
  EXPECT_THAT(wrong.End(), ElementsAre(StartsWith("use-after-close: host")));
  // A write to what the peer has closed is another's; so is a poll of what is
  // not open, as libuv makes it.
  Records right;
  right.Make(4).Call(Syscall::kWrite, 4, 0, loop::Errno::kEPIPE);
  right.Call(Syscall::kEpollCtl, 4, 0, loop::Errno::kEBADF);
  right.Call(Syscall::kClose, 4);
  EXPECT_THAT(right.End(), IsEmpty());
}

TEST(CallbackAfterClose, FindsAWatcherOfAClosedDescriptor) {
  Records wrong;
  wrong.Make(4).Call(Syscall::kClose, 4);
  wrong.Loop(LoopEvent::Kind::kWatcherFire, 4);
  EXPECT_THAT(wrong.End(), ElementsAre(StartsWith("callback-after-close")));
  Records right;
  right.Make(4).Call(Syscall::kClose, 4).Make(4);
  right.Loop(LoopEvent::Kind::kWatcherFire, 4).Call(Syscall::kClose, 4);
  EXPECT_THAT(right.End(), IsEmpty());
}

TEST(ReusedDescriptor, FindsAnEventThatReachesTheNextOfItsNumber) {
  Records wrong;
  wrong.Make(4).Wait().Ready(4).Call(Syscall::kClose, 4).Make(4);
  wrong.Call(Syscall::kRead, 4, 0, loop::Errno::kEAGAIN);
  EXPECT_THAT(wrong.End(), ElementsAre(StartsWith("reused-descriptor")));
  // The next epoll_wait reports the new one.
  Records right;
  right.Make(4).Wait().Ready(4).Call(Syscall::kClose, 4).Make(4);
  right.Wait().Ready(4).Call(Syscall::kRead, 4, 0, loop::Errno::kEAGAIN);
  EXPECT_THAT(right.End(), IsEmpty());
}

TEST(DescriptorLeak, FindsWhatIsOpenAtTheExit) {
  EXPECT_THAT(Records().Make(4).Note("process", "exit").End(),
              ElementsAre(StartsWith("descriptor-leak")));
  EXPECT_THAT(
      Records().Make(4).Call(Syscall::kClose, 4).Note("process", "exit").End(),
      IsEmpty());
}

TEST(HalfOpen, FindsAConnectionInCloseWaitForEver) {
  EXPECT_THAT(Records().Make(4).Call(Syscall::kRead, 4, 0).End(/*quiet=*/true),
              ElementsAre(StartsWith("half-open")));
  EXPECT_THAT(Records()
                  .Make(4)
                  .Call(Syscall::kRead, 4, 0)
                  .Call(Syscall::kClose, 4)
                  .End(/*quiet=*/true),
              IsEmpty());
}

TEST(TimerLeak, FindsATimerThatKeptAProcessForNothing) {
  Records wrong;
  wrong.Note("x", "done").Pass(1000).Loop(LoopEvent::Kind::kTimerFire);
  EXPECT_THAT(wrong.Note("process", "exit").End(),
              ElementsAre(StartsWith("timer-leak")));
  Records right;
  right.Pass(1000).Loop(LoopEvent::Kind::kTimerFire).Note("x", "done");
  EXPECT_THAT(right.Note("process", "exit").End(), IsEmpty());
}

trace::Call TakenError() {
  trace::Call call{Syscall::kGetsockopt};
  call.fd = Fd{4};
  call.args[0] = loop::kSolSocket;
  call.args[1] = loop::kSoError;
  call.args[2] = static_cast<int64_t>(loop::Errno::kECONNREFUSED);
  return call;
}

TEST(ErrorTaken, FindsAnErrorThatNobodyReports) {
  EXPECT_THAT(Records().Add(TakenError()).End(),
              ElementsAre("error-taken: host takes ECONNREFUSED from a socket "
                          "and never reports it"));
  EXPECT_THAT(
      Records().Add(TakenError()).Note("c", "failed", "ECONNREFUSED").End(),
      IsEmpty());
}

trace::Call WatchByEdge() {
  trace::Call call{Syscall::kEpollCtl};
  call.fd = Fd{3};
  call.other = Fd{4};
  call.args[0] = loop::kEpollCtlAdd;
  call.args[1] = static_cast<int64_t>(loop::kEpollIn | loop::kEpollEt);
  return call;
}

TEST(LostEdge, FindsWhatWasNotReadToTheEnd) {
  Records wrong;
  wrong.Make(4).Add(WatchByEdge()).Wait().Ready(4);
  wrong.Call(Syscall::kRead, 4, 100, loop::Errno::kOk, 100);
  EXPECT_THAT(wrong.End(/*quiet=*/true), ElementsAre(StartsWith("lost-edge")));
  Records right;
  right.Make(4).Add(WatchByEdge()).Wait().Ready(4);
  right.Call(Syscall::kRead, 4, 100, loop::Errno::kOk, 100);
  right.Call(Syscall::kRead, 4, 0, loop::Errno::kEAGAIN, 100);
  EXPECT_THAT(right.End(/*quiet=*/true), IsEmpty());
}

trace::Packet PacketOf(trace::Packet::Step step, bool outgoing, uint8_t flags,
                       uint32_t length) {
  const auto here = loop::Address::Inet(loop::Ipv4::Loopback(), 1);
  const auto there = loop::Address::Inet(loop::Ipv4::Loopback(), 2);
  trace::Packet packet{step};
  packet.from = outgoing ? here : there;
  packet.to = outgoing ? there : here;
  packet.flags = flags;
  packet.length = length;
  return packet;
}

TEST(WriteSwallowed, FindsAWriteToADeadConnection) {
  using Step = trace::Packet::Step;
  const auto found = [](bool told) {
    Records run;
    run.Make(4).Call(Syscall::kWrite, 4, 5);
    run.Add(PacketOf(Step::kSent, true, 24, 5), run.last());
    run.Add(PacketOf(Step::kDelivered, false, 17, 0));  // the peer ends
    run.Call(Syscall::kWrite, 4, 5);
    run.Add(PacketOf(Step::kSent, true, 24, 5), run.last());
    run.Add(PacketOf(Step::kDelivered, false, 4, 0));  // and is gone
    if (told) run.Call(Syscall::kRead, 4, 0, loop::Errno::kECONNRESET);
    return run.Call(Syscall::kClose, 4).End();
  };
  EXPECT_THAT(found(false), ElementsAre(StartsWith("write-swallowed")));
  EXPECT_THAT(found(true), IsEmpty());
}

TEST(Deadlock, FindsWhoWaitsForRoomForEver) {
  EXPECT_THAT(Records()
                  .Make(4)
                  .Call(Syscall::kWrite, 4, 0, loop::Errno::kEAGAIN, 10)
                  .End(/*quiet=*/true),
              ElementsAre(StartsWith("deadlock")));
  EXPECT_THAT(Records()
                  .Make(4)
                  .Call(Syscall::kWrite, 4, 0, loop::Errno::kEAGAIN, 10)
                  .Call(Syscall::kWrite, 4, 10, loop::Errno::kOk, 10)
                  .End(/*quiet=*/true),
              IsEmpty());
}

TEST(BusyLoop, FindsAThousandTurnsForNothing) {
  Records wrong;
  for (int i = 0; i < 1000; ++i) {
    wrong.Loop(LoopEvent::Kind::kTurn).Wait();
    wrong.Call(Syscall::kAccept4, 4, 0, loop::Errno::kEMFILE);
  }
  EXPECT_TRUE(wrong.wants_stop());
  EXPECT_THAT(wrong.End(), ElementsAre("busy-loop: host turns in circles"));
  Records right;
  for (int i = 0; i < 3000; ++i) {
    right.Loop(LoopEvent::Kind::kTurn).Wait();
    right.Call(Syscall::kRead, 4, 1000);
  }
  EXPECT_FALSE(right.wants_stop());
}

TEST(BusyLoop, FindsWhoReadsTheEndAgainAndAgain) {
  Records wrong;
  Records right;
  for (int i = 0; i < 1001; ++i) {
    wrong.Loop(LoopEvent::Kind::kTurn).Wait().Call(Syscall::kRead, 4, 0);
    wrong.Note("server", "reads");
    // Says something new in each turn.
    right.Loop(LoopEvent::Kind::kTurn).Wait().Call(Syscall::kRead, 4, 0);
    right.Note("server", "reads", std::to_string(i));
  }
  EXPECT_TRUE(wrong.wants_stop());
  EXPECT_FALSE(right.wants_stop());
}

TEST(Starvation, FindsWhoIsReadyAndNeverServed) {
  const auto found = [](bool fair) {
    Records run;
    run.Make(4).Make(5);
    for (int i = 0; i < 200; ++i) {
      run.Wait().Ready(4).Ready(5).Call(Syscall::kRead, 4, 10);
      if (fair && i % 50 == 0) run.Call(Syscall::kRead, 5, 10);
    }
    return run.Call(Syscall::kClose, 4).Call(Syscall::kClose, 5).End();
  };
  EXPECT_THAT(found(false), ElementsAre(StartsWith("starvation")));
  EXPECT_THAT(found(true), IsEmpty());
}

}  // namespace
}  // namespace simloop::explore
