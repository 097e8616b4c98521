// Tables of names.
#include "trace/abi_text.h"

#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
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
                           {loop::kSockDgram, "SOCK_DGRAM"}};

constexpr Name kTypeFlags[] = {{loop::kSockCloexec, "SOCK_CLOEXEC"},
                               {loop::kSockNonblock, "SOCK_NONBLOCK"}};

constexpr Name kMessageFlags[] = {{loop::kMsgPeek, "MSG_PEEK"},
                                  {loop::kMsgTrunc, "MSG_TRUNC"},
                                  {loop::kMsgDontwait, "MSG_DONTWAIT"},
                                  {loop::kMsgNosignal, "MSG_NOSIGNAL"}};

constexpr Name kHows[] = {{loop::kShutRd, "SHUT_RD"},
                          {loop::kShutWr, "SHUT_WR"},
                          {loop::kShutRdwr, "SHUT_RDWR"}};

constexpr Name kLevels[] = {{loop::kSolSocket, "SOL_SOCKET"},
                            {loop::kIpprotoTcp, "SOL_TCP"}};

constexpr Name kSocketOptions[] = {{loop::kSoReuseaddr, "SO_REUSEADDR"},
                                   {loop::kSoType, "SO_TYPE"},
                                   {loop::kSoError, "SO_ERROR"},
                                   {loop::kSoSndbuf, "SO_SNDBUF"},
                                   {loop::kSoRcvbuf, "SO_RCVBUF"},
                                   {loop::kSoKeepalive, "SO_KEEPALIVE"},
                                   {loop::kSoLinger, "SO_LINGER"},
                                   {loop::kSoAcceptconn, "SO_ACCEPTCONN"}};

constexpr Name kTcpOptions[] = {{loop::kTcpNodelay, "TCP_NODELAY"},
                                {loop::kTcpKeepidle, "TCP_KEEPIDLE"},
                                {loop::kTcpInfo, "TCP_INFO"}};

constexpr Name kEpollOps[] = {{loop::kEpollCtlAdd, "EPOLL_CTL_ADD"},
                              {loop::kEpollCtlDel, "EPOLL_CTL_DEL"},
                              {loop::kEpollCtlMod, "EPOLL_CTL_MOD"}};

constexpr Name kEpollEvents[] = {
    {loop::kEpollIn, "EPOLLIN"},   {loop::kEpollPri, "EPOLLPRI"},
    {loop::kEpollOut, "EPOLLOUT"}, {loop::kEpollErr, "EPOLLERR"},
    {loop::kEpollHup, "EPOLLHUP"}, {loop::kEpollRdhup, "EPOLLRDHUP"}};

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
  return NameOf({}, name);
}

std::string EpollOpText(int64_t op) { return NameOf(kEpollOps, op); }

std::string EpollEventsText(uint32_t events) {
  return BitsOf(kEpollEvents, events, "|");
}

std::string SockaddrText(const loop::Address& address) {
  if (address.family != loop::Family::kInet) {
    return absl::StrCat(
        "{sa_family=", FamilyText(static_cast<int64_t>(address.family)), "}");
  }
  return absl::StrCat("{sa_family=AF_INET, sin_port=htons(", address.port,
                      "), sin_addr=inet_addr(\"", address.ip.ToString(),
                      "\")}");
}

std::string TcpFlagsText(uint8_t flags) {
  return flags == 0 ? "no flags" : BitsOf(kTcpFlags, flags, " ");
}

std::string QuotedText(absl::string_view bytes) {
  return absl::StrCat("\"", absl::CHexEscape(bytes), "\"");
}

}  // namespace simloop::trace
