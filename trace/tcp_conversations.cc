// Follows each direction's SYN, acknowledgments and time stamps.
#include "trace/tcp_conversations.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "trace/wire_format.h"

namespace simloop::trace {
namespace {

constexpr uint8_t kFin = 1, kSyn = 2, kRst = 4, kAck = 16;
// Kinds and lengths of options (RFC 9293 section 3.2, RFC 7323, RFC 2018).
constexpr char kNop = 1, kMss = 2, kScale = 3, kSackPermitted = 4, kSack = 5,
               kStamps = 8;
constexpr char kMssBytes = 4, kScaleBytes = 3, kSackPermittedBytes = 2,
               kStampsBytes = 10;
// Beside time stamps there is room for so many.
constexpr int kMostSackBlocks = 3;
// What time stamps and their padding take of each segment.
constexpr uint32_t kStampBytes = 12;
constexpr uint32_t kLinkMss = 1460, kLoopbackMss = 65'495, kInet6Bytes = 20;
constexpr uint32_t kMostUnscaled = 65'535;
constexpr int64_t kNanosPerMilli = 1'000'000;

void PutStamps(std::string& options, uint32_t value, uint32_t echo) {
  options += {kStamps, kStampsBytes};
  PutBig32(options, value);
  PutBig32(options, echo);
}

// tcp_synack_options(), tcp_options_write(): MSS, SACK permitted, time stamps,
// padding, window scale.
std::string SynOptions(uint16_t mss, bool sack_permitted, uint32_t stamp,
                       uint32_t echo) {
  std::string options = {kMss, kMssBytes};
  PutBig16(options, mss);
  if (sack_permitted) {
    options += {kSackPermitted, kSackPermittedBytes};
  } else {
    options += {kNop, kNop};
  }
  PutStamps(options, stamp, echo);
  options += {kNop, kScale, kScaleBytes, TcpConversations::kWindowShift};
  return options;
}

std::string LaterOptions(const Packet& packet, uint32_t ack_base,
                         uint32_t stamp, uint32_t echo) {
  std::string options = {kNop, kNop};
  PutStamps(options, stamp, echo);
  const int blocks = std::min<int>(packet.sack_count, kMostSackBlocks);
  if (blocks == 0) return options;
  options += {kNop, kNop, kSack, static_cast<char>(2 + 8 * blocks)};
  for (int i = 0; i < blocks; ++i) {
    PutBig32(options, ack_base + packet.sack[i].left);
    PutBig32(options, ack_base + packet.sack[i].right);
  }
  return options;
}

// Not 0, which says that there is none.
uint32_t StampOf(loop::Instant time) {
  return static_cast<uint32_t>(time.nanos() / kNanosPerMilli + 1);
}

bool Before(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b) < 0; }

}  // namespace

void TcpConversations::TakeSyn(Direction& direction, const Packet& packet,
                               uint32_t seq, const std::string& host) {
  if (direction.synchronised && direction.iss == seq) return;  // again
  // What has come stays: a SYN that it answers, with its time stamp.
  Direction fresh;
  fresh.recent = direction.recent;
  fresh.peer = direction.peer;
  direction = fresh;
  direction.synchronised = true;
  direction.iss = direction.next = seq;
  direction.mss = packet.wire.mss;
  const bool called = (packet.flags & kAck) != 0;
  direction.name = called ? absl::StrCat(host, ".accept#", ++arrivals_[host])
                          : absl::StrCat(host, ".connect#", ++connects_[host]);
}

TcpConversations::Headers TcpConversations::Sent(const Packet& packet,
                                                 loop::Instant time,
                                                 const std::string& host,
                                                 bool loopback) {
  const bool syn = (packet.flags & kSyn) != 0;
  const bool ack = (packet.flags & kAck) != 0;
  const uint32_t seq = packet.wire.seq_base + packet.seq;
  const loop::Endpoint from = packet.from.endpoint();
  const loop::Endpoint to = packet.to.endpoint();
  const Key key(loopback ? host : "", from, to);
  Direction& own = directions_[key];
  if (syn) TakeSyn(own, packet, seq, host);
  const Direction& peer =
      directions_[own.peer.value_or(Key(loopback ? host : "", to, from))];

  uint32_t mss = (loopback ? kLoopbackMss : kLinkMss) -
                 (from.ip.is_v4() ? 0 : kInet6Bytes);
  if (syn && own.mss == 0) own.mss = static_cast<uint16_t>(mss);
  for (const uint16_t told : {own.mss, peer.mss}) {
    if (told != 0) mss = std::min<uint32_t>(mss, told);
  }
  Headers headers;
  headers.name = own.name;
  headers.payload_bytes =
      std::max<uint32_t>(mss, kStampBytes + 1) - kStampBytes;
  const uint32_t stamp =
      packet.wire.stamp != 0 ? packet.wire.stamp : StampOf(time);
  const uint32_t echo = packet.wire.stamp != 0 ? packet.wire.echo
                        : ack                  ? own.recent
                                               : 0;
  const bool both = own.synchronised && peer.synchronised;
  if (syn) {
    headers.options =
        SynOptions(own.mss, packet.wire.sack_permitted, stamp, echo);
  } else if ((packet.flags & kRst) == 0 || (both && ack)) {
    // A reset by who knows of no connection has none (tcp_v4_send_reset()).
    headers.options = LaterOptions(packet, packet.wire.ack_base, stamp, echo);
  }
  const uint32_t unit = syn || !both ? 1 : 1u << kWindowShift;
  headers.window = static_cast<uint16_t>(
      std::min((packet.window + unit - 1) / unit, kMostUnscaled));

  const uint32_t length =
      packet.length + (syn ? 1 : 0) + ((packet.flags & kFin) != 0 ? 1 : 0);
  headers.probe = own.synchronised && length == 0 && Before(seq, own.next);
  if (Before(own.next, seq + length)) own.next = seq + length;
  if (ack) own.last_ack = packet.wire.ack_base + packet.ack;
  flights_[packet.packet] = {key, stamp, seq};
  return headers;
}

void TcpConversations::Delivered(const Packet& packet) {
  const auto flight = flights_.find(packet.packet);
  if (flight == flights_.end()) return;
  // As its addresses are when it comes.
  Direction& answers =
      directions_[Key(std::get<0>(flight->second.key), packet.to.endpoint(),
                      packet.from.endpoint())];
  answers.peer = flight->second.key;
  // RFC 7323 section 4.3.
  const bool syn = (packet.flags & kSyn) != 0;
  if (syn || (!Before(answers.last_ack, flight->second.seq) &&
              !Before(flight->second.stamp, answers.recent))) {
    answers.recent = flight->second.stamp;
  }
}

}  // namespace simloop::trace
