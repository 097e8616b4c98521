// Socket's sending: udp_sendmsg(), udpv6_sendmsg(), __ip_append_data() and
// ip_cmsg_send() of Linux.
#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "sim/host.h"
#include "sim/option_bytes.h"
#include "sim/option_names.h"
#include "sim/udp/socket.h"
#include "sim/udp/stack.h"
#include "sim/world.h"

namespace simloop::sim::udp {

using loop::Errno;
using loop::Result;

namespace {

// A datagram's most: 65535 less the headers of RFC 791 and RFC 768; an IPv6
// header is not counted (RFC 8200 section 3).
constexpr size_t kMostLength = 65535;
constexpr size_t kInetHeaders = 20 + 8;
constexpr size_t kInet6Headers = 40 + 8;
constexpr size_t kUdpHeader = 8;
constexpr size_t kLinkMtu = 1500;
constexpr size_t kInetBytes = 16;
constexpr size_t kLeastInet6Bytes = 24;
// UDP_MAX_SEGMENTS.
constexpr size_t kMostSegments = 128;
constexpr uint8_t kSendShut = 2;

// SCM_TIMESTAMPING.
constexpr int kScmTimestamping = 37;
// struct in_pktinfo: index, source, destination. struct in6_pktinfo: source,
// index.
constexpr size_t kPktinfoBytes = 12;
constexpr size_t kPktinfo6Bytes = 20;

// An int, or (`byte`) a byte that stands for one.
bool TakeNumber(const loop::ControlMessage& message, bool byte, int* number) {
  if (message.data.size() == sizeof *number) {
    return TakeOption(message.data, number);
  }
  if (!byte || message.data.size() != 1) return false;
  *number = static_cast<unsigned char>(message.data[0]);
  return true;
}

bool Within(int number, int least, int most) {
  return least <= number && number <= most;
}

// __sock_cmsg_send(): what has no effect here is let be.
bool KnownToSocket(const loop::ControlMessage& message) {
  switch (message.type) {
    case loop::kSoMark:
    case loop::kSoPriority:
    case kScmTimestamping:
      return message.data.size() == sizeof(int);
    case loop::kScmRights:
    case loop::kScmCredentials:
      return true;
    default:
      return false;
  }
}

// ip_cmsg_send().
Errno TakeInet(const loop::ControlMessage& message, DatagramHeader* header) {
  int number = 0;
  switch (message.type) {
    case loop::kIpTtl:
      if (!TakeNumber(message, false, &number)) return Errno::kEINVAL;
      if (!Within(number, 1, UINT8_MAX)) return Errno::kEINVAL;
      header->ttl = static_cast<uint8_t>(number);
      return Errno::kOk;
    case loop::kIpTos:
      if (!TakeNumber(message, true, &number)) return Errno::kEINVAL;
      if (!Within(number, 0, UINT8_MAX)) return Errno::kEINVAL;
      header->tos = static_cast<uint8_t>(number);
      return Errno::kOk;
    case loop::kIpPktinfo: {
      uint32_t source = 0;
      if (message.data.size() != kPktinfoBytes) return Errno::kEINVAL;
      TakeOption(absl::MakeConstSpan(message.data).subspan(4), &source);
      header->from.ip = loop::Ipv4{__builtin_bswap32(source)};
      return Errno::kOk;
    }
    case kIpRetopts:
      return message.data.empty() ? Errno::kOk : Errno::kEINVAL;
    default:
      return Errno::kEINVAL;
  }
}

// ip6_datagram_send_ctl().
Errno TakeInet6(const loop::ControlMessage& message, DatagramHeader* header) {
  int number = 0;
  switch (message.type) {
    case kIpv6Pktinfo:
    case kIpv62292Pktinfo: {
      uint64_t high = 0;
      uint64_t low = 0;
      if (message.data.size() < kPktinfo6Bytes) return Errno::kEINVAL;
      const auto data = absl::MakeConstSpan(message.data);
      TakeOption(data, &high);
      TakeOption(data.subspan(sizeof high), &low);
      header->from.ip =
          loop::Ip(__builtin_bswap64(high), __builtin_bswap64(low));
      return Errno::kOk;
    }
    case kIpv6Hoplimit:
      if (!TakeNumber(message, false, &number)) return Errno::kEINVAL;
      if (!Within(number, -1, UINT8_MAX)) return Errno::kEINVAL;
      if (number >= 0) header->ttl = static_cast<uint8_t>(number);
      return Errno::kOk;
    case loop::kIpv6Tclass:
      if (!TakeNumber(message, false, &number)) return Errno::kEINVAL;
      if (!Within(number, -1, UINT8_MAX)) return Errno::kEINVAL;
      if (number >= 0) header->tos = static_cast<uint8_t>(number);
      return Errno::kOk;
    case loop::kIpv6Dontfrag:
      if (!TakeNumber(message, false, &number)) return Errno::kEINVAL;
      return Within(number, 0, 1) ? Errno::kOk : Errno::kEINVAL;
    default:
      return Errno::kEINVAL;
  }
}

}  // namespace

bool Socket::Corked(const Transmission& transmission) const {
  return cork_ || (transmission.flags & loop::kMsgMore) != 0;
}

Result<size_t> Socket::Send(const Transmission& transmission) {
  // A port is taken before anything is looked at (inet_send_prepare()).
  if (!Autobind()) return Errno::kEAGAIN;
  loop::Endpoint to;
  const Errno wrong = inet6() ? FindDestination6(transmission, &to)
                              : FindDestination(transmission, &to);
  if (wrong != Errno::kOk) return wrong;
  if (pending_.has_value()) return Append(transmission);
  DatagramHeader header;
  const Errno error = Header(transmission, to, &header);
  if (error != Errno::kOk) return error;
  return Start(transmission, header);
}

// The first half of udp_sendmsg(). With something pending the address is not
// looked at.
Errno Socket::FindDestination(const Transmission& transmission,
                              loop::Endpoint* to) const {
  if (transmission.data.size() > kMostLength) return Errno::kEMSGSIZE;
  if ((transmission.flags & loop::kMsgOob) != 0) return Errno::kEOPNOTSUPP;
  if (pending_.has_value()) {
    return pending_->header.to.ip.is_v4() ? Errno::kOk : Errno::kEINVAL;
  }
  const loop::Address* address = transmission.to;
  if (address == nullptr) {
    if (!connected_) return Errno::kEDESTADDRREQ;
    *to = remote_;
    return Errno::kOk;
  }
  if (address->size() < kInetBytes) return Errno::kEINVAL;
  if (address->family != loop::Family::kInet &&
      address->family != loop::Family::kUnspecified) {
    return Errno::kEAFNOSUPPORT;
  }
  if (address->port == 0) return Errno::kEINVAL;
  *to = {address->ip.v4(), address->port};
  return Errno::kOk;
}

// That of udpv6_sendmsg(), which gives IPv4 destinations to the other.
Errno Socket::FindDestination6(const Transmission& transmission,
                               loop::Endpoint* to) const {
  const loop::Address* address = transmission.to;
  if (address != nullptr && address->family == loop::Family::kUnspecified) {
    address = nullptr;
  }
  const bool inet =
      address != nullptr && address->family == loop::Family::kInet;
  loop::Ip ip;
  if (address != nullptr && !inet) {
    if (address->family != loop::Family::kInet6) return Errno::kEINVAL;
    if (address->size() < kLeastInet6Bytes) return Errno::kEINVAL;
    ip = address->ip;
    if (ip == loop::Ip::Any6() && source_.is_v4()) ip = loop::Ipv4::Loopback();
  } else if (address == nullptr && !pending_.has_value()) {
    if (!connected_) return Errno::kEDESTADDRREQ;
    ip = remote_.ip;
  }
  const bool to_pending =
      pending_.has_value() && pending_->header.to.ip.is_v4();
  if (inet || ip.is_v4() || to_pending) {
    if (!to_pending && inet_.v6only()) return Errno::kENETUNREACH;
    loop::Address mapped;
    Transmission forwarded = transmission;
    if (address != nullptr) {
      mapped = inet ? *address : loop::Address::Inet(ip.v4(), address->port);
      forwarded.to = &mapped;
    } else {
      forwarded.to = nullptr;
    }
    return FindDestination(forwarded, to);
  }
  if (pending_.has_value()) return Errno::kOk;
  *to = {ip, address != nullptr ? address->port : remote_.port};
  if (address != nullptr && address->port == 0) return Errno::kEINVAL;
  return Errno::kOk;
}

// The second half: options, control messages, and the way there.
Errno Socket::Header(const Transmission& transmission, const loop::Endpoint& to,
                     DatagramHeader* header) const {
  const bool v4 = to.ip.is_v4();
  const loop::Ip source = SourceTo(to.ip);
  header->from = {source, local_.port};
  header->ttl = static_cast<uint8_t>(v4 ? inet_.ttl() : inet_.hops());
  header->tos = static_cast<uint8_t>(v4 ? inet_.tos() : inet_.traffic_class());
  header->segment_bytes = segment_bytes_;
  header->whole = inet_.whole_packets(!v4);
  if (v4 && to.ip.is_multicast()) {
    header->ttl = static_cast<uint8_t>(inet_.multicast_ttl());
    if (source_.is_any()) header->from.ip = inet_.multicast_source();
  }
  if (transmission.ancillary != nullptr) {
    for (const loop::ControlMessage& item : transmission.ancillary->messages) {
      Errno error = Errno::kOk;
      if (item.level == loop::kSolUdp) {
        if (item.type != loop::kUdpSegment ||
            item.data.size() != sizeof header->segment_bytes) {
          return Errno::kEINVAL;
        }
        TakeOption(item.data, &header->segment_bytes);
      } else if (item.level == loop::kSolSocket) {
        if (!KnownToSocket(item)) return Errno::kEINVAL;
      } else if (v4 && item.level == loop::kIpprotoIp) {
        error = TakeInet(item, header);
      } else if (!v4 && item.level == loop::kIpprotoIpv6) {
        error = TakeInet6(item, header);
      }
      if (error != Errno::kOk) return error;
    }
  }
  return FindWay(transmission, to, source, header);
}

Errno Socket::FindWay(const Transmission& transmission,
                      const loop::Endpoint& to, const loop::Ip& source,
                      DatagramHeader* header) const {
  const bool own = header->from.ip == source || header->from.ip.is_any();
  if (!own && !stack_.host().IsLocal(header->from.ip) && !inet_.free_bind()) {
    return Errno::kEINVAL;
  }
  Route route;
  const Errno error = FindRoute(stack_.host(), to.ip, header->from.ip, &route);
  if (error != Errno::kOk) return error;
  // A connection keeps the way that connect(2) was let take.
  const bool kept = connected_ && transmission.to == nullptr;
  if (IsBroadcast(route.to) && !options_.on(loop::kSoBroadcast) && !kept) {
    return Errno::kEACCES;
  }
  header->from.ip = route.source;
  header->to = {route.to, to.port};
  return Errno::kOk;
}

size_t Socket::MostBytes(const DatagramHeader& header) const {
  const bool v4 = header.to.ip.is_v4();
  if (inet_.whole_packets(!v4) && !stack_.host().IsLocal(header.to.ip)) {
    return stack_.host().MtuTo(header.to.ip) -
           (v4 ? kInetHeaders : kInet6Headers);
  }
  return kMostLength - (v4 ? kInetHeaders : kUdpHeader);
}

Errno Socket::TooLarge(const loop::Endpoint& to) {
  const bool told = to.ip.is_v4() ? inet_.ip(loop::kIpRecverr)
                                  : inet_.ip6(loop::kIpv6Recverr);
  if (told) {
    ErrorMessage message;
    message.error = Errno::kEMSGSIZE;
    message.info = static_cast<uint32_t>(kMostLength);
    message.to = to;
    QueueError(std::move(message));
  }
  return Errno::kEMSGSIZE;
}

// The first piece of a datagram: only here is looked at what is wrong with the
// socket itself (sock_alloc_send_pskb()).
Result<size_t> Socket::Start(const Transmission& transmission,
                             const DatagramHeader& header) {
  const absl::Span<const char> data = transmission.data;
  if (data.size() > MostBytes(header)) return TooLarge(header.to);
  if (error_ != Errno::kOk) return TakeError();
  if ((shut_ & kSendShut) != 0) return Errno::kEPIPE;
  World& world = stack_.host().world();
  if (stack_.host().options().freedoms.memory &&
      world.Pick(ChoiceKind::kMemory, 2, [&] {
        return absl::StrCat(stack_.host().name(), ".udp#", number_, "/send#",
                            sent_ + 1);
      }) != 0) {
    return Errno::kENOBUFS;
  }
  if (Corked(transmission)) {
    pending_ = Pending();
    pending_->header = header;
    pending_->data.assign(data.data(), data.size());
    pending_->first_bytes = data.size();
    return data.size();
  }
  const Errno error = Transmit(header, data);
  return error == Errno::kOk ? Result<size_t>(data.size()) : error;
}

Result<size_t> Socket::Append(const Transmission& transmission) {
  const absl::Span<const char> data = transmission.data;
  Pending& pending = *pending_;
  if (pending.data.size() + data.size() > MostBytes(pending.header)) {
    const loop::Endpoint to = pending.header.to;
    pending_.reset();
    return TooLarge(to);
  }
  pending.data.append(data.data(), data.size());
  if (Corked(transmission)) return data.size();
  const Errno error = Flush();
  return error == Errno::kOk ? Result<size_t>(data.size()) : error;
}

// udp_push_pending_frames().
Errno Socket::Flush() {
  if (!pending_.has_value()) return Errno::kOk;
  const Pending pending = std::move(*pending_);
  pending_.reset();
  return Transmit(pending.header, pending.data);
}

// udp_send_skb().
Errno Socket::Transmit(DatagramHeader header, absl::Span<const char> data) {
  const size_t bytes = data.size();
  if (header.segment_bytes != 0) {
    const bool local = stack_.host().IsLocal(header.to.ip);
    const size_t room = (local ? kMostLength + 1 : kLinkMtu) -
                        (header.to.ip.is_v4() ? kInetHeaders : kInet6Headers);
    if (header.segment_bytes > room) return Errno::kEMSGSIZE;
    if (bytes > header.segment_bytes * kMostSegments) return Errno::kEINVAL;
    if (options_.on(loop::kSoNoCheck)) return Errno::kEINVAL;
    if (bytes <= header.segment_bytes) header.segment_bytes = 0;
  }
  ++sent_;
  stack_.Transmit(header, data, *this);
  // The network has taken it: there is room again (sock_wfree()).
  Wake(kWritableEvents);
  return Errno::kOk;
}

}  // namespace simloop::sim::udp
