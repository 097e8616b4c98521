// The numbers of Linux's socket ABI that cross the seam: flags, options and
// event bits. linux_abi.cc asserts that each equals the system header's, so
// nothing above the seam includes a system header.
#ifndef LOOP_ABI_H_
#define LOOP_ABI_H_

#include <cstdint>

namespace simloop::loop {

// socket(2): types and protocols, and flags for Socket() and Accept4().
inline constexpr int kSockStream = 1;
inline constexpr int kSockDgram = 2;
inline constexpr int kSockRaw = 3;
inline constexpr int kSockSeqpacket = 5;
inline constexpr int kSockNonblock = 04000;
inline constexpr int kSockCloexec = 02000000;
inline constexpr int kIpprotoIp = 0;
inline constexpr int kIpprotoIcmp = 1;
inline constexpr int kIpprotoTcp = 6;
inline constexpr int kIpprotoUdp = 17;
inline constexpr int kIpprotoIpv6 = 41;

// shutdown(2).
inline constexpr int kShutRd = 0;
inline constexpr int kShutWr = 1;
inline constexpr int kShutRdwr = 2;

// recv(2), send(2).
inline constexpr int kMsgOob = 0x1;
inline constexpr int kMsgPeek = 0x2;
inline constexpr int kMsgDontroute = 0x4;
inline constexpr int kMsgCtrunc = 0x8;
inline constexpr int kMsgTrunc = 0x20;
inline constexpr int kMsgDontwait = 0x40;
inline constexpr int kMsgEor = 0x80;
inline constexpr int kMsgWaitall = 0x100;
inline constexpr int kMsgConfirm = 0x800;
inline constexpr int kMsgErrqueue = 0x2000;
inline constexpr int kMsgNosignal = 0x4000;
inline constexpr int kMsgMore = 0x8000;
inline constexpr int kMsgWaitforone = 0x10000;
inline constexpr int kMsgZerocopy = 0x4000000;
inline constexpr int kMsgFastopen = 0x20000000;
inline constexpr int kMsgCmsgCloexec = 0x40000000;

// socket(7): options of SOL_SOCKET.
inline constexpr int kSolSocket = 1;
inline constexpr int kSoDebug = 1;
inline constexpr int kSoReuseaddr = 2;
inline constexpr int kSoType = 3;
inline constexpr int kSoError = 4;
inline constexpr int kSoDontroute = 5;
inline constexpr int kSoBroadcast = 6;
inline constexpr int kSoSndbuf = 7;
inline constexpr int kSoRcvbuf = 8;
inline constexpr int kSoKeepalive = 9;
inline constexpr int kSoOobinline = 10;
inline constexpr int kSoNoCheck = 11;
inline constexpr int kSoPriority = 12;
inline constexpr int kSoLinger = 13;
inline constexpr int kSoBsdcompat = 14;
inline constexpr int kSoReuseport = 15;
inline constexpr int kSoPasscred = 16;
inline constexpr int kSoPeercred = 17;
inline constexpr int kSoRcvlowat = 18;
inline constexpr int kSoSndlowat = 19;
inline constexpr int kSoRcvtimeo = 20;
inline constexpr int kSoSndtimeo = 21;
inline constexpr int kSoBindtodevice = 25;
inline constexpr int kSoTimestamp = 29;
inline constexpr int kSoAcceptconn = 30;
inline constexpr int kSoPeersec = 31;
inline constexpr int kSoSndbufforce = 32;
inline constexpr int kSoRcvbufforce = 33;
inline constexpr int kSoPasssec = 34;
inline constexpr int kSoTimestampns = 35;
inline constexpr int kSoMark = 36;
inline constexpr int kSoProtocol = 38;
inline constexpr int kSoDomain = 39;
inline constexpr int kSoRxqOvfl = 40;
inline constexpr int kSoPeekOff = 42;
inline constexpr int kSoBusyPoll = 46;
inline constexpr int kSoIncomingCpu = 49;
inline constexpr int kSoZerocopy = 60;
inline constexpr int kSoCookie = 57;

// ip(7).
inline constexpr int kIpTos = 1;
inline constexpr int kIpTtl = 2;
inline constexpr int kIpOptions = 4;
inline constexpr int kIpRecvopts = 6;
inline constexpr int kIpPktinfo = 8;
inline constexpr int kIpMtuDiscover = 10;
inline constexpr int kIpRecverr = 11;
inline constexpr int kIpRecvttl = 12;
inline constexpr int kIpRecvtos = 13;
inline constexpr int kIpMtu = 14;
inline constexpr int kIpFreebind = 15;
inline constexpr int kIpTransparent = 19;
inline constexpr int kIpMinttl = 21;
inline constexpr int kIpBindAddressNoPort = 24;
inline constexpr int kIpMulticastIf = 32;
inline constexpr int kIpMulticastTtl = 33;
inline constexpr int kIpMulticastLoop = 34;
inline constexpr int kIpAddMembership = 35;
inline constexpr int kIpDropMembership = 36;

// ipv6(7).
inline constexpr int kIpv6V6only = 26;
inline constexpr int kIpv6UnicastHops = 16;
inline constexpr int kIpv6MulticastHops = 18;
inline constexpr int kIpv6MulticastLoop = 19;
inline constexpr int kIpv6MulticastIf = 17;
inline constexpr int kIpv6Recverr = 25;
inline constexpr int kIpv6Recvpktinfo = 49;
inline constexpr int kIpv6Recvhoplimit = 51;
inline constexpr int kIpv6MtuDiscover = 23;
inline constexpr int kIpv6Mtu = 24;
inline constexpr int kIpv6Tclass = 67;
inline constexpr int kIpv6Recvtclass = 66;
inline constexpr int kIpv6Dontfrag = 62;

// tcp(7).
inline constexpr int kTcpNodelay = 1;
inline constexpr int kTcpMaxseg = 2;
inline constexpr int kTcpCork = 3;
inline constexpr int kTcpKeepidle = 4;
inline constexpr int kTcpKeepintvl = 5;
inline constexpr int kTcpKeepcnt = 6;
inline constexpr int kTcpSyncnt = 7;
inline constexpr int kTcpLinger2 = 8;
inline constexpr int kTcpDeferAccept = 9;
inline constexpr int kTcpWindowClamp = 10;
inline constexpr int kTcpInfo = 11;
inline constexpr int kTcpQuickack = 12;
inline constexpr int kTcpCongestion = 13;
inline constexpr int kTcpUserTimeout = 18;
inline constexpr int kTcpFastopen = 23;
inline constexpr int kTcpNotsentLowat = 25;
inline constexpr int kTcpFastopenConnect = 30;
inline constexpr int kTcpFastopenNoCookie = 34;
inline constexpr int kTcpInq = 36;

// udp(7).
inline constexpr int kSolUdp = 17;
inline constexpr int kUdpCork = 1;
inline constexpr int kUdpSegment = 103;
inline constexpr int kUdpGro = 104;

// cmsg(3), unix(7): control messages.
inline constexpr int kScmRights = 1;
inline constexpr int kScmCredentials = 2;

// fcntl(2), open(2), pipe(2).
inline constexpr int kFDupfd = 0;
inline constexpr int kFGetfd = 1;
inline constexpr int kFSetfd = 2;
inline constexpr int kFGetfl = 3;
inline constexpr int kFSetfl = 4;
inline constexpr int kFDupfdCloexec = 1030;
inline constexpr int kFSetpipeSz = 1031;
inline constexpr int kFGetpipeSz = 1032;
inline constexpr int kFdCloexec = 1;
inline constexpr int kORdonly = 0;
inline constexpr int kOWronly = 1;
inline constexpr int kORdwr = 2;
inline constexpr int kOAccmode = 3;
inline constexpr int kOCreat = 0100;
inline constexpr int kOExcl = 0200;
inline constexpr int kOTrunc = 01000;
inline constexpr int kOAppend = 02000;
inline constexpr int kONonblock = 04000;
inline constexpr int kODirect = 040000;
inline constexpr int kOCloexec = 02000000;

// ioctl(2) of sockets and pipes.
inline constexpr uint32_t kFionread = 0x541b;
inline constexpr uint32_t kFionbio = 0x5421;
inline constexpr uint32_t kFioasync = 0x5452;
inline constexpr uint32_t kSiocatmark = 0x8905;
inline constexpr uint32_t kSiocoutq = 0x5411;
inline constexpr uint32_t kSiocoutqnsd = 0x894b;

// eventfd(2), timerfd_create(2).
inline constexpr int kEfdSemaphore = 1;
inline constexpr int kEfdNonblock = 04000;
inline constexpr int kEfdCloexec = 02000000;
inline constexpr int kTfdNonblock = 04000;
inline constexpr int kTfdCloexec = 02000000;
inline constexpr int kTfdTimerAbstime = 1;
inline constexpr int kTfdTimerCancelOnSet = 2;
inline constexpr int kClockRealtime = 0;
inline constexpr int kClockMonotonic = 1;
inline constexpr int kClockBoottime = 7;

// epoll_ctl(2): operations and flags.
inline constexpr int kEpollCtlAdd = 1;
inline constexpr int kEpollCtlDel = 2;
inline constexpr int kEpollCtlMod = 3;
inline constexpr int kEpollCloexec = 02000000;

// poll(2), epoll_ctl(2): event bits.
inline constexpr uint32_t kEpollIn = 0x1;
inline constexpr uint32_t kEpollPri = 0x2;
inline constexpr uint32_t kEpollOut = 0x4;
inline constexpr uint32_t kEpollErr = 0x8;
inline constexpr uint32_t kEpollHup = 0x10;
inline constexpr uint32_t kPollNval = 0x20;
inline constexpr uint32_t kEpollRdnorm = 0x40;
inline constexpr uint32_t kEpollRdband = 0x80;
inline constexpr uint32_t kEpollWrnorm = 0x100;
inline constexpr uint32_t kEpollWrband = 0x200;
inline constexpr uint32_t kEpollMsg = 0x400;
inline constexpr uint32_t kEpollRdhup = 0x2000;
inline constexpr uint32_t kEpollExclusive = 0x10000000;
inline constexpr uint32_t kEpollWakeup = 0x20000000;
inline constexpr uint32_t kEpollOneshot = 0x40000000;
inline constexpr uint32_t kEpollEt = 0x80000000;

// The value of SO_LINGER (socket(7)).
struct Linger {
  int onoff = 0;
  int seconds = 0;
};

// The value of SO_RCVTIMEO and SO_SNDTIMEO: struct timeval. 0: no limit.
struct TimeValue {
  int64_t seconds = 0;
  int64_t micros = 0;
};

// The value of SO_PEERCRED and SCM_CREDENTIALS (unix(7)): struct ucred.
struct Credentials {
  int32_t pid = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
};

}  // namespace simloop::loop

#endif  // LOOP_ABI_H_
