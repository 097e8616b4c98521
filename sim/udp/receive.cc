// Socket's receiving: udp_queue_rcv_skb(), udp_recvmsg(), udp_err(),
// ip_recv_error() and ip_cmsg_recv() of Linux.
#include <algorithm>
#include <cstring>

#include "sim/host.h"
#include "sim/option_names.h"
#include "sim/udp/socket.h"
#include "sim/udp/stack.h"
#include "sim/world.h"

namespace simloop::sim::udp {

using loop::Errno;
using loop::Result;

namespace {

constexpr uint8_t kReceiveShut = 1;
// Interfaces: loopback's, and that of the links.
constexpr uint32_t kLoopbackIndex = 1;
constexpr uint32_t kLinkIndex = 2;
constexpr int64_t kNanosPerSecond = 1'000'000'000;

template <typename T>
void Put(std::string* out, T number) {
  out->append(reinterpret_cast<const char*>(&number), sizeof number);
}

void PutIp6(std::string* out, loop::Ip ip) {
  Put(out, __builtin_bswap64(ip.high()));
  Put(out, __builtin_bswap64(ip.low()));
}

uint32_t InterfaceOf(const Datagram& datagram) {
  return datagram.to.ip.is_loopback() || datagram.from.ip == datagram.to.ip
             ? kLoopbackIndex
             : kLinkIndex;
}

// Copies what there is room for; answers how much, or with MSG_TRUNC how much
// there was.
size_t Copy(absl::Span<const char> from, Reception* reception) {
  const size_t copied = std::min(from.size(), reception->buffer.size());
  if (copied > 0) std::memcpy(reception->buffer.data(), from.data(), copied);
  return copied;
}

}  // namespace

// --- From the network
// --------------------------------------------------------

void Socket::Deliver(const Datagram& datagram) {
  if (datagram.segment_bytes == 0 || gather_) {
    Queue(datagram);
    return;
  }
  // udp_rcv_segment(): who does not ask for them whole gets them in pieces.
  const size_t size = datagram.payload.size();
  for (size_t at = 0; at < size; at += datagram.segment_bytes) {
    Datagram piece = datagram;
    piece.payload = DatagramPayload(datagram.payload.Part(
        at, std::min<size_t>(datagram.segment_bytes, size - at)));
    piece.segment_bytes = 0;
    Queue(piece);
  }
}

void Socket::Queue(const Datagram& datagram) {
  const loop::Ip peer = datagram.to.ip.is_v4() ? peer4() : peer6();
  if (!peer.is_any()) heard_ = true;
  if (received_.Add(datagram, stack_.host().world().Now(),
                    options_.receive_buffer())) {
    Wake(kReadableEvents);
  }
}

// udp_err(), udpv6_err().
void Socket::TakeIcmp(const Icmp& error) {
  const bool told = error.about_to.ip.is_v4() ? inet_.ip(loop::kIpRecverr)
                                              : inet_.ip6(loop::kIpv6Recverr);
  const bool too_large = error.code == Icmp::Code::kFragmentationNeeded &&
                         inet_.whole_packets(!error.about_to.ip.is_v4());
  if (told) {
    QueueError(ErrorMessage::Of(error));
  } else if (!connected_ || !(ErrorMessage::Fatal(error.code) || too_large)) {
    return;
  }
  error_ = error.error();
  Wake(loop::kEpollErr);
}

// sock_queue_err_skb().
void Socket::QueueError(ErrorMessage message) {
  errors_.push_back(std::move(message));
  Wake(loop::kEpollErr);
}

// --- To the program
// ----------------------------------------------------------

Result<size_t> Socket::Receive(Reception* reception) {
  const int flags = reception->flags;
  if ((flags & loop::kMsgErrqueue) != 0) return ReceiveError(reception);
  // An error goes before what has come (__skb_recv_udp()).
  if (error_ != Errno::kOk) return TakeError();
  const bool peek = (flags & loop::kMsgPeek) != 0;
  int offset = peek ? std::max(options_.peek_offset(), 0) : 0;
  const bool at_offset = peek && options_.peek_offset() >= 0;
  ReceiveQueue::Entry* entry =
      at_offset ? received_.Peek(&offset) : received_.First();
  if (entry == nullptr) {
    // The end is only told to who would wait.
    const bool waits = !nonblocking() && (flags & loop::kMsgDontwait) == 0;
    if (waits && (shut_ & kReceiveShut) != 0) return size_t{0};
    return Errno::kEAGAIN;
  }
  const Datagram& datagram = entry->datagram;
  const size_t size = datagram.payload.size();
  const size_t copied = Copy(
      datagram.payload.bytes().subspan(static_cast<size_t>(offset)), reception);
  if (copied < size - static_cast<size_t>(offset)) {
    reception->answer_flags |= loop::kMsgTrunc;
  }
  if (reception->from != nullptr) *reception->from = Shown(datagram.from);
  if (reception->ancillary != nullptr) {
    Describe(*entry, reception->ancillary);
  }
  const size_t answer = (flags & loop::kMsgTrunc) != 0 ? size : copied;
  if (peek) {
    options_.AdvancePeekOffset(static_cast<int>(answer));
  } else {
    options_.RetreatPeekOffset(static_cast<int>(answer));
    received_.Pop(options_.receive_buffer());
  }
  return answer;
}

// ip_recv_error(), ipv6_recv_error().
Result<size_t> Socket::ReceiveError(Reception* reception) {
  if (errors_.empty()) return Errno::kEAGAIN;
  const ErrorMessage message = std::move(errors_.front());
  errors_.pop_front();
  // The next error of the network is the one pending; none is none
  // (sock_dequeue_err_skb()).
  const bool next = !errors_.empty() && errors_.front().from_icmp();
  if (next) error_ = errors_.front().error;
  if (message.from_icmp() && !next) error_ = Errno::kOk;
  if (!errors_.empty()) Wake(loop::kEpollErr);
  const size_t copied = Copy(message.payload.bytes(), reception);
  reception->answer_flags |= loop::kMsgErrqueue;
  if (copied < message.payload.size()) {
    reception->answer_flags |= loop::kMsgTrunc;
  }
  if (reception->from != nullptr) *reception->from = Shown(message.to);
  if (reception->ancillary != nullptr) {
    reception->ancillary->messages.push_back(message.ToControl(inet6()));
  }
  return copied;
}

// sock_recv_cmsgs(), then those of the protocols.
void Socket::Describe(const ReceiveQueue::Entry& entry,
                      Ancillary* ancillary) const {
  std::vector<loop::ControlMessage>& messages = ancillary->messages;
  const int stamp = options_.timestamp();
  if (stamp != 0) {
    const int64_t nanos = entry.at.nanos();
    const bool micros = stamp == loop::kSoTimestamp || stamp == kSoTimestampNew;
    std::string data;
    Put(&data, nanos / kNanosPerSecond);
    Put(&data, nanos % kNanosPerSecond / (micros ? 1000 : 1));
    messages.push_back({loop::kSolSocket, stamp, std::move(data)});
  }
  if (options_.on(loop::kSoRxqOvfl) && entry.drops > 0) {
    std::string data;
    Put(&data, entry.drops);
    messages.push_back({loop::kSolSocket, loop::kSoRxqOvfl, std::move(data)});
  }
  for (const auto& [option, type] :
       {std::pair(kSoRcvmark, loop::kSoMark),
        std::pair(kSoRcvpriority, loop::kSoPriority)}) {
    if (!options_.on(option)) continue;
    messages.push_back({loop::kSolSocket, type, std::string(4, '\0')});
  }
  const Datagram& datagram = entry.datagram;
  if (gather_ && datagram.segment_bytes != 0) {
    std::string data;
    Put(&data, int{datagram.segment_bytes});
    messages.push_back({loop::kSolUdp, loop::kUdpGro, std::move(data)});
  }
  if (inet6()) DescribeInet6(datagram, ancillary);
  if (datagram.to.ip.is_v4()) DescribeInet(datagram, ancillary);
}

// ip_cmsg_recv_offset(): in this order.
void Socket::DescribeInet(const Datagram& datagram,
                          Ancillary* ancillary) const {
  std::vector<loop::ControlMessage>& messages = ancillary->messages;
  const auto add = [&](int type, std::string data) {
    messages.push_back({loop::kIpprotoIp, type, std::move(data)});
  };
  std::string data;
  if (inet_.ip(loop::kIpPktinfo)) {
    // struct in_pktinfo: the interface, its address, the destination.
    Put(&data, InterfaceOf(datagram));
    Put(&data, __builtin_bswap32(datagram.to.ip.v4().bits));
    Put(&data, __builtin_bswap32(datagram.to.ip.v4().bits));
    add(loop::kIpPktinfo, std::move(data));
  }
  data.clear();
  if (inet_.ip(loop::kIpRecvttl)) {
    Put(&data, int{datagram.ttl});
    add(loop::kIpTtl, std::move(data));
  }
  if (inet_.ip(loop::kIpRecvtos)) {
    add(loop::kIpTos, std::string(1, static_cast<char>(datagram.tos)));
  }
  data.clear();
  if (inet_.ip(kIpRecvorigdstaddr)) {
    Put(&data, static_cast<uint16_t>(loop::Family::kInet));
    Put(&data, __builtin_bswap16(datagram.to.port));
    Put(&data, __builtin_bswap32(datagram.to.ip.v4().bits));
    Put(&data, uint64_t{0});
    add(kIpRecvorigdstaddr, std::move(data));
  }
}

// ip6_datagram_recv_common_ctl(), ip6_datagram_recv_specific_ctl().
void Socket::DescribeInet6(const Datagram& datagram,
                           Ancillary* ancillary) const {
  std::vector<loop::ControlMessage>& messages = ancillary->messages;
  const auto add = [&](int type, std::string data) {
    messages.push_back({loop::kIpprotoIpv6, type, std::move(data)});
  };
  const auto pktinfo = [&] {
    std::string data;
    PutIp6(&data, datagram.to.ip);
    Put(&data, InterfaceOf(datagram));
    return data;
  };
  const auto number = [](int value) {
    std::string data;
    Put(&data, value);
    return data;
  };
  if (inet_.ip6(loop::kIpv6Recvpktinfo)) add(kIpv6Pktinfo, pktinfo());
  if (datagram.to.ip.is_v4()) return;
  if (inet_.ip6(loop::kIpv6Recvhoplimit)) {
    add(kIpv6Hoplimit, number(datagram.ttl));
  }
  if (inet_.ip6(loop::kIpv6Recvtclass)) {
    add(loop::kIpv6Tclass, number(datagram.tos));
  }
  if (inet_.ip6(kIpv62292Pktinfo)) add(kIpv62292Pktinfo, pktinfo());
  if (inet_.ip6(kIpv62292Hoplimit)) {
    add(kIpv62292Hoplimit, number(datagram.ttl));
  }
  if (inet_.ip6(kIpv6Recvorigdstaddr)) {
    std::string data;
    Put(&data, static_cast<uint16_t>(loop::Family::kInet6));
    Put(&data, __builtin_bswap16(datagram.to.port));
    Put(&data, uint32_t{0});
    PutIp6(&data, datagram.to.ip);
    Put(&data, uint32_t{0});
    add(kIpv6Recvorigdstaddr, std::move(data));
  }
}

}  // namespace simloop::sim::udp
