// How calls, descriptors and packets are written.
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "loop/abi.h"
#include "trace/abi_text.h"
#include "trace/call_text.h"
#include "trace/descriptor_names.h"
#include "trace/loop_text.h"
#include "trace/record_text.h"

namespace simloop::trace {
namespace {

using loop::Errno;
using loop::Fd;

std::string Number(Fd fd) { return absl::StrCat(fd.number); }
std::string Full(const Call& call) { return CallText(call, Number); }
std::string Short(const Call& call) { return ShortCallText(call, Number); }

TEST(CallText, PrintsCallsAsStraceDoes) {
  Call connect{Syscall::kConnect, Fd{5}, {}, Errno::kEINPROGRESS};
  connect.address = *loop::Address::Parse("10.0.0.1:80");
  EXPECT_EQ(Full(connect),
            "connect(5, {sa_family=AF_INET, sin_port=htons(80), "
            "sin_addr=inet_addr(\"10.0.0.1\")}, 16) = -1 EINPROGRESS "
            "(Operation now in progress)");
  Call read{Syscall::kRead, Fd{5}, {}, Errno::kOk, 300, {40960}};
  const std::string data(256, 'a');
  read.data = data;
  EXPECT_EQ(Full(read),
            absl::StrCat("read(5, \"", data, "\"..., 40960) = 300"));
  EXPECT_EQ(Full(Call{Syscall::kRead, Fd{5}, {}, Errno::kEAGAIN, 0, {9}}),
            "read(5, ..., 9) = -1 EAGAIN (Resource temporarily unavailable)");
  EXPECT_EQ(Full(Call{Syscall::kRecv,
                      Fd{5},
                      {},
                      Errno::kOk,
                      0,
                      {9, loop::kMsgPeek | loop::kMsgDontwait}}),
            "recv(5, \"\", 9, MSG_PEEK|MSG_DONTWAIT) = 0");
  EXPECT_EQ(Full(Call{Syscall::kShutdown,
                      Fd{5},
                      {},
                      Errno::kENOTCONN,
                      0,
                      {loop::kShutRdwr}}),
            "shutdown(5, SHUT_RDWR) = -1 ENOTCONN "
            "(Transport endpoint is not connected)");
}

TEST(CallText, PrintsAddressesOfEveryFamily) {
  Call bind{Syscall::kBind, Fd{5}};
  bind.address = *loop::Address::Parse("[::1]:80");
  EXPECT_EQ(Full(bind),
            "bind(5, {sa_family=AF_INET6, sin6_port=htons(80), "
            "inet_pton(AF_INET6, \"::1\", &sin6_addr)}, 28) = 0");
  EXPECT_EQ(Short(bind), "bind(5, ::1) -> 0");
  bind.address = *loop::Address::Parse("unix:path");
  EXPECT_EQ(Full(bind),
            "bind(5, {sa_family=AF_UNIX, sun_path=\"path\"}, 7) = 0");
  EXPECT_EQ(Short(bind), "bind(5, unix:path) -> 0");
  bind.address = *loop::Address::Parse("unix:@name");
  EXPECT_EQ(Full(bind),
            "bind(5, {sa_family=AF_UNIX, sun_path=@\"name\"}, 7) = 0");
  bind.address = loop::Address::Unspecified();
  EXPECT_EQ(Full(bind), "bind(5, {sa_family=AF_UNSPEC}, 16) = 0");
}

TEST(CallText, PrintsMessagesAndPairs) {
  Call sendto{Syscall::kSendto, Fd{5}, {}, Errno::kOk, 2, {2, 0}};
  sendto.address = *loop::Address::Parse("10.0.0.1:53");
  sendto.data = "ab";
  EXPECT_EQ(Full(sendto),
            "sendto(5, \"ab\", 2, 0, {sa_family=AF_INET, sin_port=htons(53), "
            "sin_addr=inet_addr(\"10.0.0.1\")}, 16) = 2");
  EXPECT_EQ(Short(sendto), "sendto(5, 2, 10.0.0.1:53) -> 2");
  Call recvfrom{Syscall::kRecvfrom, Fd{5}, {}, Errno::kOk, 2, {9, 0}};
  recvfrom.data = "ab";
  EXPECT_EQ(Full(recvfrom), "recvfrom(5, \"ab\", 9, 0, NULL, [0]) = 2");
  recvfrom.error = Errno::kEAGAIN;
  EXPECT_EQ(Full(recvfrom),
            "recvfrom(5, ..., 9, 0, ..., [128]) = -1 EAGAIN "
            "(Resource temporarily unavailable)");
  Call recvmsg{Syscall::kRecvmsg, Fd{5}, {}, Errno::kOk, 2, {9, 0, 24}};
  recvmsg.data = "ab";
  EXPECT_EQ(Full(recvmsg), "recvmsg(5, {NULL, [\"ab\", 9], 24}, 0) = 2");
  EXPECT_EQ(
      Full(Call{Syscall::kSocketpair, {}, Fd{3}, Errno::kOk, 4, {1, 5, 0}}),
      "socketpair(AF_UNIX, SOCK_SEQPACKET, 0, [3, 4]) = 0");
  const Call pipe{Syscall::kPipe2, {}, Fd{3},
                  Errno::kOk,      4,  {loop::kONonblock}};
  EXPECT_EQ(Full(pipe), "pipe2([3, 4], SOCK_NONBLOCK) = 0");
  EXPECT_EQ(Short(pipe), "pipe2() -> 3 4");
}

TEST(CallText, PrintsTheCallsOfOtherDescriptors) {
  EXPECT_EQ(Full(Call{Syscall::kDup2, Fd{3}, Fd{7}, Errno::kOk, 7, {7}}),
            "dup2(3, 7) = 7");
  EXPECT_EQ(
      Full(Call{Syscall::kFcntl, Fd{3}, {}, Errno::kOk, 2, {loop::kFGetfl, 0}}),
      "fcntl(3, F_GETFL, 0) = 2");
  EXPECT_EQ(
      Full(Call{
          Syscall::kIoctl, Fd{3}, {}, Errno::kOk, 0, {loop::kFionread, 12}}),
      "ioctl(3, FIONREAD, [12]) = 0");
  EXPECT_EQ(Full(Call{Syscall::kEventfd, {}, Fd{3}, Errno::kOk, 3, {1, 0}}),
            "eventfd(1, 0) = 3");
  EXPECT_EQ(Full(Call{Syscall::kTimerfdCreate,
                      {},
                      Fd{3},
                      Errno::kOk,
                      3,
                      {loop::kClockMonotonic, 0}}),
            "timerfd_create(CLOCK_MONOTONIC, 0) = 3");
  const Call settime{
      Syscall::kTimerfdSettime, Fd{3}, {}, Errno::kOk, 0, {0, 0, 1000}};
  EXPECT_EQ(Full(settime),
            "timerfd_settime(3, 0, {it_interval=0ns, it_value=1000ns}) = 0");
  EXPECT_EQ(Short(settime), "timerfd_settime(3, 1000ns) -> 0");
  Call unlink{Syscall::kUnlink};
  unlink.data = "path";
  EXPECT_EQ(Full(unlink), "unlink(\"path\") = 0");
  const Readiness reported[] = {{Fd{5}, loop::kEpollIn | loop::kEpollRdhup}};
  EXPECT_EQ(CallText(Call{Syscall::kPoll, {}, {}, Errno::kOk, 1, {2, -1}},
                     Number, reported),
            "poll([5 POLLIN|POLLRDHUP], 2, -1) = 1");
}

TEST(CallText, PrintsOptionsByNameAndValue) {
  EXPECT_EQ(Full(Call{Syscall::kGetsockopt,
                      Fd{5},
                      {},
                      Errno::kOk,
                      4,
                      {loop::kSolSocket, loop::kSoError, 111}}),
            "getsockopt(5, SOL_SOCKET, SO_ERROR, [ECONNREFUSED]) = 0");
  EXPECT_EQ(
      Full(Call{Syscall::kSetsockopt,
                Fd{5},
                {},
                Errno::kOk,
                0,
                {loop::kSolSocket, loop::kSoLinger, int64_t{3} << 32 | 1}}),
      "setsockopt(5, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=3}) = "
      "0");
  EXPECT_EQ(Full(Call{Syscall::kSetsockopt,
                      Fd{5},
                      {},
                      Errno::kENOPROTOOPT,
                      0,
                      {loop::kIpprotoTcp, 99, 1}}),
            "setsockopt(5, SOL_TCP, 0x63, [1]) = -1 ENOPROTOOPT "
            "(Protocol not available)");
}

TEST(CallText, PrintsWhatEpollWaitReported) {
  const Readiness reported[] = {{Fd{5}, loop::kEpollIn},
                                {Fd{6}, loop::kEpollOut | loop::kEpollHup}};
  EXPECT_EQ(
      CallText(
          Call{Syscall::kEpollWait, Fd{3}, {}, Errno::kOk, 2, {64, 1'000'000}},
          Number, reported),
      "epoll_wait(3, [5 EPOLLIN, 6 EPOLLOUT|EPOLLHUP], 64, 1000000ns) "
      "= 2");
}

TEST(CallText, PrintsEveryCallInBothForms) {
  for (int i = 0; i <= static_cast<int>(Syscall::kEpollWait); ++i) {
    for (const Errno error : {Errno::kOk, Errno::kEBADF}) {
      const Call call{static_cast<Syscall>(i), Fd{7}, Fd{8}, error};
      const std::string name(SyscallName(call.call));
      EXPECT_EQ(Full(call).find(name), 0u) << Full(call);
      EXPECT_EQ(Full(call).find("EBADF") != std::string::npos,
                error == Errno::kEBADF);
      EXPECT_NE(Short(call).find(") -> "), std::string::npos) << Short(call);
    }
  }
}

TEST(ShortCallText, PrintsAPendingErrorAsTheAnswer) {
  EXPECT_EQ(Short(Call{Syscall::kGetsockopt,
                       Fd{5},
                       {},
                       Errno::kOk,
                       4,
                       {loop::kSolSocket, loop::kSoError, 111}}),
            "getsockopt(5,SO_ERROR) -> ECONNREFUSED");
}

Record Made(Syscall call, int number) {
  Record record;
  record.process = 0;
  record.body = Call{call, {}, Fd{number}, Errno::kOk, number};
  return record;
}

TEST(DescriptorNames, GivesAReusedNumberANewLetter) {
  DescriptorNames names;
  names.Observe(Made(Syscall::kEpollCreate1, 3));
  names.Observe(Made(Syscall::kSocket, 4));
  names.Observe(Made(Syscall::kAccept4, 5));
  EXPECT_EQ(names.Name(0, Fd{3}), "ep1");
  EXPECT_EQ(names.Name(0, Fd{4}), "fdA");
  EXPECT_EQ(names.Name(0, Fd{5}), "fdB");
  names.Observe(Made(Syscall::kSocket, 4));
  EXPECT_EQ(names.Name(0, Fd{4}), "fdC");
  EXPECT_EQ(names.Name(1, Fd{4}), "fd4");
  EXPECT_EQ(names.Name(0, Fd{9}), "fd9");
  EXPECT_EQ(names.Name(0, Fd{}), "fd-1");
}

TEST(DescriptorNames, GoesOnWithTwoLettersAfterZ) {
  DescriptorNames names;
  for (int i = 0; i < 26; ++i) names.Observe(Made(Syscall::kSocket, i));
  EXPECT_EQ(names.Name(0, Fd{25}), "fdZ");
  for (int i = 0; i < 27; ++i) names.Observe(Made(Syscall::kSocket, i));
  EXPECT_EQ(names.Name(0, Fd{0}), "fdAA");
  EXPECT_EQ(names.Name(0, Fd{26}), "fdBA");
}

TEST(PacketText, PrintsFlagsAndPayload) {
  Packet packet{Packet::Step::kSent};
  packet.flags = 2 | 16;
  EXPECT_EQ(PacketText(packet), "SYN ACK");
  packet.flags = 8 | 16;
  packet.length = 18;
  EXPECT_EQ(PacketText(packet), "PSH ACK 18 bytes");
  EXPECT_EQ(TcpFlagsText(1 | 16), "FIN ACK");
  EXPECT_EQ(TcpFlagsText(4), "RST");
}

}  // namespace
}  // namespace simloop::trace
