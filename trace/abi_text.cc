// Tables of names.
#include "trace/abi_text.h"

#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/types/span.h"
#include "loop/abi.h"

namespace simloop::trace {
namespace {

struct Name {
  int64_t number;
  absl::string_view text;
};

std::string NameOf(absl::Span<const Name> names, int64_t number) {
  for (const Name& name : names) {
    if (name.number == number) return std::string(name.text);
  }
  return absl::StrFormat("%#x", static_cast<uint64_t>(number));
}

// The names of the bits that are set, in the table's order, with `separator`
// between; "0" for none.
std::string BitsOf(absl::Span<const Name> names, uint64_t bits,
                   absl::string_view separator) {
  std::string text;
  for (const Name& name : names) {
    const uint64_t bit = static_cast<uint64_t>(name.number);
    if ((bits & bit) == 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : separator, name.text);
    bits &= ~bit;
  }
  if (bits != 0) {
    absl::StrAppend(&text, text.empty() ? "" : separator,
                    absl::StrFormat("%#x", bits));
  }
  return text.empty() ? "0" : text;
}

constexpr Name kFamilies[] = {
    {0, "AF_UNSPEC"}, {1, "AF_UNIX"}, {2, "AF_INET"}, {10, "AF_INET6"}};

constexpr Name kTypes[] = {{loop::kSockStream, "SOCK_STREAM"},
                           {loop::kSockDgram, "SOCK_DGRAM"},
                           {loop::kSockRaw, "SOCK_RAW"},
                           {loop::kSockSeqpacket, "SOCK_SEQPACKET"}};

constexpr Name kTypeFlags[] = {{loop::kSockCloexec, "SOCK_CLOEXEC"},
                               {loop::kSockNonblock, "SOCK_NONBLOCK"}};

constexpr Name kMessageFlags[] = {{loop::kMsgOob, "MSG_OOB"},
                                  {loop::kMsgPeek, "MSG_PEEK"},
                                  {loop::kMsgDontroute, "MSG_DONTROUTE"},
                                  {loop::kMsgCtrunc, "MSG_CTRUNC"},
                                  {loop::kMsgTrunc, "MSG_TRUNC"},
                                  {loop::kMsgDontwait, "MSG_DONTWAIT"},
                                  {loop::kMsgEor, "MSG_EOR"},
                                  {loop::kMsgWaitall, "MSG_WAITALL"},
                                  {loop::kMsgConfirm, "MSG_CONFIRM"},
                                  {loop::kMsgErrqueue, "MSG_ERRQUEUE"},
                                  {loop::kMsgNosignal, "MSG_NOSIGNAL"},
                                  {loop::kMsgMore, "MSG_MORE"},
                                  {loop::kMsgWaitforone, "MSG_WAITFORONE"},
                                  {loop::kMsgZerocopy, "MSG_ZEROCOPY"},
                                  {loop::kMsgFastopen, "MSG_FASTOPEN"},
                                  {loop::kMsgCmsgCloexec, "MSG_CMSG_CLOEXEC"}};

constexpr Name kHows[] = {{loop::kShutRd, "SHUT_RD"},
                          {loop::kShutWr, "SHUT_WR"},
                          {loop::kShutRdwr, "SHUT_RDWR"}};

constexpr Name kLevels[] = {{loop::kSolSocket, "SOL_SOCKET"},
                            {loop::kIpprotoIp, "SOL_IP"},
                            {loop::kIpprotoTcp, "SOL_TCP"},
                            {loop::kSolUdp, "SOL_UDP"},
                            {loop::kIpprotoIpv6, "SOL_IPV6"}};

constexpr Name kSocketOptions[] = {{loop::kSoDebug, "SO_DEBUG"},
                                   {loop::kSoReuseaddr, "SO_REUSEADDR"},
                                   {loop::kSoType, "SO_TYPE"},
                                   {loop::kSoError, "SO_ERROR"},
                                   {loop::kSoDontroute, "SO_DONTROUTE"},
                                   {loop::kSoBroadcast, "SO_BROADCAST"},
                                   {loop::kSoSndbuf, "SO_SNDBUF"},
                                   {loop::kSoRcvbuf, "SO_RCVBUF"},
                                   {loop::kSoKeepalive, "SO_KEEPALIVE"},
                                   {loop::kSoOobinline, "SO_OOBINLINE"},
                                   {loop::kSoNoCheck, "SO_NO_CHECK"},
                                   {loop::kSoPriority, "SO_PRIORITY"},
                                   {loop::kSoLinger, "SO_LINGER"},
                                   {loop::kSoBsdcompat, "SO_BSDCOMPAT"},
                                   {loop::kSoReuseport, "SO_REUSEPORT"},
                                   {loop::kSoPasscred, "SO_PASSCRED"},
                                   {loop::kSoPeercred, "SO_PEERCRED"},
                                   {loop::kSoRcvlowat, "SO_RCVLOWAT"},
                                   {loop::kSoSndlowat, "SO_SNDLOWAT"},
                                   {loop::kSoRcvtimeo, "SO_RCVTIMEO"},
                                   {loop::kSoSndtimeo, "SO_SNDTIMEO"},
                                   {loop::kSoBindtodevice, "SO_BINDTODEVICE"},
                                   {loop::kSoTimestamp, "SO_TIMESTAMP"},
                                   {loop::kSoAcceptconn, "SO_ACCEPTCONN"},
                                   {loop::kSoPeersec, "SO_PEERSEC"},
                                   {loop::kSoSndbufforce, "SO_SNDBUFFORCE"},
                                   {loop::kSoRcvbufforce, "SO_RCVBUFFORCE"},
                                   {loop::kSoPasssec, "SO_PASSSEC"},
                                   {loop::kSoTimestampns, "SO_TIMESTAMPNS"},
                                   {loop::kSoMark, "SO_MARK"},
                                   {loop::kSoProtocol, "SO_PROTOCOL"},
                                   {loop::kSoDomain, "SO_DOMAIN"},
                                   {loop::kSoRxqOvfl, "SO_RXQ_OVFL"},
                                   {loop::kSoPeekOff, "SO_PEEK_OFF"},
                                   {loop::kSoBusyPoll, "SO_BUSY_POLL"},
                                   {loop::kSoIncomingCpu, "SO_INCOMING_CPU"},
                                   {loop::kSoZerocopy, "SO_ZEROCOPY"},
                                   {loop::kSoCookie, "SO_COOKIE"}};

constexpr Name kTcpOptions[] = {
    {loop::kTcpNodelay, "TCP_NODELAY"},
    {loop::kTcpMaxseg, "TCP_MAXSEG"},
    {loop::kTcpCork, "TCP_CORK"},
    {loop::kTcpKeepidle, "TCP_KEEPIDLE"},
    {loop::kTcpKeepintvl, "TCP_KEEPINTVL"},
    {loop::kTcpKeepcnt, "TCP_KEEPCNT"},
    {loop::kTcpSyncnt, "TCP_SYNCNT"},
    {loop::kTcpLinger2, "TCP_LINGER2"},
    {loop::kTcpDeferAccept, "TCP_DEFER_ACCEPT"},
    {loop::kTcpWindowClamp, "TCP_WINDOW_CLAMP"},
    {loop::kTcpInfo, "TCP_INFO"},
    {loop::kTcpQuickack, "TCP_QUICKACK"},
    {loop::kTcpCongestion, "TCP_CONGESTION"},
    {loop::kTcpUserTimeout, "TCP_USER_TIMEOUT"},
    {loop::kTcpFastopen, "TCP_FASTOPEN"},
    {loop::kTcpNotsentLowat, "TCP_NOTSENT_LOWAT"},
    {loop::kTcpFastopenConnect, "TCP_FASTOPEN_CONNECT"},
    {loop::kTcpFastopenNoCookie, "TCP_FASTOPEN_NO_COOKIE"},
    {loop::kTcpInq, "TCP_INQ"}};

constexpr Name kIpOptions[] = {
    {loop::kIpTos, "IP_TOS"},
    {loop::kIpTtl, "IP_TTL"},
    {loop::kIpOptions, "IP_OPTIONS"},
    {loop::kIpRecvopts, "IP_RECVOPTS"},
    {loop::kIpPktinfo, "IP_PKTINFO"},
    {loop::kIpMtuDiscover, "IP_MTU_DISCOVER"},
    {loop::kIpRecverr, "IP_RECVERR"},
    {loop::kIpRecvttl, "IP_RECVTTL"},
    {loop::kIpRecvtos, "IP_RECVTOS"},
    {loop::kIpMtu, "IP_MTU"},
    {loop::kIpFreebind, "IP_FREEBIND"},
    {loop::kIpTransparent, "IP_TRANSPARENT"},
    {loop::kIpMinttl, "IP_MINTTL"},
    {loop::kIpBindAddressNoPort, "IP_BIND_ADDRESS_NO_PORT"},
    {loop::kIpMulticastIf, "IP_MULTICAST_IF"},
    {loop::kIpMulticastTtl, "IP_MULTICAST_TTL"},
    {loop::kIpMulticastLoop, "IP_MULTICAST_LOOP"},
    {loop::kIpAddMembership, "IP_ADD_MEMBERSHIP"},
    {loop::kIpDropMembership, "IP_DROP_MEMBERSHIP"}};

constexpr Name kIpv6Options[] = {
    {loop::kIpv6V6only, "IPV6_V6ONLY"},
    {loop::kIpv6UnicastHops, "IPV6_UNICAST_HOPS"},
    {loop::kIpv6MulticastHops, "IPV6_MULTICAST_HOPS"},
    {loop::kIpv6MulticastLoop, "IPV6_MULTICAST_LOOP"},
    {loop::kIpv6MulticastIf, "IPV6_MULTICAST_IF"},
    {loop::kIpv6Recverr, "IPV6_RECVERR"},
    {loop::kIpv6Recvpktinfo, "IPV6_RECVPKTINFO"},
    {loop::kIpv6Recvhoplimit, "IPV6_RECVHOPLIMIT"},
    {loop::kIpv6MtuDiscover, "IPV6_MTU_DISCOVER"},
    {loop::kIpv6Mtu, "IPV6_MTU"},
    {loop::kIpv6Tclass, "IPV6_TCLASS"},
    {loop::kIpv6Recvtclass, "IPV6_RECVTCLASS"},
    {loop::kIpv6Dontfrag, "IPV6_DONTFRAG"}};

constexpr Name kUdpOptions[] = {{loop::kUdpCork, "UDP_CORK"},
                                {loop::kUdpSegment, "UDP_SEGMENT"},
                                {loop::kUdpGro, "UDP_GRO"}};

constexpr Name kEpollOps[] = {{loop::kEpollCtlAdd, "EPOLL_CTL_ADD"},
                              {loop::kEpollCtlDel, "EPOLL_CTL_DEL"},
                              {loop::kEpollCtlMod, "EPOLL_CTL_MOD"}};

constexpr Name kEpollEvents[] = {{loop::kEpollIn, "EPOLLIN"},
                                 {loop::kEpollPri, "EPOLLPRI"},
                                 {loop::kEpollOut, "EPOLLOUT"},
                                 {loop::kEpollErr, "EPOLLERR"},
                                 {loop::kEpollHup, "EPOLLHUP"},
                                 {loop::kEpollRdhup, "EPOLLRDHUP"},
                                 {loop::kPollNval, "EPOLLNVAL"},
                                 {loop::kEpollRdnorm, "EPOLLRDNORM"},
                                 {loop::kEpollRdband, "EPOLLRDBAND"},
                                 {loop::kEpollWrnorm, "EPOLLWRNORM"},
                                 {loop::kEpollWrband, "EPOLLWRBAND"},
                                 {loop::kEpollMsg, "EPOLLMSG"},
                                 {loop::kEpollExclusive, "EPOLLEXCLUSIVE"},
                                 {loop::kEpollWakeup, "EPOLLWAKEUP"},
                                 {loop::kEpollOneshot, "EPOLLONESHOT"},
                                 {loop::kEpollEt, "EPOLLET"}};

constexpr Name kProtocols[] = {{loop::kIpprotoIcmp, "ICMP"},
                               {loop::kIpprotoTcp, "TCP"},
                               {loop::kIpprotoUdp, "UDP"}};

constexpr Name kFcntlCommands[] = {{loop::kFDupfd, "F_DUPFD"},
                                   {loop::kFGetfd, "F_GETFD"},
                                   {loop::kFSetfd, "F_SETFD"},
                                   {loop::kFGetfl, "F_GETFL"},
                                   {loop::kFSetfl, "F_SETFL"},
                                   {loop::kFDupfdCloexec, "F_DUPFD_CLOEXEC"},
                                   {loop::kFSetpipeSz, "F_SETPIPE_SZ"},
                                   {loop::kFGetpipeSz, "F_GETPIPE_SZ"}};

constexpr Name kIoctlRequests[] = {
    {loop::kFionread, "FIONREAD"}, {loop::kFionbio, "FIONBIO"},
    {loop::kFioasync, "FIOASYNC"}, {loop::kSiocatmark, "SIOCATMARK"},
    {loop::kSiocoutq, "SIOCOUTQ"}, {loop::kSiocoutqnsd, "SIOCOUTQNSD"}};

constexpr Name kClocks[] = {{loop::kClockRealtime, "CLOCK_REALTIME"},
                            {loop::kClockMonotonic, "CLOCK_MONOTONIC"},
                            {loop::kClockBoottime, "CLOCK_BOOTTIME"}};

// RFC 9293 section 3.1; written in the order people say them.
constexpr Name kTcpFlags[] = {{0x02, "SYN"}, {0x01, "FIN"}, {0x04, "RST"},
                              {0x08, "PSH"}, {0x10, "ACK"}, {0x20, "URG"}};

}  // namespace

std::string FamilyText(int64_t family) { return NameOf(kFamilies, family); }

std::string SocketTypeText(int64_t type) {
  const int64_t flags = loop::kSockNonblock | loop::kSockCloexec;
  std::string text = NameOf(kTypes, type & ~flags);
  if ((type & flags) != 0) {
    absl::StrAppend(&text, "|", AcceptFlagsText(type & flags));
  }
  return text;
}

std::string AcceptFlagsText(int64_t flags) {
  return BitsOf(kTypeFlags, static_cast<uint64_t>(flags), "|");
}

std::string MessageFlagsText(int64_t flags) {
  return BitsOf(kMessageFlags, static_cast<uint64_t>(flags), "|");
}

std::string HowText(int64_t how) { return NameOf(kHows, how); }

std::string LevelText(int64_t level) { return NameOf(kLevels, level); }

std::string OptionText(int64_t level, int64_t name) {
  if (level == loop::kSolSocket) return NameOf(kSocketOptions, name);
  if (level == loop::kIpprotoTcp) return NameOf(kTcpOptions, name);
  if (level == loop::kIpprotoIp) return NameOf(kIpOptions, name);
  if (level == loop::kIpprotoIpv6) return NameOf(kIpv6Options, name);
  if (level == loop::kSolUdp) return NameOf(kUdpOptions, name);
  return NameOf({}, name);
}

std::string EpollOpText(int64_t op) { return NameOf(kEpollOps, op); }

std::string EpollEventsText(uint32_t events) {
  return BitsOf(kEpollEvents, events, "|");
}

std::string SockaddrText(const loop::Address& address) {
  switch (address.family) {
    case loop::Family::kInet:
      return absl::StrCat("{sa_family=AF_INET, sin_port=htons(", address.port,
                          "), sin_addr=inet_addr(\"",
                          address.ip.v4().ToString(), "\")}");
    case loop::Family::kInet6:
      return absl::StrCat("{sa_family=AF_INET6, sin6_port=htons(", address.port,
                          "), inet_pton(AF_INET6, \"", address.ip.ToString6(),
                          "\", &sin6_addr)}");
    case loop::Family::kUnix:
      if (address.path.empty()) break;
      return absl::StrCat(
          "{sa_family=AF_UNIX, sun_path=", address.is_abstract() ? "@" : "",
          QuotedText(address.path.substr(address.is_abstract() ? 1 : 0)), "}");
    case loop::Family::kUnspecified:
      break;
  }
  return absl::StrCat(
      "{sa_family=", FamilyText(static_cast<int64_t>(address.family)), "}");
}

std::string ProtocolText(int64_t protocol) {
  return NameOf(kProtocols, protocol);
}

std::string FcntlCommandText(int64_t command) {
  return NameOf(kFcntlCommands, command);
}

std::string IoctlRequestText(int64_t request) {
  return NameOf(kIoctlRequests, request);
}

std::string ClockText(int64_t clock) { return NameOf(kClocks, clock); }

std::string PollEventsText(uint32_t events) {
  return absl::StrReplaceAll(EpollEventsText(events), {{"EPOLL", "POLL"}});
}

std::string TcpFlagsText(uint8_t flags) {
  return flags == 0 ? "no flags" : BitsOf(kTcpFlags, flags, " ");
}

std::string QuotedText(absl::string_view bytes) {
  return absl::StrCat("\"", absl::CHexEscape(bytes), "\"");
}

}  // namespace simloop::trace
