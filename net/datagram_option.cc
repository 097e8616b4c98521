// A UDP socket's addresses and options.
#include "loop/abi.h"
#include "loop/kernel.h"
#include "loop/socket_option.h"
#include "net/datagram_socket.h"

namespace simloop::net {
namespace {

using loop::Address;
using loop::Errno;
using loop::Ip;

// struct ip_mreq of ip(7): two addresses in network byte order.
void PutIpv4(loop::Ipv4 ip, char* to) {
  for (int i = 0; i < 4; ++i) {
    to[i] = static_cast<char>(ip.bits >> (8 * (3 - i)) & 0xff);
  }
}

void PutIpv6(const Ip& ip, char* to) {
  for (int i = 0; i < 8; ++i) {
    to[i] = static_cast<char>(ip.high() >> (8 * (7 - i)) & 0xff);
    to[8 + i] = static_cast<char>(ip.low() >> (8 * (7 - i)) & 0xff);
  }
}

}  // namespace

Address DatagramSocket::address() {
  CheckRunning();
  if (!fd_.valid()) {
    throw SystemError(stack_->quirks(), Errno::kEBADF, "getsockname");
  }
  const auto address = stack_->kernel().Getsockname(fd_);
  if (!address.ok()) {
    throw SystemError(stack_->quirks(), address.error(), "getsockname");
  }
  return *address;
}

Address DatagramSocket::remote_address() {
  CheckRunning();
  if (peer_ != Peer::kConnected) {
    throw Error("ERR_SOCKET_DGRAM_NOT_CONNECTED", "Not connected");
  }
  const auto address = stack_->kernel().Getpeername(fd_);
  if (!address.ok()) {
    throw SystemError(stack_->quirks(), address.error(), "getpeername");
  }
  return *address;
}

Error DatagramSocket::OptionError(Errno error, int level,
                                  absl::string_view call) const {
  return level == loop::kSolSocket && call != "setBroadcast"
             ? BufferSizeError(error, call)
             : SystemError(stack_->quirks(), error, call);
}

void DatagramSocket::SetInt(int level, int name, int value,
                            absl::string_view call) {
  CheckRunning();
  const Errno error = fd_.valid() ? loop::SetIntOption(stack_->kernel(), fd_,
                                                       level, name, value)
                                        .error()
                                  : Errno::kEBADF;
  if (error != Errno::kOk) throw OptionError(error, level, call);
}

int DatagramSocket::GetInt(int level, int name, absl::string_view call) {
  CheckRunning();
  const loop::Result<int> value =
      fd_.valid() ? loop::GetIntOption(stack_->kernel(), fd_, level, name)
                  : loop::Result<int>(Errno::kEBADF);
  if (!value.ok()) throw OptionError(value.error(), level, call);
  return *value;
}

// What libuv looks at before there is a descriptor.
void DatagramSocket::RequireRange(int value, int least,
                                  absl::string_view call) {
  CheckRunning();
  if (value >= least && value <= 255) return;
  throw SystemError(stack_->quirks(), Errno::kEINVAL, call);
}

void DatagramSocket::SetBroadcast(bool on) {
  SetInt(loop::kSolSocket, loop::kSoBroadcast, on ? 1 : 0, "setBroadcast");
}

void DatagramSocket::SetTtl(int ttl) {
  RequireRange(ttl, 1, "setTTL");
  if (options_.ipv6) {
    SetInt(loop::kIpprotoIpv6, loop::kIpv6UnicastHops, ttl, "setTTL");
  } else {
    SetInt(loop::kIpprotoIp, loop::kIpTtl, ttl, "setTTL");
  }
}

void DatagramSocket::SetMulticastTtl(int ttl) {
  RequireRange(ttl, 0, "setMulticastTTL");
  if (options_.ipv6) {
    SetInt(loop::kIpprotoIpv6, loop::kIpv6MulticastHops, ttl,
           "setMulticastTTL");
  } else {
    SetInt(loop::kIpprotoIp, loop::kIpMulticastTtl, ttl, "setMulticastTTL");
  }
}

void DatagramSocket::SetMulticastLoopback(bool on) {
  if (options_.ipv6) {
    SetInt(loop::kIpprotoIpv6, loop::kIpv6MulticastLoop, on ? 1 : 0,
           "setMulticastLoopback");
  } else {
    SetInt(loop::kIpprotoIp, loop::kIpMulticastLoop, on ? 1 : 0,
           "setMulticastLoopback");
  }
}

void DatagramSocket::SetMulticastInterface(absl::string_view address) {
  CheckRunning();
  const auto ip = Ip::Parse(address);
  Errno error = Errno::kOk;
  if (!ip.has_value()) {
    error = Errno::kEINVAL;
  } else if (!fd_.valid()) {
    error = Errno::kEBADF;
  } else if (ip->is_v4() == options_.ipv6) {
    error = Errno::kENOPROTOOPT;
  }
  if (error == Errno::kOk) {
    // Interfaces of IPv6 go by number; 0 is the kernel's choice.
    char value[4] = {0, 0, 0, 0};
    if (!options_.ipv6) PutIpv4(ip->v4(), value);
    error =
        stack_->kernel()
            .Setsockopt(
                fd_, options_.ipv6 ? loop::kIpprotoIpv6 : loop::kIpprotoIp,
                options_.ipv6 ? loop::kIpv6MulticastIf : loop::kIpMulticastIf,
                absl::MakeConstSpan(value, sizeof(value)))
            .error();
  }
  if (error != Errno::kOk) {
    throw SystemError(stack_->quirks(), error, "setMulticastInterface");
  }
}

void DatagramSocket::AddMembership(absl::string_view group,
                                   absl::string_view on) {
  Membership(true, group, on);
}

void DatagramSocket::DropMembership(absl::string_view group,
                                    absl::string_view on) {
  Membership(false, group, on);
}

void DatagramSocket::Membership(bool add, absl::string_view group,
                                absl::string_view on) {
  CheckRunning();
  const absl::string_view call = add ? "addMembership" : "dropMembership";
  const auto ip = Ip::Parse(group);
  const auto local = on.empty() ? Ip(loop::Ipv4::Any()) : Ip::Parse(on);
  if (!ip.has_value() || !local.has_value() || ip->is_v4() == options_.ipv6) {
    throw SystemError(stack_->quirks(), Errno::kEINVAL, call);
  }
  // uv__udp_maybe_deferred_bind(), of which Node knows nothing.
  if (!fd_.valid() && Open() == Errno::kOk) {
    self_ = shared_from_this();
    (void)stack_->kernel().Bind(fd_, options_.ipv6
                                         ? Address::Inet6(Ip::Any6(), 0)
                                         : Address::Inet(loop::Ipv4::Any(), 0));
  }
  char value[20] = {};
  size_t size = 8;
  if (options_.ipv6) {
    PutIpv6(*ip, value);  // struct ipv6_mreq, interface 0
    size = sizeof(value);
  } else {
    PutIpv4(ip->v4(), value);
    PutIpv4(local->v4(), value + 4);
  }
  // IPV6_ADD_MEMBERSHIP and IPV6_DROP_MEMBERSHIP, ipv6(7).
  constexpr int kIpv6AddMembership = 20;
  constexpr int kIpv6DropMembership = 21;
  const int name =
      options_.ipv6 ? (add ? kIpv6AddMembership : kIpv6DropMembership)
                    : (add ? loop::kIpAddMembership : loop::kIpDropMembership);
  const Errno error =
      !fd_.valid()
          ? Errno::kEBADF
          : stack_->kernel()
                .Setsockopt(
                    fd_, options_.ipv6 ? loop::kIpprotoIpv6 : loop::kIpprotoIp,
                    name, absl::MakeConstSpan(value, size))
                .error();
  if (error != Errno::kOk) throw SystemError(stack_->quirks(), error, call);
}

void DatagramSocket::SetReceiveBufferSize(int bytes) {
  SetInt(loop::kSolSocket, loop::kSoRcvbuf, bytes, "uv_recv_buffer_size");
}

void DatagramSocket::SetSendBufferSize(int bytes) {
  SetInt(loop::kSolSocket, loop::kSoSndbuf, bytes, "uv_send_buffer_size");
}

int DatagramSocket::receive_buffer_size() {
  return GetInt(loop::kSolSocket, loop::kSoRcvbuf, "uv_recv_buffer_size");
}

int DatagramSocket::send_buffer_size() {
  return GetInt(loop::kSolSocket, loop::kSoSndbuf, "uv_send_buffer_size");
}

void DatagramSocket::SetRef(bool ref) {
  ref_ = ref;
  if (watcher_.has_value()) watcher_->SetRef(ref);
}

}  // namespace simloop::net
