// That the live kernel passes calls on unchanged, and what host_address does.
#include "loop/linux_kernel.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "loop/control_message.h"
#include "loop/socket_option.h"

namespace simloop::loop {
namespace {

constexpr int kStreamType = kSockStream | kSockNonblock | kSockCloexec;
constexpr Ipv4 kHost = {0x7f000102};  // 127.0.1.2

absl::Span<const char> Bytes(const std::string& text) {
  return absl::MakeConstSpan(text.data(), text.size());
}

LinuxKernel HostKernel() {
  LinuxKernel::Options options;
  options.host_address = kHost;
  return LinuxKernel(options);
}

// A listener at `ip`, and where it is.
struct Listener {
  Listener(LinuxKernel& kernel, Ipv4 ip)
      : fd(*kernel.Socket(Family::kInet, kStreamType, 0)) {
    EXPECT_TRUE(kernel.Bind(fd, Address::Inet(ip, 0)).ok());
    EXPECT_TRUE(kernel.Listen(fd, 16).ok());
    port = kernel.Getsockname(fd)->port;
  }
  Fd fd;
  uint16_t port;
};

// Waits until `fd` has one of `events`.
void Await(LinuxKernel& kernel, Fd fd, uint32_t events) {
  const Fd epoll = *kernel.EpollCreate1(kEpollCloexec);
  ASSERT_TRUE(kernel.EpollCtl(epoll, kEpollCtlAdd, fd, {events, 0}).ok());
  std::array<EpollEvent, 1> ready;
  ASSERT_EQ(
      *kernel.EpollWait(epoll, absl::MakeSpan(ready), absl::InfiniteDuration()),
      1u);
  ASSERT_TRUE(kernel.Close(epoll).ok());
}

TEST(LinuxKernel, PassesErrnosThrough) {
  LinuxKernel kernel;
  const Fd nothing{1 << 20};
  char byte = 0;
  EXPECT_EQ(kernel.Close(nothing).error(), Errno::kEBADF);
  EXPECT_EQ(kernel.Read(nothing, absl::MakeSpan(&byte, 1)).error(),
            Errno::kEBADF);
  EXPECT_EQ(kernel.Socket(Family::kInet, 77, 0).error(), Errno::kEINVAL);
  EXPECT_EQ(kernel.Socket(static_cast<Family>(999), kStreamType, 0).error(),
            Errno::kEAFNOSUPPORT);
  const Fd fd = *kernel.Socket(Family::kInet, kStreamType, 0);
  EXPECT_EQ(kernel.Read(fd, absl::MakeSpan(&byte, 1)).error(),
            Errno::kENOTCONN);
  // SIGPIPE is ignored.
  EXPECT_EQ(kernel.Write(fd, Bytes("x")).error(), Errno::kEPIPE);
  EXPECT_EQ(kernel.Getpeername(fd).error(), Errno::kENOTCONN);
  EXPECT_EQ(kernel.Accept4(fd, 0).error(), Errno::kEINVAL);
  EXPECT_EQ(kernel.Shutdown(fd, kShutWr).error(), Errno::kENOTCONN);
  EXPECT_EQ(*kernel.Getsockname(fd), Address::Inet(Ipv4::Any(), 0));
  EXPECT_EQ(*GetIntOption(kernel, fd, kSolSocket, kSoType), kSockStream);
  EXPECT_EQ(GetIntOption(kernel, fd, kSolSocket, 9999).error(),
            Errno::kENOPROTOOPT);
  EXPECT_TRUE(SetIntOption(kernel, fd, kSolSocket, kSoReuseaddr, 1).ok());
  EXPECT_EQ(*GetIntOption(kernel, fd, kSolSocket, kSoReuseaddr), 1);
  EXPECT_EQ(TakeSocketError(kernel, fd), Errno::kOk);
  EXPECT_EQ(TakeSocketError(kernel, nothing), Errno::kEBADF);
  EXPECT_TRUE(kernel.Close(fd).ok());
}

TEST(LinuxKernel, CarriesBytesBothWays) {
  LinuxKernel kernel;
  const Listener listener(kernel, Ipv4::Loopback());
  EXPECT_EQ(kernel.Accept4(listener.fd, 0).error(), Errno::kEAGAIN);
  const Fd client = *kernel.Socket(Family::kInet, kStreamType, 0);
  EXPECT_EQ(
      kernel.Connect(client, Address::Inet(Ipv4::Loopback(), listener.port))
          .error(),
      Errno::kEINPROGRESS);
  Await(kernel, listener.fd, kEpollIn);
  const Accepted accepted = *kernel.Accept4(listener.fd, kSockNonblock);
  EXPECT_EQ(accepted.peer, *kernel.Getsockname(client));
  EXPECT_EQ(*kernel.Getpeername(client), *kernel.Getsockname(accepted.fd));
  const std::string parts[] = {"one ", "", "two"};
  const absl::Span<const char> spans[] = {Bytes(parts[0]), Bytes(parts[1]),
                                          Bytes(parts[2])};
  EXPECT_EQ(*kernel.Writev(client, spans), 7u);
  char buffer[16];
  Await(kernel, accepted.fd, kEpollIn);
  EXPECT_EQ(*kernel.Recv(accepted.fd, absl::MakeSpan(buffer), kMsgPeek), 7u);
  EXPECT_EQ(*kernel.Read(accepted.fd, absl::MakeSpan(buffer)), 7u);
  EXPECT_EQ(std::string(buffer, 7), "one two");
  EXPECT_EQ(kernel.Read(accepted.fd, absl::MakeSpan(buffer)).error(),
            Errno::kEAGAIN);
  EXPECT_EQ(*kernel.Send(accepted.fd, Bytes("back"), kMsgNosignal), 4u);
  EXPECT_TRUE(kernel.Shutdown(accepted.fd, kShutWr).ok());
  Await(kernel, client, kEpollIn);
  EXPECT_EQ(*kernel.Read(client, absl::MakeSpan(buffer)), 4u);
  EXPECT_EQ(*kernel.Read(client, absl::MakeSpan(buffer)), 0u);
  for (const Fd fd : {listener.fd, client, accepted.fd}) {
    EXPECT_TRUE(kernel.Close(fd).ok());
  }
}

TEST(LinuxKernel, AnswersEinvalToMoreBuffersThanLinuxTakes) {
  LinuxKernel kernel;
  const Fd fd = *kernel.Socket(Family::kInet, kStreamType, 0);
  const std::vector<absl::Span<const char>> spans(1025);
  EXPECT_EQ(kernel.Writev(fd, spans).error(), Errno::kEINVAL);
  EXPECT_TRUE(kernel.Close(fd).ok());
}

TEST(LinuxKernel, ReportsTheDataOfAnEpollEventWhole) {
  LinuxKernel kernel;
  const Fd epoll = *kernel.EpollCreate1(kEpollCloexec);
  const Fd fd = *kernel.Socket(Family::kInet, kStreamType, 0);
  const uint64_t data = 0x0123456789abcdef;
  EXPECT_TRUE(kernel.EpollCtl(epoll, kEpollCtlAdd, fd, {kEpollOut, data}).ok());
  EXPECT_EQ(kernel.EpollCtl(epoll, kEpollCtlAdd, fd, {kEpollOut, data}).error(),
            Errno::kEEXIST);
  std::array<EpollEvent, 4> ready;
  EXPECT_EQ(
      *kernel.EpollWait(epoll, absl::MakeSpan(ready), absl::InfiniteDuration()),
      1u);
  EXPECT_EQ(ready[0].events, kEpollOut | kEpollHup);
  EXPECT_EQ(ready[0].data, data);
  EXPECT_TRUE(kernel.EpollCtl(epoll, kEpollCtlDel, fd, {}).ok());
  EXPECT_EQ(
      *kernel.EpollWait(epoll, absl::MakeSpan(ready), absl::Nanoseconds(1)),
      0u);
  EXPECT_EQ(kernel.EpollWait(epoll, {}, absl::ZeroDuration()).error(),
            Errno::kEINVAL);
  EXPECT_TRUE(kernel.Close(fd).ok());
  EXPECT_TRUE(kernel.Close(epoll).ok());
}

TEST(LinuxKernel, NamesTheSenderOfADatagram) {
  LinuxKernel kernel;
  const int type = kSockDgram | kSockNonblock | kSockCloexec;
  for (const auto& [family, loopback] :
       {std::pair(Family::kInet, Address::Inet(Ipv4::Loopback(), 0)),
        std::pair(Family::kInet6, Address::Inet6(Ip::Loopback6(), 0))}) {
    const Result<Fd> one = kernel.Socket(family, type, 0);
    if (!one.ok()) continue;  // a machine without IPv6
    const Fd other = *kernel.Socket(family, type, 0);
    if (!kernel.Bind(*one, loopback).ok()) continue;
    ASSERT_TRUE(kernel.Bind(other, loopback).ok());
    const Address from = *kernel.Getsockname(other);
    EXPECT_EQ(
        *kernel.Sendto(other, Bytes("hello"), 0, *kernel.Getsockname(*one)),
        5u);
    char buffer[16];
    Address sender;
    EXPECT_EQ(*kernel.Recvfrom(*one, absl::MakeSpan(buffer), kMsgPeek, &sender),
              5u);
    EXPECT_EQ(sender, from);
    IncomingMessage message;
    const absl::Span<char> spans[] = {absl::MakeSpan(buffer, 3)};
    message.buffers = spans;
    EXPECT_EQ(*kernel.Recvmsg(*one, &message, 0), 3u);
    EXPECT_EQ(message.from, from);
    EXPECT_EQ(message.flags, kMsgTrunc);
    EXPECT_TRUE(kernel.Close(*one).ok());
    EXPECT_TRUE(kernel.Close(other).ok());
  }
}

TEST(LinuxKernel, PassesDescriptorsOverUnixSockets) {
  LinuxKernel kernel;
  const FdPair pair = *kernel.Socketpair(
      Family::kUnix, kSockStream | kSockNonblock | kSockCloexec, 0);
  const FdPair pipe = *kernel.Pipe2(kONonblock | kOCloexec);
  std::string control;
  ControlMessage::Rights({pipe.second}).AppendTo(&control);
  const std::string text = "x";
  const absl::Span<const char> data[] = {Bytes(text)};
  OutgoingMessage sent;
  sent.data = data;
  sent.control = control;
  EXPECT_EQ(*kernel.Sendmsg(pair.first, sent, kMsgNosignal), 1u);
  char byte = 0;
  char space[64];
  const absl::Span<char> buffers[] = {absl::MakeSpan(&byte, 1)};
  IncomingMessage message;
  message.buffers = buffers;
  message.control = absl::MakeSpan(space);
  EXPECT_EQ(*kernel.Recvmsg(pair.second, &message, kMsgCmsgCloexec), 1u);
  EXPECT_EQ(message.from, Address::Unspecified());
  EXPECT_EQ(message.control_size, control.size());
  bool malformed = true;
  const auto messages = ParseControl(
      absl::MakeConstSpan(space, message.control_size), &malformed);
  EXPECT_FALSE(malformed);
  ASSERT_EQ(messages.size(), 1u);
  const Fd copy = messages[0].descriptors().at(0);
  EXPECT_EQ(*kernel.Write(copy, Bytes("through")), 7u);
  char buffer[16];
  EXPECT_EQ(*kernel.Read(pipe.first, absl::MakeSpan(buffer)), 7u);
  EXPECT_EQ(*kernel.Getsockname(pair.first), Address::Unix(""));
  for (const Fd fd : {pair.first, pair.second, pipe.first, pipe.second, copy}) {
    EXPECT_TRUE(kernel.Close(fd).ok());
  }
}

TEST(LinuxKernel, ShowsUnixNamesAsTheyWereBound) {
  LinuxKernel kernel;
  const Fd fd = *kernel.Socket(Family::kUnix, kSockStream | kSockCloexec, 0);
  EXPECT_EQ(kernel.Bind(fd, Address::Unix(std::string(200, 'x'))).error(),
            Errno::kEINVAL);
  EXPECT_TRUE(kernel.Bind(fd, Address::Unix("")).ok());
  const Address name = *kernel.Getsockname(fd);
  EXPECT_TRUE(name.is_abstract());
  EXPECT_EQ(name.path.size(), 6u);  // unix(7), "Autobind feature"
  EXPECT_TRUE(kernel.Close(fd).ok());
  EXPECT_EQ(kernel.Unlink("no/such/socket").error(), Errno::kENOENT);
}

TEST(LinuxKernel, PollsAndCountsEventsAndTimes) {
  LinuxKernel kernel;
  const Fd event = *kernel.Eventfd(2, kEfdNonblock | kEfdCloexec);
  const Fd timer =
      *kernel.TimerfdCreate(kClockMonotonic, kTfdNonblock | kTfdCloexec);
  PollFd watched[] = {{event, kEpollIn | kEpollOut},
                      {timer, kEpollIn},
                      {Fd{-1}, kEpollIn},
                      {Fd{1 << 20}, kEpollIn}};
  EXPECT_EQ(*kernel.Poll(absl::MakeSpan(watched), absl::InfiniteDuration()),
            2u);
  EXPECT_EQ(watched[0].revents, kEpollIn | kEpollOut);
  EXPECT_EQ(watched[1].revents, 0u);
  EXPECT_EQ(watched[2].revents, 0u);
  EXPECT_EQ(watched[3].revents, kPollNval);
  const TimerSpec spec{absl::Hours(1), absl::Nanoseconds(1)};
  EXPECT_EQ(kernel.TimerfdSettime(timer, 0, spec)->value, absl::ZeroDuration());
  EXPECT_EQ(*kernel.Poll(absl::MakeSpan(watched).subspan(1, 1),
                         absl::InfiniteDuration()),
            1u);
  EXPECT_EQ(kernel.TimerfdGettime(timer)->interval, absl::Hours(1));
  int bytes = 0;
  EXPECT_EQ(kernel.Ioctl(event, kFionread, &bytes).error(), Errno::kENOTTY);
  EXPECT_EQ(*kernel.Fcntl(event, kFGetfl, 0) & kONonblock, kONonblock);
  const Fd copy = *kernel.Dup(event);
  EXPECT_EQ(*kernel.Dup2(timer, copy), copy);
  for (const Fd fd : {event, timer, copy}) EXPECT_TRUE(kernel.Close(fd).ok());
}

TEST(LinuxKernelHost, KnowsADuplicateForTheSameSocket) {
  LinuxKernel kernel = HostKernel();
  const Listener listener(kernel, Ipv4::Any());
  const Fd copy = *kernel.Dup(listener.fd);
  EXPECT_EQ(kernel.Getsockname(copy)->ip, Ip(Ipv4::Any()));
  EXPECT_TRUE(kernel.Close(listener.fd).ok());
  EXPECT_EQ(kernel.Getsockname(copy)->ip, Ip(Ipv4::Any()));
  EXPECT_TRUE(kernel.Close(copy).ok());
}

TEST(LinuxKernelHost, BindsItsAddressWhereAnyIsAskedForAndDoesNotShowIt) {
  LinuxKernel kernel = HostKernel();
  const Listener listener(kernel, Ipv4::Any());
  EXPECT_EQ(*kernel.Getsockname(listener.fd),
            Address::Inet(Ipv4::Any(), listener.port));
  // It is the host's, and not 127.0.0.1's.
  LinuxKernel plain;
  EXPECT_EQ(plain.Getsockname(listener.fd)->ip, kHost);
  const Fd elsewhere = *plain.Socket(Family::kInet, kStreamType, 0);
  EXPECT_TRUE(
      plain.Bind(elsewhere, Address::Inet(Ipv4::Loopback(), listener.port))
          .ok());
  EXPECT_TRUE(kernel.Close(elsewhere).ok());
  EXPECT_TRUE(kernel.Close(listener.fd).ok());
  // The number's next owner is not taken for bound.
  const Fd next = *kernel.Socket(Family::kInet, kStreamType, 0);
  EXPECT_TRUE(kernel.Bind(next, Address::Inet(Ipv4::Loopback(), 0)).ok());
  EXPECT_EQ(kernel.Getsockname(next)->ip, Ipv4::Loopback());
  EXPECT_TRUE(kernel.Close(next).ok());
}

TEST(LinuxKernelHost, ListensAtItsAddressWhenNothingWasBound) {
  LinuxKernel kernel = HostKernel();
  const Fd fd = *kernel.Socket(Family::kInet, kStreamType, 0);
  EXPECT_TRUE(kernel.Listen(fd, 1).ok());
  EXPECT_EQ(kernel.Getsockname(fd)->ip, Ipv4::Any());
  EXPECT_NE(kernel.Getsockname(fd)->port, 0);
  EXPECT_EQ(LinuxKernel().Getsockname(fd)->ip, kHost);
  EXPECT_TRUE(kernel.Close(fd).ok());
}

TEST(LinuxKernelHost, ConnectsFromItsAddress) {
  LinuxKernel kernel = HostKernel();
  LinuxKernel other;
  const Listener listener(other, Ipv4::Loopback());
  const Fd client = *kernel.Socket(Family::kInet, kStreamType, 0);
  EXPECT_EQ(
      kernel.Connect(client, Address::Inet(Ipv4::Loopback(), listener.port))
          .error(),
      Errno::kEINPROGRESS);
  Await(other, listener.fd, kEpollIn);
  const Accepted accepted = *other.Accept4(listener.fd, 0);
  EXPECT_EQ(accepted.peer.ip, kHost);
  EXPECT_EQ(*kernel.Getsockname(client), accepted.peer);
  // A second connect is refused as any, and does not bind anything.
  EXPECT_TRUE(
      kernel.Connect(client, Address::Inet(Ipv4::Loopback(), listener.port))
          .ok());
  EXPECT_EQ(
      kernel.Connect(client, Address::Inet(Ipv4::Loopback(), listener.port))
          .error(),
      Errno::kEISCONN);
  for (const Fd fd : {listener.fd, client, accepted.fd}) {
    EXPECT_TRUE(kernel.Close(fd).ok());
  }
}

TEST(MonotonicClock, DoesNotGoBack) {
  MonotonicClock clock;
  const Instant before = clock.Now();
  EXPECT_GE(before, Instant());
  EXPECT_GE(clock.Now(), before);
}

}  // namespace
}  // namespace simloop::loop
