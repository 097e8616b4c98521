// That the live kernel's other ways of a call answer alike: recv(2) for
// read(2), and epoll_wait(2) where there is no epoll_pwait2(2).
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "gtest/gtest.h"
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
