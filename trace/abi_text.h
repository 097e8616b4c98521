// The numbers of loop/abi.h as the manual writes them: SOCK_STREAM,
// SO_REUSEADDR, EPOLLIN|EPOLLHUP. A number without a name is written in hex.
#ifndef TRACE_ABI_TEXT_H_
#define TRACE_ABI_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "loop/address.h"

namespace simloop::trace {

std::string FamilyText(int64_t family);               // "AF_INET"
std::string SocketTypeText(int64_t type);             // "SOCK_STREAM|..."
std::string AcceptFlagsText(int64_t flags);           // "SOCK_NONBLOCK|..."
std::string MessageFlagsText(int64_t flags);          // "MSG_PEEK"
std::string HowText(int64_t how);                     // "SHUT_WR"
std::string LevelText(int64_t level);                 // "SOL_SOCKET"
std::string OptionText(int64_t level, int64_t name);  // "SO_ERROR"
std::string EpollOpText(int64_t op);                  // "EPOLL_CTL_ADD"
std::string EpollEventsText(uint32_t events);         // "EPOLLIN|EPOLLHUP"
// "{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"0.0.0.0\")}"
std::string SockaddrText(const loop::Address& address);
// The flags of a TCP header: "SYN ACK".
std::string TcpFlagsText(uint8_t flags);
// The name of an IP protocol: "UDP".
std::string ProtocolText(int64_t protocol);
std::string FcntlCommandText(int64_t command);  // "F_GETFL"
std::string IoctlRequestText(int64_t request);  // "FIONREAD"
std::string ClockText(int64_t clock);           // "CLOCK_MONOTONIC"
std::string PollEventsText(uint32_t events);    // "POLLIN|POLLHUP"
// In double quotes, with C's escapes.
std::string QuotedText(absl::string_view bytes);

}  // namespace simloop::trace

#endif  // TRACE_ABI_TEXT_H_
