// A UDP socket that is connected to one peer.
#include <optional>
#include <string>

#include "loop/kernel.h"
#include "net/datagram_socket.h"

namespace simloop::net {

using loop::Address;

void DatagramSocket::Connect(uint16_t port, absl::string_view address) {
  if (port == 0) throw BadPort("type number (0)");
  CheckRunning();
  if (peer_ != Peer::kNone) {
    throw Error("ERR_SOCKET_DGRAM_IS_CONNECTED", "Already connected");
  }
  peer_ = Peer::kConnecting;
  WhenBound(
      [this, port, host = std::string(address)] { ConnectNow(port, host); });
}

void DatagramSocket::ConnectNow(uint16_t port, absl::string_view host) {
  if (host.empty()) host = options_.ipv6 ? "::1" : "127.0.0.1";
  LookUp(host, port, [this](const Error* error, const Address& to) {
    std::optional<Error> failure;
    if (error != nullptr) {
      failure = *error;
    } else {
      const auto connected = stack_->kernel().Connect(fd_, to);
      if (!connected.ok()) {
        failure =
            AddressError(stack_->quirks(), connected.error(), "connect", to);
      }
    }
    peer_ = failure.has_value() ? Peer::kNone : Peer::kConnected;
    stack_->loop().NextTick([self = shared_from_this(), failure] {
      if (failure.has_value()) {
        self->EmitError(*failure);
      } else {
        self->on.connect.Emit();
      }
    });
  });
}

void DatagramSocket::Disconnect() {
  CheckRunning();
  if (peer_ != Peer::kConnected) {
    throw Error("ERR_SOCKET_DGRAM_NOT_CONNECTED", "Not connected");
  }
  const auto done = stack_->kernel().Connect(fd_, Address::Unspecified());
  if (!done.ok()) {
    throw SystemError(stack_->quirks(), done.error(), "connect");
  }
  peer_ = Peer::kNone;
}

}  // namespace simloop::net
