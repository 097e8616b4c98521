// The assertion that loop/abi.h, loop/address.h and loop/errno.h have the
// numbers of this machine's system headers. It holds no code.
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>

#include "loop/abi.h"
#include "loop/address.h"
#include "loop/errno.h"

namespace simloop::loop {

static_assert(kSockStream == SOCK_STREAM);
static_assert(kSockDgram == SOCK_DGRAM);
static_assert(kSockRaw == SOCK_RAW);
static_assert(kSockSeqpacket == SOCK_SEQPACKET);
static_assert(kSockNonblock == SOCK_NONBLOCK);
static_assert(kSockCloexec == SOCK_CLOEXEC);
static_assert(kIpprotoIp == IPPROTO_IP);
static_assert(kIpprotoIcmp == IPPROTO_ICMP);
static_assert(kIpprotoTcp == IPPROTO_TCP);
static_assert(kIpprotoUdp == IPPROTO_UDP);
static_assert(kIpprotoIpv6 == IPPROTO_IPV6);
static_assert(kShutRd == SHUT_RD);
static_assert(kShutWr == SHUT_WR);
static_assert(kShutRdwr == SHUT_RDWR);
static_assert(kMsgOob == MSG_OOB);
static_assert(kMsgPeek == MSG_PEEK);
static_assert(kMsgDontroute == MSG_DONTROUTE);
static_assert(kMsgCtrunc == MSG_CTRUNC);
static_assert(kMsgTrunc == MSG_TRUNC);
static_assert(kMsgDontwait == MSG_DONTWAIT);
static_assert(kMsgEor == MSG_EOR);
static_assert(kMsgWaitall == MSG_WAITALL);
static_assert(kMsgConfirm == MSG_CONFIRM);
static_assert(kMsgErrqueue == MSG_ERRQUEUE);
static_assert(kMsgNosignal == MSG_NOSIGNAL);
static_assert(kMsgMore == MSG_MORE);
static_assert(kMsgWaitforone == MSG_WAITFORONE);
static_assert(kMsgZerocopy == MSG_ZEROCOPY);
static_assert(kMsgFastopen == MSG_FASTOPEN);
static_assert(kMsgCmsgCloexec == MSG_CMSG_CLOEXEC);
static_assert(kSolSocket == SOL_SOCKET);
static_assert(kSoDebug == SO_DEBUG);
static_assert(kSoReuseaddr == SO_REUSEADDR);
static_assert(kSoType == SO_TYPE);
static_assert(kSoError == SO_ERROR);
static_assert(kSoDontroute == SO_DONTROUTE);
static_assert(kSoBroadcast == SO_BROADCAST);
static_assert(kSoSndbuf == SO_SNDBUF);
static_assert(kSoRcvbuf == SO_RCVBUF);
static_assert(kSoKeepalive == SO_KEEPALIVE);
static_assert(kSoOobinline == SO_OOBINLINE);
static_assert(kSoNoCheck == SO_NO_CHECK);
static_assert(kSoPriority == SO_PRIORITY);
static_assert(kSoLinger == SO_LINGER);
static_assert(kSoBsdcompat == SO_BSDCOMPAT);
static_assert(kSoReuseport == SO_REUSEPORT);
static_assert(kSoPasscred == SO_PASSCRED);
static_assert(kSoPeercred == SO_PEERCRED);
static_assert(kSoRcvlowat == SO_RCVLOWAT);
static_assert(kSoSndlowat == SO_SNDLOWAT);
static_assert(kSoRcvtimeo == SO_RCVTIMEO);
static_assert(kSoSndtimeo == SO_SNDTIMEO);
static_assert(kSoBindtodevice == SO_BINDTODEVICE);
static_assert(kSoTimestamp == SO_TIMESTAMP);
static_assert(kSoAcceptconn == SO_ACCEPTCONN);
static_assert(kSoPeersec == SO_PEERSEC);
static_assert(kSoSndbufforce == SO_SNDBUFFORCE);
static_assert(kSoRcvbufforce == SO_RCVBUFFORCE);
static_assert(kSoPasssec == SO_PASSSEC);
static_assert(kSoTimestampns == SO_TIMESTAMPNS);
static_assert(kSoMark == SO_MARK);
static_assert(kSoProtocol == SO_PROTOCOL);
static_assert(kSoDomain == SO_DOMAIN);
static_assert(kSoRxqOvfl == SO_RXQ_OVFL);
static_assert(kSoPeekOff == SO_PEEK_OFF);
static_assert(kSoBusyPoll == SO_BUSY_POLL);
static_assert(kSoIncomingCpu == SO_INCOMING_CPU);
static_assert(kSoZerocopy == SO_ZEROCOPY);
static_assert(kSoCookie == SO_COOKIE);
static_assert(kIpTos == IP_TOS);
static_assert(kIpTtl == IP_TTL);
static_assert(kIpOptions == IP_OPTIONS);
static_assert(kIpRecvopts == IP_RECVOPTS);
static_assert(kIpPktinfo == IP_PKTINFO);
static_assert(kIpMtuDiscover == IP_MTU_DISCOVER);
static_assert(kIpRecverr == IP_RECVERR);
static_assert(kIpRecvttl == IP_RECVTTL);
static_assert(kIpRecvtos == IP_RECVTOS);
static_assert(kIpMtu == IP_MTU);
static_assert(kIpFreebind == IP_FREEBIND);
static_assert(kIpTransparent == IP_TRANSPARENT);
static_assert(kIpMinttl == IP_MINTTL);
static_assert(kIpBindAddressNoPort == IP_BIND_ADDRESS_NO_PORT);
static_assert(kIpMulticastIf == IP_MULTICAST_IF);
static_assert(kIpMulticastTtl == IP_MULTICAST_TTL);
static_assert(kIpMulticastLoop == IP_MULTICAST_LOOP);
static_assert(kIpAddMembership == IP_ADD_MEMBERSHIP);
static_assert(kIpDropMembership == IP_DROP_MEMBERSHIP);
static_assert(kIpv6V6only == IPV6_V6ONLY);
static_assert(kIpv6UnicastHops == IPV6_UNICAST_HOPS);
static_assert(kIpv6MulticastHops == IPV6_MULTICAST_HOPS);
static_assert(kIpv6MulticastLoop == IPV6_MULTICAST_LOOP);
static_assert(kIpv6MulticastIf == IPV6_MULTICAST_IF);
static_assert(kIpv6Recverr == IPV6_RECVERR);
static_assert(kIpv6Recvpktinfo == IPV6_RECVPKTINFO);
static_assert(kIpv6Recvhoplimit == IPV6_RECVHOPLIMIT);
static_assert(kIpv6MtuDiscover == IPV6_MTU_DISCOVER);
static_assert(kIpv6Mtu == IPV6_MTU);
static_assert(kIpv6Tclass == IPV6_TCLASS);
static_assert(kIpv6Recvtclass == IPV6_RECVTCLASS);
static_assert(kIpv6Dontfrag == IPV6_DONTFRAG);
static_assert(kTcpNodelay == TCP_NODELAY);
static_assert(kTcpMaxseg == TCP_MAXSEG);
static_assert(kTcpCork == TCP_CORK);
static_assert(kTcpKeepidle == TCP_KEEPIDLE);
static_assert(kTcpKeepintvl == TCP_KEEPINTVL);
static_assert(kTcpKeepcnt == TCP_KEEPCNT);
static_assert(kTcpSyncnt == TCP_SYNCNT);
static_assert(kTcpLinger2 == TCP_LINGER2);
static_assert(kTcpDeferAccept == TCP_DEFER_ACCEPT);
static_assert(kTcpWindowClamp == TCP_WINDOW_CLAMP);
static_assert(kTcpInfo == TCP_INFO);
static_assert(kTcpQuickack == TCP_QUICKACK);
static_assert(kTcpCongestion == TCP_CONGESTION);
static_assert(kTcpUserTimeout == TCP_USER_TIMEOUT);
static_assert(kTcpFastopen == TCP_FASTOPEN);
static_assert(kTcpNotsentLowat == TCP_NOTSENT_LOWAT);
static_assert(kTcpFastopenConnect == TCP_FASTOPEN_CONNECT);
static_assert(kTcpFastopenNoCookie == TCP_FASTOPEN_NO_COOKIE);
static_assert(kTcpInq == TCP_INQ);
static_assert(kSolUdp == SOL_UDP);
static_assert(kUdpCork == UDP_CORK);
static_assert(kUdpSegment == UDP_SEGMENT);
static_assert(kUdpGro == UDP_GRO);
static_assert(kScmRights == SCM_RIGHTS);
static_assert(kScmCredentials == SCM_CREDENTIALS);
static_assert(kFDupfd == F_DUPFD);
static_assert(kFGetfd == F_GETFD);
static_assert(kFSetfd == F_SETFD);
static_assert(kFGetfl == F_GETFL);
static_assert(kFSetfl == F_SETFL);
static_assert(kFDupfdCloexec == F_DUPFD_CLOEXEC);
static_assert(kFSetpipeSz == F_SETPIPE_SZ);
static_assert(kFGetpipeSz == F_GETPIPE_SZ);
static_assert(kFdCloexec == FD_CLOEXEC);
static_assert(kORdonly == O_RDONLY);
static_assert(kOWronly == O_WRONLY);
static_assert(kORdwr == O_RDWR);
static_assert(kOAccmode == O_ACCMODE);
static_assert(kOCreat == O_CREAT);
static_assert(kOExcl == O_EXCL);
static_assert(kOTrunc == O_TRUNC);
static_assert(kOAppend == O_APPEND);
static_assert(kONonblock == O_NONBLOCK);
static_assert(kODirect == O_DIRECT);
static_assert(kOCloexec == O_CLOEXEC);
static_assert(kFionread == static_cast<uint32_t>(FIONREAD));
static_assert(kFionbio == static_cast<uint32_t>(FIONBIO));
static_assert(kFioasync == static_cast<uint32_t>(FIOASYNC));
static_assert(kSiocatmark == static_cast<uint32_t>(SIOCATMARK));
static_assert(kSiocoutq == static_cast<uint32_t>(SIOCOUTQ));
// SIOCOUTQNSD of linux/sockios.h.
static_assert(kSiocoutqnsd == 0x894b);
static_assert(kEfdSemaphore == EFD_SEMAPHORE);
static_assert(kEfdNonblock == EFD_NONBLOCK);
static_assert(kEfdCloexec == EFD_CLOEXEC);
static_assert(kTfdNonblock == TFD_NONBLOCK);
static_assert(kTfdCloexec == TFD_CLOEXEC);
static_assert(kTfdTimerAbstime == TFD_TIMER_ABSTIME);
static_assert(kTfdTimerCancelOnSet == TFD_TIMER_CANCEL_ON_SET);
static_assert(kClockRealtime == CLOCK_REALTIME);
static_assert(kClockMonotonic == CLOCK_MONOTONIC);
static_assert(kClockBoottime == CLOCK_BOOTTIME);
static_assert(kEpollCtlAdd == EPOLL_CTL_ADD);
static_assert(kEpollCtlDel == EPOLL_CTL_DEL);
static_assert(kEpollCtlMod == EPOLL_CTL_MOD);
static_assert(kEpollCloexec == EPOLL_CLOEXEC);
static_assert(kEpollIn == static_cast<uint32_t>(EPOLLIN));
static_assert(kEpollPri == static_cast<uint32_t>(EPOLLPRI));
static_assert(kEpollOut == static_cast<uint32_t>(EPOLLOUT));
static_assert(kEpollErr == static_cast<uint32_t>(EPOLLERR));
static_assert(kEpollHup == static_cast<uint32_t>(EPOLLHUP));
static_assert(kPollNval == static_cast<uint32_t>(POLLNVAL));
static_assert(kEpollRdnorm == static_cast<uint32_t>(EPOLLRDNORM));
static_assert(kEpollRdband == static_cast<uint32_t>(EPOLLRDBAND));
static_assert(kEpollWrnorm == static_cast<uint32_t>(EPOLLWRNORM));
static_assert(kEpollWrband == static_cast<uint32_t>(EPOLLWRBAND));
static_assert(kEpollMsg == static_cast<uint32_t>(EPOLLMSG));
static_assert(kEpollRdhup == static_cast<uint32_t>(EPOLLRDHUP));
static_assert(kEpollExclusive == static_cast<uint32_t>(EPOLLEXCLUSIVE));
static_assert(kEpollWakeup == static_cast<uint32_t>(EPOLLWAKEUP));
static_assert(kEpollOneshot == static_cast<uint32_t>(EPOLLONESHOT));
static_assert(kEpollEt == static_cast<uint32_t>(EPOLLET));

static_assert(sizeof(Linger) == sizeof(linger));
static_assert(offsetof(Linger, onoff) == offsetof(linger, l_onoff));
static_assert(offsetof(Linger, seconds) == offsetof(linger, l_linger));
static_assert(sizeof(TimeValue) == sizeof(timeval));
static_assert(sizeof(Credentials) == sizeof(ucred));
static_assert(Address::kUnixPathBytes == sizeof(sockaddr_un::sun_path));

static_assert(static_cast<int>(Family::kUnspecified) == AF_UNSPEC);
static_assert(static_cast<int>(Family::kUnix) == AF_UNIX);
static_assert(static_cast<int>(Family::kInet) == AF_INET);
static_assert(static_cast<int>(Family::kInet6) == AF_INET6);

static_assert(static_cast<int>(Errno::kEPERM) == EPERM);
static_assert(static_cast<int>(Errno::kENOENT) == ENOENT);
static_assert(static_cast<int>(Errno::kESRCH) == ESRCH);
static_assert(static_cast<int>(Errno::kEINTR) == EINTR);
static_assert(static_cast<int>(Errno::kENXIO) == ENXIO);
static_assert(static_cast<int>(Errno::kEBADF) == EBADF);
static_assert(static_cast<int>(Errno::kEAGAIN) == EAGAIN);
static_assert(static_cast<int>(Errno::kENOMEM) == ENOMEM);
static_assert(static_cast<int>(Errno::kEACCES) == EACCES);
static_assert(static_cast<int>(Errno::kEFAULT) == EFAULT);
static_assert(static_cast<int>(Errno::kEBUSY) == EBUSY);
static_assert(static_cast<int>(Errno::kEEXIST) == EEXIST);
static_assert(static_cast<int>(Errno::kENODEV) == ENODEV);
static_assert(static_cast<int>(Errno::kENOTDIR) == ENOTDIR);
static_assert(static_cast<int>(Errno::kEISDIR) == EISDIR);
static_assert(static_cast<int>(Errno::kEINVAL) == EINVAL);
static_assert(static_cast<int>(Errno::kENFILE) == ENFILE);
static_assert(static_cast<int>(Errno::kEMFILE) == EMFILE);
static_assert(static_cast<int>(Errno::kENOTTY) == ENOTTY);
static_assert(static_cast<int>(Errno::kESPIPE) == ESPIPE);
static_assert(static_cast<int>(Errno::kEROFS) == EROFS);
static_assert(static_cast<int>(Errno::kEPIPE) == EPIPE);
static_assert(static_cast<int>(Errno::kEDOM) == EDOM);
static_assert(static_cast<int>(Errno::kERANGE) == ERANGE);
static_assert(static_cast<int>(Errno::kEDEADLK) == EDEADLK);
static_assert(static_cast<int>(Errno::kENAMETOOLONG) == ENAMETOOLONG);
static_assert(static_cast<int>(Errno::kENOSYS) == ENOSYS);
static_assert(static_cast<int>(Errno::kELOOP) == ELOOP);
static_assert(static_cast<int>(Errno::kENODATA) == ENODATA);
static_assert(static_cast<int>(Errno::kEPROTO) == EPROTO);
static_assert(static_cast<int>(Errno::kENOTSOCK) == ENOTSOCK);
static_assert(static_cast<int>(Errno::kEDESTADDRREQ) == EDESTADDRREQ);
static_assert(static_cast<int>(Errno::kEMSGSIZE) == EMSGSIZE);
static_assert(static_cast<int>(Errno::kEPROTOTYPE) == EPROTOTYPE);
static_assert(static_cast<int>(Errno::kENOPROTOOPT) == ENOPROTOOPT);
static_assert(static_cast<int>(Errno::kEPROTONOSUPPORT) == EPROTONOSUPPORT);
static_assert(static_cast<int>(Errno::kESOCKTNOSUPPORT) == ESOCKTNOSUPPORT);
static_assert(static_cast<int>(Errno::kEOPNOTSUPP) == EOPNOTSUPP);
static_assert(static_cast<int>(Errno::kEAFNOSUPPORT) == EAFNOSUPPORT);
static_assert(static_cast<int>(Errno::kEADDRINUSE) == EADDRINUSE);
static_assert(static_cast<int>(Errno::kEADDRNOTAVAIL) == EADDRNOTAVAIL);
static_assert(static_cast<int>(Errno::kENETUNREACH) == ENETUNREACH);
static_assert(static_cast<int>(Errno::kECONNABORTED) == ECONNABORTED);
static_assert(static_cast<int>(Errno::kECONNRESET) == ECONNRESET);
static_assert(static_cast<int>(Errno::kENOBUFS) == ENOBUFS);
static_assert(static_cast<int>(Errno::kEISCONN) == EISCONN);
static_assert(static_cast<int>(Errno::kENOTCONN) == ENOTCONN);
static_assert(static_cast<int>(Errno::kETOOMANYREFS) == ETOOMANYREFS);
static_assert(static_cast<int>(Errno::kETIMEDOUT) == ETIMEDOUT);
static_assert(static_cast<int>(Errno::kECONNREFUSED) == ECONNREFUSED);
static_assert(static_cast<int>(Errno::kEHOSTUNREACH) == EHOSTUNREACH);
static_assert(static_cast<int>(Errno::kEALREADY) == EALREADY);
static_assert(static_cast<int>(Errno::kEINPROGRESS) == EINPROGRESS);

}  // namespace simloop::loop
