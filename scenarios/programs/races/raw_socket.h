// RawSocket: what the programs that are written against the system calls
// share: a listener, and errors thrown as Node throws them.
#ifndef SCENARIOS_PROGRAMS_RACES_RAW_SOCKET_H_
#define SCENARIOS_PROGRAMS_RACES_RAW_SOCKET_H_

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "loop/kernel.h"
#include "loop/socket_option.h"
#include "net/error.h"

namespace simloop::scenarios {

// Throws net::Error for an error of `call`.
inline void Require(const loop::Result<void>& result, absl::string_view call) {
  if (result.ok()) return;
  throw net::Error(result.error(), call,
                   absl::StrCat(call, " ", loop::ErrnoName(result.error())));
}

template <typename T>
T Require(const loop::Result<T>& result, absl::string_view call) {
  if (!result.ok()) Require(loop::Result<void>(result.error()), call);
  return *result;
}

inline loop::Fd NewSocket(loop::Kernel& kernel) {
  return Require(
      kernel.Socket(
          loop::Family::kInet,
          loop::kSockStream | loop::kSockNonblock | loop::kSockCloexec, 0),
      "socket");
}

// Listens on `port` of all addresses.
inline loop::Fd ListenOn(loop::Kernel& kernel, uint16_t port) {
  const loop::Fd fd = NewSocket(kernel);
  Require(
      loop::SetIntOption(kernel, fd, loop::kSolSocket, loop::kSoReuseaddr, 1),
      "setsockopt");
  Require(kernel.Bind(fd, loop::Address::Inet(loop::Ipv4::Any(), port)),
          "bind");
  Require(kernel.Listen(fd, 128), "listen");
  return fd;
}

}  // namespace simloop::scenarios

#endif  // SCENARIOS_PROGRAMS_RACES_RAW_SOCKET_H_
