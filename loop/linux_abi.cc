// The assertion that loop/abi.h, loop/address.h and loop/errno.h have the
// numbers of this machine's system headers. It holds no code.
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "loop/abi.h"
#include "loop/address.h"
#include "loop/errno.h"

namespace simloop::loop {

static_assert(kSockStream == SOCK_STREAM);
static_assert(kSockDgram == SOCK_DGRAM);
static_assert(kSockNonblock == SOCK_NONBLOCK);
static_assert(kSockCloexec == SOCK_CLOEXEC);
static_assert(kShutRd == SHUT_RD);
static_assert(kShutWr == SHUT_WR);
static_assert(kShutRdwr == SHUT_RDWR);
static_assert(kMsgPeek == MSG_PEEK);
static_assert(kMsgTrunc == MSG_TRUNC);
static_assert(kMsgDontwait == MSG_DONTWAIT);
static_assert(kMsgNosignal == MSG_NOSIGNAL);
static_assert(kSolSocket == SOL_SOCKET);
static_assert(kSoReuseaddr == SO_REUSEADDR);
static_assert(kSoType == SO_TYPE);
static_assert(kSoError == SO_ERROR);
static_assert(kSoSndbuf == SO_SNDBUF);
static_assert(kSoRcvbuf == SO_RCVBUF);
static_assert(kSoKeepalive == SO_KEEPALIVE);
static_assert(kSoLinger == SO_LINGER);
static_assert(kSoAcceptconn == SO_ACCEPTCONN);
static_assert(kIpprotoTcp == IPPROTO_TCP);
static_assert(kTcpNodelay == TCP_NODELAY);
static_assert(kTcpKeepidle == TCP_KEEPIDLE);
static_assert(kTcpInfo == TCP_INFO);
static_assert(kEpollCtlAdd == EPOLL_CTL_ADD);
static_assert(kEpollCtlDel == EPOLL_CTL_DEL);
static_assert(kEpollCtlMod == EPOLL_CTL_MOD);
static_assert(kEpollCloexec == EPOLL_CLOEXEC);
static_assert(kEpollIn == static_cast<uint32_t>(EPOLLIN));
static_assert(kEpollPri == static_cast<uint32_t>(EPOLLPRI));
static_assert(kEpollOut == static_cast<uint32_t>(EPOLLOUT));
static_assert(kEpollErr == static_cast<uint32_t>(EPOLLERR));
static_assert(kEpollHup == static_cast<uint32_t>(EPOLLHUP));
static_assert(kEpollRdhup == static_cast<uint32_t>(EPOLLRDHUP));

static_assert(sizeof(Linger) == sizeof(linger));
static_assert(offsetof(Linger, onoff) == offsetof(linger, l_onoff));
static_assert(offsetof(Linger, seconds) == offsetof(linger, l_linger));

static_assert(static_cast<int>(Family::kUnspecified) == AF_UNSPEC);
static_assert(static_cast<int>(Family::kUnix) == AF_UNIX);
static_assert(static_cast<int>(Family::kInet) == AF_INET);
static_assert(static_cast<int>(Family::kInet6) == AF_INET6);

static_assert(static_cast<int>(Errno::kEPERM) == EPERM);
static_assert(static_cast<int>(Errno::kENOENT) == ENOENT);
static_assert(static_cast<int>(Errno::kEINTR) == EINTR);
static_assert(static_cast<int>(Errno::kEBADF) == EBADF);
static_assert(static_cast<int>(Errno::kEAGAIN) == EAGAIN);
static_assert(static_cast<int>(Errno::kENOMEM) == ENOMEM);
static_assert(static_cast<int>(Errno::kEACCES) == EACCES);
static_assert(static_cast<int>(Errno::kEFAULT) == EFAULT);
static_assert(static_cast<int>(Errno::kEEXIST) == EEXIST);
static_assert(static_cast<int>(Errno::kEINVAL) == EINVAL);
static_assert(static_cast<int>(Errno::kENFILE) == ENFILE);
static_assert(static_cast<int>(Errno::kEMFILE) == EMFILE);
static_assert(static_cast<int>(Errno::kENOTTY) == ENOTTY);
static_assert(static_cast<int>(Errno::kESPIPE) == ESPIPE);
static_assert(static_cast<int>(Errno::kEPIPE) == EPIPE);
static_assert(static_cast<int>(Errno::kELOOP) == ELOOP);
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
static_assert(static_cast<int>(Errno::kETIMEDOUT) == ETIMEDOUT);
static_assert(static_cast<int>(Errno::kECONNREFUSED) == ECONNREFUSED);
static_assert(static_cast<int>(Errno::kEHOSTUNREACH) == EHOSTUNREACH);
static_assert(static_cast<int>(Errno::kEALREADY) == EALREADY);
static_assert(static_cast<int>(Errno::kEINPROGRESS) == EINPROGRESS);

}  // namespace simloop::loop
