#include "sim/udp/socket.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sim/host.h"
#include "sim/option_names.h"
#include "sim/udp/stack.h"

namespace simloop::sim::udp {

using loop::Errno;
using loop::Result;

namespace {

// Bits of sk_shutdown.
constexpr uint8_t kReceiveShut = 1;
constexpr uint8_t kAllShut = 3;
constexpr size_t kInetBytes = 16;
// Of an address, the least that names a family.
constexpr size_t kFamilyBytes = 2;
// SIN6_LEN_RFC2133.
constexpr size_t kLeastInet6Bytes = 24;

}  // namespace

Socket::Socket(Stack& stack, loop::Family family)
    : stack_(stack),
      family_(family),
      number_(stack.Add(*this)),
      options_(stack.host().options(), family, loop::kSockDgram,
               loop::kIpprotoUdp),
      inet_(family, loop::kSockDgram, stack.host().options()) {
  local_.ip = source_ = any();
}

Socket::~Socket() { stack_.Remove(*this); }

std::string Socket::DatagramName() const {
  return absl::StrCat(stack_.host().name(), ".udp#", number_, "/datagram#",
                      sent_);
}

bool Socket::Covers(const loop::Ip& ip) const {
  if (local_.ip == ip) return true;
  if (!local_.ip.is_any()) return false;
  return local_.ip.is_v4() ? ip.is_v4() : !ip.is_v4() || !inet_.v6only();
}

loop::Address Socket::Shown(const loop::Endpoint& endpoint) const {
  return inet6() ? loop::Address::Inet6(endpoint.ip, endpoint.port)
                 : loop::Address::Inet(endpoint.ip.v4(), endpoint.port);
}

Errno Socket::TakeError() { return std::exchange(error_, Errno::kOk); }

// datagram_poll(). It is always writable: nothing it sends waits.
uint32_t Socket::Readiness() {
  uint32_t bits = kWritableEvents;
  if (error_ != Errno::kOk || !errors_.empty()) {
    bits |= loop::kEpollErr;
    if (options_.on(kSoSelectErrQueue)) bits |= loop::kEpollPri;
  }
  if ((shut_ & kReceiveShut) != 0) {
    bits |= loop::kEpollRdhup | loop::kEpollIn | loop::kEpollRdnorm;
  }
  if (shut_ == kAllShut) bits |= loop::kEpollHup;
  if (!received_.empty()) bits |= loop::kEpollIn | loop::kEpollRdnorm;
  return bits;
}

// --- Names
// -------------------------------------------------------------------

// __inet_bind(), __inet6_bind().
Result<void> Socket::Bind(const loop::Address& address) {
  const Errno wrong = CheckBindable({.family = family_,
                                     .stream = false,
                                     .v6only = inet_.v6only(),
                                     .settled = connected_ || local_.port != 0,
                                     .nonlocal = inet_.free_bind()},
                                    stack_.host(), address);
  if (wrong != Errno::kOk) return wrong;
  const bool was_v6only = inet_.v6only();
  local_.ip = inet6() ? address.ip : loop::Ip(address.ip.v4());
  if (BindsV6only(address)) inet_.SetV6only(true);
  Errno error = Errno::kOk;
  if (address.port != 0) {
    error = stack_.Take(*this, address.port);
  } else if (!inet_.ip(loop::kIpBindAddressNoPort)) {
    error = stack_.TakeEphemeral(*this);
  }
  if (error != Errno::kOk) {
    local_.ip = source_ = any();
    inet_.SetV6only(was_v6only);
    return error;
  }
  // Of an address of many nothing is sent.
  const bool many = local_.ip.is_multicast() || IsBroadcast(local_.ip);
  source_ = many ? any() : local_.ip;
  if (!local_.ip.is_any()) address_locked_ = true;
  if (address.port != 0) port_locked_ = true;
  return {};
}

// An IPv6 address has no IPv4 form; Linux has this stand in for it
// (LOOPBACK4_IPV6).
loop::Ip Socket::SourceTo(loop::Ip to) const {
  constexpr loop::Ipv4 kStandIn = {0x7f000006};
  const bool other = to.is_v4() && !source_.is_v4() && !source_.is_any();
  return other ? loop::Ip(kStandIn) : source_;
}

// inet_autobind().
bool Socket::Autobind() {
  return local_.port != 0 || stack_.TakeEphemeral(*this) == Errno::kOk;
}

// inet_dgram_connect(), __ip4_datagram_connect(), __ip6_datagram_connect():
// it sends nothing.
Result<void> Socket::Connect(const loop::Address& address) {
  if (address.size() < kFamilyBytes) return Errno::kEINVAL;
  if (address.family == loop::Family::kUnspecified) {
    Disconnect();
    return {};
  }
  if (!Autobind()) return Errno::kEAGAIN;
  const bool inet = address.family == loop::Family::kInet;
  loop::Ip to = address.ip;
  if (!inet6() || inet) {
    if (inet6() && inet_.v6only()) return Errno::kEAFNOSUPPORT;
    if (address.size() < kInetBytes) return Errno::kEINVAL;
    if (!inet) return Errno::kEAFNOSUPPORT;
    to = address.ip.v4();
  } else {
    if (address.size() < kLeastInet6Bytes) return Errno::kEINVAL;
    if (address.family != loop::Family::kInet6) return Errno::kEAFNOSUPPORT;
    if (to == loop::Ip::Any6() && local_.ip.is_v4()) {
      to = loop::Ipv4::Loopback();
    }
    if (to.is_v4() && inet_.v6only()) return Errno::kENETUNREACH;
    const bool said = to.is_multicast() && inet_.multicast_interface6() != 0;
    if (NeedsScope(to) && !said) return Errno::kEINVAL;
  }
  Route route;
  const Errno error = FindRoute(stack_.host(), to, SourceTo(to), &route);
  if (error != Errno::kOk) return error;
  if (IsBroadcast(route.to) && !options_.on(loop::kSoBroadcast)) {
    return Errno::kEACCES;
  }
  if (source_.is_any()) source_ = route.source;
  if (local_.ip.is_any()) {
    local_.ip = route.source;
    stack_.Rehash(*this);
  }
  remote_ = {route.to, address.port};
  if (inet6()) peer6_ = route.to;
  connected_ = true;
  return {};
}

// __udp_disconnect(): what bind(2) named stays.
void Socket::Disconnect() {
  connected_ = false;
  remote_ = {};
  if (!address_locked_) {
    local_.ip = source_ = any();
    if (port_locked_) stack_.Rehash(*this);
  }
  if (!port_locked_ && local_.port != 0) stack_.Release(*this);
}

// inet_getname(), inet6_getname().
Result<loop::Address> Socket::Getsockname() {
  return Shown({local_.ip.is_any() ? source_ : local_.ip, local_.port});
}

Result<loop::Address> Socket::Getpeername() {
  if (!connected_ || remote_.port == 0) return Errno::kENOTCONN;
  return Shown(remote_);
}

// inet_shutdown(): of one that is not connected it is an error, and takes
// effect.
Result<void> Socket::Shutdown(int how) {
  if (how < loop::kShutRd || how > loop::kShutRdwr) return Errno::kEINVAL;
  shut_ |= static_cast<uint8_t>(how + 1);
  Wake(0);
  return connected_ ? Errno::kOk : Errno::kENOTCONN;
}

void Socket::Release() {
  pending_.reset();
  if (local_.port != 0) stack_.Release(*this);
}

}  // namespace simloop::sim::udp
