// The numbers of socket options and control messages that the simulated kernel
// knows beside those of loop/abi.h (Linux's asm/socket.h, linux/in.h,
// linux/in6.h, linux/tcp.h).
#ifndef SIM_OPTION_NAMES_H_
#define SIM_OPTION_NAMES_H_

namespace simloop::sim {

// SOL_SOCKET.
inline constexpr int kSoWifiStatus = 41;
inline constexpr int kSoNofcs = 43;
inline constexpr int kSoLockFilter = 44;
inline constexpr int kSoSelectErrQueue = 45;
inline constexpr int kSoMaxPacingRate = 47;
inline constexpr int kSoCnxAdvice = 53;
inline constexpr int kSoIncomingNapiId = 56;
inline constexpr int kSoBindtoifindex = 62;
inline constexpr int kSoTimestampNew = 63;
inline constexpr int kSoTimestampnsNew = 64;
inline constexpr int kSoRcvtimeoNew = 66;
inline constexpr int kSoSndtimeoNew = 67;
inline constexpr int kSoPreferBusyPoll = 69;
inline constexpr int kSoBusyPollBudget = 70;
inline constexpr int kSoBufLock = 72;
inline constexpr int kSoReserveMem = 73;
inline constexpr int kSoTxrehash = 74;
inline constexpr int kSoRcvmark = 75;
inline constexpr int kSoPasspidfd = 76;
inline constexpr int kSoRcvpriority = 82;
inline constexpr int kSoPassrights = 83;

// IPPROTO_IP.
inline constexpr int kIpHdrincl = 3;
inline constexpr int kIpRouterAlert = 5;
inline constexpr int kIpRetopts = 7;
inline constexpr int kIpPktoptions = 9;
inline constexpr int kIpPasssec = 18;
inline constexpr int kIpRecvorigdstaddr = 20;
inline constexpr int kIpNodefrag = 22;
inline constexpr int kIpChecksum = 23;
inline constexpr int kIpRecvfragsize = 25;
inline constexpr int kIpRecverrRfc4884 = 26;
inline constexpr int kIpMulticastAll = 49;
inline constexpr int kIpUnicastIf = 50;
inline constexpr int kIpLocalPortRange = 51;
inline constexpr int kIpProtocol = 52;

// IPPROTO_IPV6.
inline constexpr int kIpv62292Pktinfo = 2;
inline constexpr int kIpv62292Hopopts = 3;
inline constexpr int kIpv62292Dstopts = 4;
inline constexpr int kIpv62292Rthdr = 5;
inline constexpr int kIpv62292Hoplimit = 8;
inline constexpr int kIpv6Flowinfo = 11;
inline constexpr int kIpv6AddMembership = 20;
inline constexpr int kIpv6DropMembership = 21;
inline constexpr int kIpv6RouterAlert = 22;
inline constexpr int kIpv6MulticastAll = 29;
inline constexpr int kIpv6RouterAlertIsolate = 30;
inline constexpr int kIpv6RecverrRfc4884 = 31;
inline constexpr int kIpv6FlowinfoSend = 33;
inline constexpr int kIpv6Pktinfo = 50;
inline constexpr int kIpv6Hoplimit = 52;
inline constexpr int kIpv6Recvhopopts = 53;
inline constexpr int kIpv6Recvrthdr = 56;
inline constexpr int kIpv6Recvdstopts = 58;
inline constexpr int kIpv6Recvpathmtu = 60;
inline constexpr int kIpv6Autoflowlabel = 70;
inline constexpr int kIpv6Minhopcount = 73;
inline constexpr int kIpv6Recvorigdstaddr = 74;
inline constexpr int kIpv6Transparent = 75;
inline constexpr int kIpv6UnicastIf = 76;
inline constexpr int kIpv6Recvfragsize = 77;
inline constexpr int kIpv6Freebind = 78;

// IPPROTO_TCP.
inline constexpr int kTcpThinLinearTimeouts = 16;
inline constexpr int kTcpThinDupack = 17;
inline constexpr int kTcpRepair = 19;
inline constexpr int kTcpRepairQueue = 20;
inline constexpr int kTcpQueueSeq = 21;
inline constexpr int kTcpTimestamp = 24;
inline constexpr int kTcpCcInfo = 26;
inline constexpr int kTcpSaveSyn = 27;
inline constexpr int kTcpSavedSyn = 28;
inline constexpr int kTcpUlp = 31;
inline constexpr int kTcpFastopenKey = 33;

}  // namespace simloop::sim

#endif  // SIM_OPTION_NAMES_H_
