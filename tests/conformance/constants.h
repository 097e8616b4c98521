// Constants: the names that case files use for numbers of the socket ABI, and
// back.
#ifndef TESTS_CONFORMANCE_CONSTANTS_H_
#define TESTS_CONFORMANCE_CONSTANTS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace simloop::conformance {

// "MSG_PEEK|MSG_DONTWAIT", "SHUT_RD", "0x10", "7", "": the sum of the parts;
// nullopt if a name is not known.
std::optional<int> Flags(absl::string_view text);

// The bit of poll(2) for a descriptor that is not open; epoll has none.
inline constexpr uint32_t kPollNval = 0x20;

// "IN|OUT", as poll(2) and epoll_ctl(2) call them less their prefix.
std::optional<uint32_t> EventBits(absl::string_view text);
std::string EventText(uint32_t bits);

// The name of a tcpi_state (tcp(7), TCP_INFO): "ESTABLISHED".
std::string TcpStateName(int state);

}  // namespace simloop::conformance

#endif  // TESTS_CONFORMANCE_CONSTANTS_H_
