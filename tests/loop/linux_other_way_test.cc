// That the live kernel's other ways of a call answer alike: recv(2) for
// read(2), epoll_wait(2) where there is no epoll_pwait2(2), and close(2) that
// takes a socket out of its epoll.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "loop/control_message.h"
#include "loop/linux_kernel.h"

namespace simloop::loop {
namespace {

// By read(2) and write(2), or by recv(2) and send(2): the same answers.
TEST(LinuxOtherWay, ReceivesAndSendsAsItReadsAndWrites) {
  for (const bool receive_and_send : {false, true}) {
    LinuxKernel::Options options;
    options.receive_and_send = receive_and_send;
    LinuxKernel kernel(options);
    char bytes[8];
    const absl::Span<char> room = absl::MakeSpan(bytes);
    const FdPair sockets =
        *kernel.Socketpair(Family::kUnix, kSockStream | kSockNonblock, 0);
    const FdPair pipe = *kernel.Pipe2(kONonblock);
    for (const auto& [in, out] : {std::pair(sockets.first, sockets.second),
                                  std::pair(pipe.first, pipe.second)}) {
      EXPECT_EQ(kernel.Read(in, room).error(), Errno::kEAGAIN);
      EXPECT_EQ(*kernel.Read(in, {}), 0u);
      EXPECT_EQ(*kernel.Write(out, absl::MakeConstSpan("abc", 3)), 3u);
      EXPECT_EQ(*kernel.Read(in, room), 3u);
      EXPECT_EQ(absl::string_view(bytes, 3), "abc");
      EXPECT_EQ(*kernel.Write(out, {}), 0u);
      ASSERT_TRUE(kernel.Close(in).ok());
      EXPECT_EQ(kernel.Write(out, absl::MakeConstSpan("abc", 3)).error(),
                Errno::kEPIPE);
      ASSERT_TRUE(kernel.Close(out).ok());
      EXPECT_EQ(kernel.Read(in, room).error(), Errno::kEBADF);
    }
  }
}

LinuxKernel::Options ClosingRemoves() {
  LinuxKernel::Options options;
  options.closing_removes = true;
  return options;
}

// Sockets that are ready, in an epoll that is told to forget them; then what
// may follow is done, and no other event than the last socket's is to come.
class ClosingRemovesTest : public testing::Test {
 protected:
  Fd Add(Fd fd, uint64_t data) {
    EXPECT_TRUE(
        kernel_.EpollCtl(epoll_, kEpollCtlAdd, fd, {kEpollOut, data}).ok());
    return fd;
  }
  Fd MakeReady(uint64_t data) {
    return Add(*kernel_.Socket(Family::kInet, kSockDgram, 0), data);
  }
  void Remove(Fd fd) {
    EXPECT_TRUE(kernel_.EpollCtl(epoll_, kEpollCtlDel, fd, {}).ok());
  }
  // The data of all that epoll_wait(2) reports.
  std::vector<uint64_t> Reported() {
    std::array<EpollEvent, 8> ready;
    const Result<size_t> count =
        kernel_.EpollWait(epoll_, absl::MakeSpan(ready), absl::ZeroDuration());
    std::vector<uint64_t> data;
    for (size_t i = 0; i < *count; ++i) data.push_back(ready[i].data);
    return data;
  }

  LinuxKernel kernel_{ClosingRemoves()};
  const Fd epoll_ = *kernel_.EpollCreate1(kEpollCloexec);
  const Fd last_ = MakeReady(99);
};

using testing::ElementsAre;

TEST_F(ClosingRemovesTest, TakesASocketOutThatIsClosedNext) {
  const Fd fd = MakeReady(1);
  EXPECT_EQ(Reported().size(), 2u);
  Remove(fd);
  ASSERT_TRUE(kernel_.Close(fd).ok());
  EXPECT_THAT(Reported(), ElementsAre(99u));
}

TEST_F(ClosingRemovesTest, TakesASocketOutThatIsNotClosed) {
  Remove(MakeReady(1));
  EXPECT_THAT(Reported(), ElementsAre(99u));
}

TEST_F(ClosingRemovesTest, TakesEachOfManyOut) {
  const Fd first = MakeReady(1);
  const Fd second = MakeReady(2);
  Remove(first);
  Remove(second);
  ASSERT_TRUE(kernel_.Close(first).ok());
  EXPECT_THAT(Reported(), ElementsAre(99u));
  // The number is the next one's, which is not in the epoll.
  const Fd again = *kernel_.Socket(Family::kInet, kSockDgram, 0);
  EXPECT_EQ(again.number, first.number);
  EXPECT_THAT(Reported(), ElementsAre(99u));
  EXPECT_TRUE(
      kernel_.EpollCtl(epoll_, kEpollCtlAdd, again, {kEpollOut, 3}).ok());
  EXPECT_EQ(Reported().size(), 2u);
}

TEST_F(ClosingRemovesTest, TakesASocketOutThatIsAddedAgain) {
  const Fd fd = MakeReady(1);
  Remove(fd);
  Add(fd, 2);
  Remove(last_);
  EXPECT_THAT(Reported(), ElementsAre(2u));
}

// To close one descriptor of a socket that has another takes nothing out.
TEST_F(ClosingRemovesTest, TakesASocketOutThatHasAnotherDescriptor) {
  for (const bool by_fcntl : {false, true}) {
    const Fd fd = MakeReady(1);
    const Fd other = by_fcntl ? Fd{*kernel_.Fcntl(fd, kFDupfdCloexec, 0)}
                              : *kernel_.Dup(fd);
    Remove(fd);
    ASSERT_TRUE(kernel_.Close(fd).ok());
    EXPECT_THAT(Reported(), ElementsAre(99u));
    ASSERT_TRUE(kernel_.Close(other).ok());
  }
  // Also if it was made in between.
  const Fd fd = MakeReady(1);
  Remove(fd);
  const Fd other = *kernel_.Dup(fd);
  ASSERT_TRUE(kernel_.Close(fd).ok());
  EXPECT_THAT(Reported(), ElementsAre(99u));
  ASSERT_TRUE(kernel_.Close(other).ok());
}

TEST_F(ClosingRemovesTest, TakesASocketOutThatWasSent) {
  const FdPair pair = *kernel_.Socketpair(Family::kUnix, kSockStream, 0);
  const Fd fd = MakeReady(1);
  const absl::Span<const char> byte = absl::MakeConstSpan("x", 1);
  std::string control;
  ControlMessage::Rights({fd}).AppendTo(&control);
  OutgoingMessage message;
  message.data = absl::MakeConstSpan(&byte, 1);
  message.control = absl::MakeConstSpan(control.data(), control.size());
  ASSERT_TRUE(kernel_.Sendmsg(pair.first, message, 0).ok());
  Remove(fd);
  ASSERT_TRUE(kernel_.Close(fd).ok());
  EXPECT_THAT(Reported(), ElementsAre(99u));
}

// Takes epoll_pwait2(2) from this process, as an older Linux or a sandbox does.
bool ForbidPwait2(int error) {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_pwait2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K,
               SECCOMP_RET_ERRNO | static_cast<uint32_t>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter = {4, program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

// Exits with 0 if it waits all the same: as long as asked, and for a socket.
void WaitWithoutPwait2(int error) {
  if (!ForbidPwait2(error)) exit(77);
  LinuxKernel kernel;
  MonotonicClock clock;
  const Fd epoll = *kernel.EpollCreate1(kEpollCloexec);
  std::array<EpollEvent, 1> ready;
  const Instant before = clock.Now();
  const Result<size_t> none =
      kernel.EpollWait(epoll, absl::MakeSpan(ready), absl::Microseconds(1500));
  if (!none.ok() || *none != 0) exit(1);
  if (clock.Now() - before < absl::Microseconds(1500)) exit(2);
  const Fd event = *kernel.Eventfd(1, 0);
  if (!kernel.EpollCtl(epoll, kEpollCtlAdd, event, {kEpollIn, 7}).ok()) exit(3);
  const Result<size_t> one =
      kernel.EpollWait(epoll, absl::MakeSpan(ready), absl::InfiniteDuration());
  exit(one.ok() && *one == 1 && ready[0].data == 7 ? 0 : 4);
}

TEST(LinuxOtherWay, WaitsInMillisecondsWhereNothingFinerIs) {
  for (const int error : {ENOSYS, EPERM}) {
    EXPECT_EXIT(WaitWithoutPwait2(error), testing::ExitedWithCode(0), "");
  }
}

}  // namespace
}  // namespace simloop::loop
