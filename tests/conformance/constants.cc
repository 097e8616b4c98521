#include "tests/conformance/constants.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "loop/abi.h"
#include "loop/address.h"

namespace simloop::conformance {
namespace {

struct Name {
  absl::string_view text;
  int number;
};

constexpr Name kNames[] = {
    {"AF_UNSPEC", static_cast<int>(loop::Family::kUnspecified)},
    {"AF_UNIX", static_cast<int>(loop::Family::kUnix)},
    {"AF_INET", static_cast<int>(loop::Family::kInet)},
    {"AF_INET6", static_cast<int>(loop::Family::kInet6)},
    {"SOCK_STREAM", loop::kSockStream},
    {"SOCK_DGRAM", loop::kSockDgram},
    {"SOCK_SEQPACKET", 5},
    {"SOCK_NONBLOCK", loop::kSockNonblock},
    {"SOCK_CLOEXEC", loop::kSockCloexec},
    {"SHUT_RD", loop::kShutRd},
    {"SHUT_WR", loop::kShutWr},
    {"SHUT_RDWR", loop::kShutRdwr},
    {"MSG_PEEK", loop::kMsgPeek},
    {"MSG_TRUNC", loop::kMsgTrunc},
    {"MSG_DONTWAIT", loop::kMsgDontwait},
    {"MSG_NOSIGNAL", loop::kMsgNosignal},
    {"SOL_SOCKET", loop::kSolSocket},
    {"SO_REUSEADDR", loop::kSoReuseaddr},
    {"SO_TYPE", loop::kSoType},
    {"SO_ERROR", loop::kSoError},
    {"SO_SNDBUF", loop::kSoSndbuf},
    {"SO_RCVBUF", loop::kSoRcvbuf},
    {"SO_KEEPALIVE", loop::kSoKeepalive},
    {"SO_LINGER", loop::kSoLinger},
    {"SO_ACCEPTCONN", loop::kSoAcceptconn},
    {"IPPROTO_TCP", loop::kIpprotoTcp},
    {"TCP_NODELAY", loop::kTcpNodelay},
    {"TCP_KEEPIDLE", loop::kTcpKeepidle},
    {"TCP_INFO", loop::kTcpInfo},
    {"EPOLL_CTL_ADD", loop::kEpollCtlAdd},
    {"EPOLL_CTL_DEL", loop::kEpollCtlDel},
    {"EPOLL_CTL_MOD", loop::kEpollCtlMod},
    {"EPOLL_CLOEXEC", loop::kEpollCloexec},
};

// In the order in which they are written.
constexpr Name kEvents[] = {
    {"IN", loop::kEpollIn},   {"PRI", loop::kEpollPri},
    {"OUT", loop::kEpollOut}, {"RDHUP", loop::kEpollRdhup},
    {"ERR", loop::kEpollErr}, {"HUP", loop::kEpollHup},
    {"NVAL", kPollNval},
};

constexpr absl::string_view kStates[] = {
    "?",         "ESTABLISHED", "SYN_SENT",    "SYN_RECV",   "FIN_WAIT1",
    "FIN_WAIT2", "TIME_WAIT",   "CLOSE",       "CLOSE_WAIT", "LAST_ACK",
    "LISTEN",    "CLOSING",     "NEW_SYN_RECV"};

template <size_t size>
std::optional<int> Sum(const Name (&names)[size], absl::string_view text) {
  int sum = 0;
  for (absl::string_view part : absl::StrSplit(text, '|', absl::SkipEmpty())) {
    int number = 0;
    bool known =
        absl::SimpleAtoi(part, &number) || absl::SimpleHexAtoi(part, &number);
    for (const Name& name : names) {
      if (name.text != part) continue;
      number = name.number;
      known = true;
    }
    if (!known) return std::nullopt;
    sum += number;
  }
  return sum;
}

}  // namespace

std::optional<int> Flags(absl::string_view text) { return Sum(kNames, text); }

std::optional<uint32_t> EventBits(absl::string_view text) {
  const std::optional<int> sum = Sum(kEvents, text);
  if (!sum.has_value()) return std::nullopt;
  return static_cast<uint32_t>(*sum);
}

std::string EventText(uint32_t bits) {
  std::vector<absl::string_view> parts;
  for (const Name& name : kEvents) {
    if ((bits & static_cast<uint32_t>(name.number)) != 0) {
      parts.push_back(name.text);
    }
  }
  return absl::StrJoin(parts, "|");
}

std::string TcpStateName(int state) {
  const bool known = state > 0 && state < static_cast<int>(std::size(kStates));
  return known ? std::string(kStates[state]) : absl::StrCat(state);
}

}  // namespace simloop::conformance
