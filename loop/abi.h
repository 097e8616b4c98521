// The numbers of Linux's socket ABI that cross the seam: flags, options and
// epoll bits. linux_abi.cc asserts that each equals the system header's, so
// nothing above the seam includes a system header.
#ifndef LOOP_ABI_H_
#define LOOP_ABI_H_

#include <cstdint>

namespace simloop::loop {

// socket(2): types, and flags for Socket() and Accept4().
inline constexpr int kSockStream = 1;
inline constexpr int kSockDgram = 2;
inline constexpr int kSockNonblock = 04000;
inline constexpr int kSockCloexec = 02000000;

// shutdown(2).
inline constexpr int kShutRd = 0;
inline constexpr int kShutWr = 1;
inline constexpr int kShutRdwr = 2;

// recv(2), send(2).
inline constexpr int kMsgPeek = 0x2;
inline constexpr int kMsgTrunc = 0x20;
inline constexpr int kMsgDontwait = 0x40;
inline constexpr int kMsgNosignal = 0x4000;

// socket(7), tcp(7): levels and options.
inline constexpr int kSolSocket = 1;
inline constexpr int kSoReuseaddr = 2;
inline constexpr int kSoType = 3;
inline constexpr int kSoError = 4;
inline constexpr int kSoSndbuf = 7;
inline constexpr int kSoRcvbuf = 8;
inline constexpr int kSoKeepalive = 9;
inline constexpr int kSoLinger = 13;
inline constexpr int kSoAcceptconn = 30;
inline constexpr int kIpprotoTcp = 6;
inline constexpr int kTcpNodelay = 1;
inline constexpr int kTcpKeepidle = 4;
inline constexpr int kTcpInfo = 11;

// The value of SO_LINGER (socket(7)).
struct Linger {
  int onoff = 0;
  int seconds = 0;
};

// epoll_ctl(2): operations and event bits. As poll(2)'s.
inline constexpr int kEpollCtlAdd = 1;
inline constexpr int kEpollCtlDel = 2;
inline constexpr int kEpollCtlMod = 3;
inline constexpr int kEpollCloexec = 02000000;
inline constexpr uint32_t kEpollIn = 0x001;
inline constexpr uint32_t kEpollPri = 0x002;
inline constexpr uint32_t kEpollOut = 0x004;
inline constexpr uint32_t kEpollErr = 0x008;
inline constexpr uint32_t kEpollHup = 0x010;
inline constexpr uint32_t kEpollRdhup = 0x2000;

}  // namespace simloop::loop

#endif  // LOOP_ABI_H_
