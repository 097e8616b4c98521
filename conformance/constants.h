// Constants: the names that case files use for numbers of the socket ABI, and
// back.
#ifndef CONFORMANCE_CONSTANTS_H_
#define CONFORMANCE_CONSTANTS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace simloop::conformance {

// "MSG_PEEK|MSG_DONTWAIT", "O_RDWR|0x40", "7", "": the sum of the parts, of
// which equal ones count once; nullopt if a part is neither a known name nor a
// number.
std::optional<int> Flags(absl::string_view text);

// "IN|OUT", as poll(2) and epoll_ctl(2) call them less their prefix; parts may
// be numbers.
std::optional<uint32_t> EventBits(absl::string_view text);
// Bits without a name are left out.
std::string EventText(uint32_t bits);

// The name of a tcpi_state (tcp(7), TCP_INFO): "ESTABLISHED".
std::string TcpStateName(int state);

// The name of an error number: "EAGAIN", or its digits.
std::string ErrorName(int64_t number);

}  // namespace simloop::conformance

#endif  // CONFORMANCE_CONSTANTS_H_
