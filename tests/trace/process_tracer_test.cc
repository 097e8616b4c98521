// The tracer records what passes through it, with causes.
#include "trace/process_tracer.h"

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "loop/abi.h"
#include "loop/socket_option.h"
#include "tests/trace/run_builder.h"
#include "tests/trace/scripted_kernel.h"
#include "trace/trace.h"

namespace simloop::trace {
namespace {

using loop::Errno;
using loop::Fd;
using Kind = loop::LoopEvent::Kind;

class ProcessTracerTest : public testing::Test {
 protected:
  template <typename T>
  const T& Last() {
    return std::get<T>(trace_.Get(trace_.size()).body);
  }
  RecordId LastCause() { return trace_.Get(trace_.size()).cause; }
  RecordId Report(Kind kind, int fd = -1) {
    loop::LoopEvent event;
    event.kind = kind;
    event.fd = Fd{fd};
    tracer_.OnLoopEvent(event, 1);
    return recorder_.last();
  }

  ManualClock clock_;
  Trace trace_;
  Recorder recorder_{clock_, &trace_};
  ScriptedKernel kernel_;
  ProcessTracer tracer_{kernel_, recorder_, 3, nullptr};
};

TEST_F(ProcessTracerTest, RecordsACallWithItsAnswerAfterItIsMade) {
  kernel_.next_fd = 5;
  EXPECT_EQ(*tracer_.Socket(loop::Family::kInet, loop::kSockStream, 0), Fd{5});
  ASSERT_EQ(trace_.size(), 1u);
  EXPECT_EQ(trace_.Get(1).process, 3);
  EXPECT_EQ(Last<Call>().call, Syscall::kSocket);
  EXPECT_EQ(Last<Call>().other, Fd{5});
  EXPECT_EQ(Last<Call>().args[0], 2);
  kernel_.error = Errno::kEMFILE;
  EXPECT_EQ(tracer_.Socket(loop::Family::kInet, 1, 0).error(), Errno::kEMFILE);
  EXPECT_EQ(Last<Call>().error, Errno::kEMFILE);
  EXPECT_FALSE(Last<Call>().other.valid());
}

TEST_F(ProcessTracerTest, PassesAnswersThroughUnchanged) {
  char buffer[8];
  kernel_.data = "hello";
  EXPECT_EQ(*tracer_.Read(Fd{4}, absl::MakeSpan(buffer)), 5u);
  EXPECT_EQ(std::string(buffer, 5), "hello");
  EXPECT_EQ(Last<Call>().data, "hello");
  EXPECT_EQ(Last<Call>().args[0], 8);
  EXPECT_EQ(*tracer_.Getpeername(Fd{4}), kernel_.address);
  EXPECT_EQ(Last<Call>().address, kernel_.address);
  EXPECT_EQ(tracer_.Accept4(Fd{4}, 0)->peer, kernel_.address);
  EXPECT_EQ(Last<Call>().address, kernel_.address);
}

TEST_F(ProcessTracerTest, KeepsAtMost256BytesOfData) {
  const std::string data(1000, 'x');
  EXPECT_EQ(*tracer_.Write(Fd{4}, {data.data(), data.size()}), 1000u);
  EXPECT_EQ(Last<Call>().data.size(), 256u);
  EXPECT_EQ(Last<Call>().result, 1000);
  const absl::Span<const char> parts[] = {{"ab", 2}, {"", 0}, {"cd", 2}};
  EXPECT_EQ(*tracer_.Writev(Fd{4}, parts), 4u);
  EXPECT_EQ(Last<Call>().data, "abcd");
  EXPECT_EQ(Last<Call>().args[1], 3);
}

TEST_F(ProcessTracerTest, RecordsOptionValuesAsNumbers) {
  ASSERT_TRUE(loop::SetIntOption(tracer_, Fd{4}, loop::kSolSocket,
                                 loop::kSoRcvbuf, 4096)
                  .ok());
  EXPECT_EQ(Last<Call>().args[2], 4096);
  EXPECT_EQ(
      *loop::GetIntOption(tracer_, Fd{4}, loop::kSolSocket, loop::kSoError),
      111);
  EXPECT_EQ(Last<Call>().args[2], 111);
  const loop::Linger linger{1, 3};
  char bytes[sizeof(linger)];
  std::memcpy(bytes, &linger, sizeof(linger));
  ASSERT_TRUE(
      tracer_.Setsockopt(Fd{4}, loop::kSolSocket, loop::kSoLinger, bytes).ok());
  EXPECT_EQ(Last<Call>().args[2], int64_t{3} << 32 | 1);
}

TEST_F(ProcessTracerTest, RecordsOnlyPollsThatReportSomething) {
  loop::EpollEvent events[4];
  EXPECT_EQ(*tracer_.EpollWait(Fd{3}, absl::MakeSpan(events),
                               absl::InfiniteDuration()),
            0u);
  EXPECT_EQ(trace_.size(), 0u);
  kernel_.error = Errno::kEINTR;
  EXPECT_EQ(tracer_.EpollWait(Fd{3}, absl::MakeSpan(events), absl::Seconds(1))
                .error(),
            Errno::kEINTR);
  EXPECT_EQ(Last<Call>().error, Errno::kEINTR);
}

TEST_F(ProcessTracerTest, RecordsWhereDatagramsGoToAndComeFrom) {
  const loop::Address to = *loop::Address::Parse("[::1]:53");
  EXPECT_EQ(*tracer_.Sendto(Fd{4}, {"ab", 2}, loop::kMsgNosignal, to), 2u);
  EXPECT_EQ(Last<Call>().call, Syscall::kSendto);
  EXPECT_EQ(Last<Call>().address, to);
  EXPECT_EQ(Last<Call>().data, "ab");
  kernel_.data = "reply";
  char buffer[8];
  loop::Address from;
  EXPECT_EQ(*tracer_.Recvfrom(Fd{4}, absl::MakeSpan(buffer), 0, &from), 5u);
  EXPECT_EQ(from, kernel_.address);
  EXPECT_EQ(Last<Call>().address, kernel_.address);
  EXPECT_EQ(Last<Call>().data, "reply");
  loop::IncomingMessage message;
  const absl::Span<char> spans[] = {absl::MakeSpan(buffer)};
  message.buffers = spans;
  EXPECT_EQ(*tracer_.Recvmsg(Fd{4}, &message, 0), 5u);
  EXPECT_EQ(Last<Call>().call, Syscall::kRecvmsg);
  EXPECT_EQ(Last<Call>().data, "reply");
}

TEST_F(ProcessTracerTest, RecordsBothDescriptorsOfAPair) {
  kernel_.next_fd = 7;
  const loop::FdPair pair = *tracer_.Pipe2(loop::kONonblock);
  EXPECT_EQ(pair.second, Fd{8});
  EXPECT_EQ(Last<Call>().other, Fd{7});
  EXPECT_EQ(Last<Call>().result, 8);
  EXPECT_EQ(*tracer_.Eventfd(1, 0), Fd{9});
  EXPECT_EQ(Last<Call>().other, Fd{9});
}

TEST_F(ProcessTracerTest, RecordsWhatPollReports) {
  loop::PollFd fds[] = {{Fd{4}, loop::kEpollIn}, {Fd{5}, loop::kEpollOut}};
  EXPECT_EQ(*tracer_.Poll(absl::MakeSpan(fds), absl::Milliseconds(1)), 2u);
  ASSERT_EQ(trace_.size(), 3u);
  EXPECT_EQ(std::get<Call>(trace_.Get(1).body).call, Syscall::kPoll);
  EXPECT_EQ(std::get<Call>(trace_.Get(1).body).args[1], 1'000'000);
  EXPECT_EQ(std::get<Readiness>(trace_.Get(3).body).fd, Fd{5});
  EXPECT_EQ(*tracer_.Poll({}, absl::ZeroDuration()), 0u);
  EXPECT_EQ(trace_.size(), 3u);
}

TEST_F(ProcessTracerTest, RecordsCallsThatFail) {
  // Those that the kernel of this test has not.
  EXPECT_EQ(tracer_.Dup(Fd{4}).error(), Errno::kENOSYS);
  EXPECT_EQ(tracer_.Fcntl(Fd{4}, loop::kFGetfl, 0).error(), Errno::kENOSYS);
  EXPECT_EQ(tracer_.TimerfdGettime(Fd{4}).error(), Errno::kENOSYS);
  EXPECT_EQ(tracer_.Socketpair(loop::Family::kUnix, 1, 0).error(),
            Errno::kENOSYS);
  EXPECT_EQ(Last<Call>().call, Syscall::kSocketpair);
  EXPECT_EQ(Last<Call>().error, Errno::kENOSYS);
  kernel_.error = Errno::kENOENT;
  EXPECT_EQ(tracer_.Unlink("path").error(), Errno::kENOENT);
  EXPECT_EQ(Last<Call>().data, "path");
}

TEST_F(ProcessTracerTest, FindsTheDescriptorOfAnEventByItsData) {
  ASSERT_TRUE(
      tracer_.EpollCtl(Fd{3}, loop::kEpollCtlAdd, Fd{5}, {loop::kEpollIn, 5})
          .ok());
  ASSERT_TRUE(tracer_
                  .EpollCtl(Fd{3}, loop::kEpollCtlAdd, Fd{6},
                            {loop::kEpollIn, 0xabcdef})
                  .ok());
  kernel_.events = {{loop::kEpollIn, 0xabcdef}, {loop::kEpollOut, 5}};
  loop::EpollEvent events[4];
  EXPECT_EQ(*tracer_.EpollWait(Fd{3}, absl::MakeSpan(events),
                               absl::InfiniteDuration()),
            2u);
  ASSERT_EQ(trace_.size(), 5u);
  EXPECT_EQ(std::get<Call>(trace_.Get(3).body).result, 2);
  EXPECT_EQ(std::get<Call>(trace_.Get(3).body).args[1], -1);
  EXPECT_EQ(std::get<Readiness>(trace_.Get(4).body).fd, Fd{6});
  EXPECT_EQ(std::get<Readiness>(trace_.Get(5).body).fd, Fd{5});
  EXPECT_EQ(trace_.Get(4).cause, 3u);  // the epoll_wait
}

TEST_F(ProcessTracerTest, ForgetsAClosedDescriptor) {
  ASSERT_TRUE(tracer_.EpollCtl(Fd{3}, loop::kEpollCtlAdd, Fd{5}, {1, 7}).ok());
  ASSERT_TRUE(tracer_.Close(Fd{5}).ok());
  kernel_.events = {{loop::kEpollIn, 7}};
  loop::EpollEvent events[1];
  ASSERT_TRUE(
      tracer_.EpollWait(Fd{3}, absl::MakeSpan(events), absl::ZeroDuration())
          .ok());
  EXPECT_FALSE(Last<Readiness>().fd.valid());
}

TEST(ProcessTracer, TakesTheKernelsWordForWhatMadeADescriptorReady) {
  RunBuilder run;
  ScriptedKernel kernel;
  const RecordId packet = run.Note("a packet", "arrives");
  ProcessTracer tracer(kernel, run.recorder(), 0,
                       [packet](Fd fd) { return fd == Fd{5} ? packet : 0; });
  ASSERT_TRUE(tracer.EpollCtl(Fd{3}, loop::kEpollCtlAdd, Fd{5}, {1, 5}).ok());
  kernel.events = {{loop::kEpollIn, 5}};
  loop::EpollEvent events[1];
  ASSERT_TRUE(
      tracer.EpollWait(Fd{3}, absl::MakeSpan(events), absl::ZeroDuration())
          .ok());
  loop::LoopEvent fire;
  fire.kind = Kind::kWatcherFire;
  fire.fd = Fd{5};
  tracer.OnLoopEvent(fire, 0);
  ASSERT_TRUE(tracer.Close(Fd{5}).ok());
  const Trace trace = run.Finish();
  EXPECT_EQ(trace.Get(4).cause, packet);  // 4: Readiness
  EXPECT_EQ(trace.Get(5).cause, 4u);      // 5: the watcher fires
  EXPECT_EQ(trace.Get(6).cause, 5u);      // 6: close
}

TEST_F(ProcessTracerTest, GivesWhatHappensInACallbackItsCauseHoweverDeep) {
  const RecordId turn = Report(Kind::kTurn);
  ASSERT_TRUE(tracer_.Listen(Fd{4}, 1).ok());
  EXPECT_EQ(LastCause(), turn);
  const RecordId outer = Report(Kind::kImmediateFire);
  EXPECT_EQ(LastCause(), turn);
  const RecordId queued = Report(Kind::kTickQueued);
  EXPECT_EQ(LastCause(), outer);
  const RecordId inner = Report(Kind::kTickFire);
  EXPECT_EQ(LastCause(), queued);
  ASSERT_TRUE(tracer_.Listen(Fd{4}, 1).ok());
  EXPECT_EQ(LastCause(), inner);
  Report(Kind::kReturn);
  ASSERT_TRUE(tracer_.Listen(Fd{4}, 1).ok());
  EXPECT_EQ(LastCause(), outer);
  Report(Kind::kReturn);
  EXPECT_EQ(recorder_.cause(), 0u);
  ASSERT_TRUE(tracer_.Listen(Fd{4}, 1).ok());
  EXPECT_EQ(LastCause(), turn);
}

TEST_F(ProcessTracerTest, AsksForTheOwnerOrTakesTheLastEvents) {
  Report(Kind::kTurn);
  ASSERT_TRUE(tracer_.Close(Fd{4}).ok());
  EXPECT_EQ(trace_.Get(trace_.size()).owner, 1);
  tracer_.SetCurrentOwner([] { return loop::Owner{7}; });
  ASSERT_TRUE(tracer_.Close(Fd{4}).ok());
  EXPECT_EQ(trace_.Get(trace_.size()).owner, 7);
}

}  // namespace
}  // namespace simloop::trace
