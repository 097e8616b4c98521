// Socket's options: getsockopt(2) and setsockopt(2) of socket(7) and tcp(7).

#include <algorithm>
#include <cstring>

#include "loop/abi.h"
#include "sim/host.h"
#include "sim/tcp/socket.h"
#include "sim/tcp/stack.h"

namespace simloop::sim::tcp {
namespace {

using loop::Errno;

// Linux's least sizes, after doubling (socket(7), SO_SNDBUF and SO_RCVBUF).
constexpr int kLeastSendBuffer = 4608;
constexpr int kLeastReceiveBuffer = 2304;
// net.core.wmem_max and rmem_max, before doubling.
constexpr int kMostBuffer = 4'194'304;
// tcp_wmem[1], tcp_rmem[1]: what is answered while nothing was set.
constexpr int kDefaultSendBuffer = 16384;
constexpr int kDefaultReceiveBuffer = 131072;
// No option's value is -1 here.
constexpr int kUnknown = -1;

// A negative size is a huge one: Linux compares as unsigned
// (sock_setsockopt()).
int Doubled(int value, int least) {
  if (value < 0 || value > kMostBuffer) value = kMostBuffer;
  return std::max(2 * value, least);
}

}  // namespace

int Socket::IntOption(int level, int name) const {
  if (level == loop::kIpprotoTcp) {
    if (name == loop::kTcpNodelay) return connection_->sender().nodelay();
    if (name == loop::kTcpKeepidle)
      return connection_->options.keep_idle_seconds;
    return kUnknown;
  }
  switch (name) {
    case loop::kSoReuseaddr:
      return connection_->port_use().reuse;
    case loop::kSoType:
      return loop::kSockStream;
    case loop::kSoKeepalive:
      return connection_->options.keepalive;
    case loop::kSoAcceptconn:
      return listener_ != nullptr;
    case loop::kSoSndbuf:
      return connection_->options.send_buffer > 0
                 ? connection_->options.send_buffer
                 : kDefaultSendBuffer;
    case loop::kSoRcvbuf:
      return connection_->options.receive_buffer > 0
                 ? connection_->options.receive_buffer
                 : kDefaultReceiveBuffer;
    default:
      return kUnknown;
  }
}

loop::Result<size_t> Socket::Getsockopt(int level, int name,
                                        absl::Span<char> value) {
  if (level != loop::kSolSocket && level != loop::kIpprotoTcp) {
    return Errno::kENOPROTOOPT;
  }
  if (level == loop::kSolSocket && name == loop::kSoLinger) {
    const size_t size = std::min(value.size(), sizeof(loop::Linger));
    std::memcpy(value.data(), &connection_->options.linger, size);
    return size;
  }
  if (level == loop::kIpprotoTcp && name == loop::kTcpInfo) {
    // struct tcp_info begins with tcpi_state; the rest is not modelled, 0.
    std::fill(value.begin(), value.end(), 0);
    if (!value.empty()) value[0] = static_cast<char>(StateNumber(state()));
    return value.size();
  }
  int number = 0;
  if (level == loop::kSolSocket && name == loop::kSoError) {
    number = static_cast<int>(connection_->TakeError());
  } else {
    number = IntOption(level, name);
    if (number == kUnknown) return Errno::kENOPROTOOPT;
  }
  const size_t size = std::min(value.size(), sizeof number);
  std::memcpy(value.data(), &number, size);
  return size;
}

loop::Result<void> Socket::Setsockopt(int level, int name,
                                      absl::Span<const char> value) {
  if (level != loop::kSolSocket && level != loop::kIpprotoTcp) {
    return Errno::kENOPROTOOPT;
  }
  if (level == loop::kSolSocket && name == loop::kSoLinger) {
    if (value.size() < sizeof(loop::Linger)) return Errno::kEINVAL;
    std::memcpy(&connection_->options.linger, value.data(),
                sizeof(loop::Linger));
    return {};
  }
  int number = 0;
  if (value.size() < sizeof number) return Errno::kEINVAL;
  std::memcpy(&number, value.data(), sizeof number);
  if (level == loop::kIpprotoTcp) {
    if (name == loop::kTcpNodelay) {
      connection_->sender().SetNodelay(number != 0);
      return {};
    }
    if (name == loop::kTcpKeepidle) {
      if (number < 1 || number > 32767) return Errno::kEINVAL;
      connection_->options.keep_idle_seconds = number;
      return {};
    }
    return Errno::kENOPROTOOPT;
  }
  switch (name) {
    case loop::kSoReuseaddr:
      connection_->port_use().reuse = number != 0;
      return {};
    case loop::kSoKeepalive:
      connection_->options.keepalive = number != 0;
      return {};
    case loop::kSoSndbuf:
      connection_->options.send_buffer = Doubled(number, kLeastSendBuffer);
      connection_->sender().SetLimit(connection_->options.send_buffer);
      return {};
    case loop::kSoRcvbuf:
      connection_->options.receive_buffer =
          Doubled(number, kLeastReceiveBuffer);
      connection_->receiver().SetLimit(connection_->options.receive_buffer);
      return {};
    default:
      return Errno::kENOPROTOOPT;
  }
}

}  // namespace simloop::sim::tcp
