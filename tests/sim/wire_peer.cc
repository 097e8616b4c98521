#include "tests/sim/wire_peer.h"

#include <memory>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "loop/errno.h"

namespace simloop::sim {
namespace {

constexpr int kType = loop::kSockStream | loop::kSockNonblock;

}  // namespace

WirePeer::WirePeer(HostOptions options)
    : recorder_(world_, this),
      host_(AddHost("kernel", kKernel, std::move(options))),
      absent_(AddHost("peer", kPeer, HostOptions())),
      link_(world_.AddLink(host_, absent_, LinkOptions())),
      kernel_(host_) {
  absent_.PowerOff();
}

Host& WirePeer::AddHost(const char* name, loop::Ipv4 address,
                        HostOptions options) {
  world_.SetRecorder(&recorder_);
  options.name = name;
  options.address = address;
  return world_.AddHost(options);
}

void WirePeer::RunTo(absl::Duration at) {
  const loop::Instant until = loop::Instant() + at;
  world_.At(until, "until", [] {});
  static_cast<void>(world_.Run(until));
}

// The record's numbers are relative to what the packet says of itself, and a
// reset says nothing: the packet is what counts.
void WirePeer::Take(const trace::Record& record) {
  const auto* body = std::get_if<trace::Packet>(&record.body);
  if (body == nullptr || body->step != trace::Packet::Step::kSent) return;
  for (size_t i = 0; i < world_.packets().size(); ++i) {
    const Packet& packet = world_.packets().at(i);
    if (packet.number != body->packet) continue;
    const tcp::Segment& segment = packet.segment;
    if (segment.has(tcp::kSyn)) {
      initial_ = segment.seq;
      port_ = segment.from.port;
    }
    heard_.push_back({record.time, segment});
  }
}

void WirePeer::Say(const Said& said) {
  Packet& packet = world_.packets().New();
  packet.link = &link_;
  tcp::Segment& segment = packet.segment = tcp::Segment();
  segment.from = {kPeer, kPeerPort};
  segment.to = {kKernel, port_};
  segment.flags = said.flags;
  segment.seq = kPeerInitial + said.seq;
  segment.ack = said.ack + initial_;
  segment.window = said.window;
  segment.stamp = said.stamp;
  segment.echo = said.echo;
  for (const tcp::SackBlock& block : said.sack) {
    segment.sack[segment.sack_blocks++] = {initial_ + block.left,
                                           initial_ + block.right};
  }
  if (said.bytes > 0) segment.payload = Slice(std::string(said.bytes, 'x'));
  host_.Arrive(packet);
}

void WirePeer::SaySyn(bool ack, bool sack, uint32_t window) {
  Packet& packet = world_.packets().New();
  packet.link = &link_;
  tcp::Segment& segment = packet.segment = tcp::Segment();
  segment.from = {kPeer, kPeerPort};
  segment.to = {kKernel, port_};
  segment.flags = static_cast<uint8_t>(tcp::kSyn | (ack ? tcp::kAck : 0));
  segment.seq = kPeerInitial;
  segment.ack = ack ? initial_ + 1 : 0;
  segment.mss = kMss + tcp::kTimestampBytes;
  segment.window = window;
  segment.sack_permitted = sack;
  host_.Arrive(packet);
}

std::string WirePeer::Line(const Sent& sent, tcp::Sequence end) const {
  const tcp::Segment& segment = sent.segment;
  std::string line = absl::FormatDuration(absl::Nanoseconds(sent.at.nanos()));
  if (segment.has(tcp::kSyn)) line += " SYN";
  if (segment.has(tcp::kFin)) line += " FIN";
  if (segment.has(tcp::kRst)) line += " RST";
  absl::StrAppend(&line, " ", segment.seq - initial_, ":", end - initial_);
  if (segment.has(tcp::kAck)) {
    absl::StrAppend(&line, " ack ", segment.ack - kPeerInitial);
  }
  for (int i = 0; i < segment.sack_blocks; ++i) {
    absl::StrAppend(&line, i == 0 ? " sack " : ",",
                    segment.sack[i].left - kPeerInitial, ":",
                    segment.sack[i].right - kPeerInitial);
  }
  return line;
}

std::vector<std::string> WirePeer::Heard() {
  std::vector<std::string> lines;
  while (told_ < heard_.size()) {
    Sent sent = heard_[told_++];
    tcp::Sequence end = sent.segment.end();
    while (!sent.segment.payload.empty() && told_ < heard_.size()) {
      const Sent& next = heard_[told_];
      if (next.at != sent.at || next.segment.seq != end ||
          next.segment.payload.empty()) {
        break;
      }
      end = next.segment.end();
      sent.segment.flags |= next.segment.flags;
      ++told_;
    }
    lines.push_back(Line(sent, end));
  }
  return lines;
}

loop::Fd WirePeer::NewSocket() {
  return *kernel_.Socket(loop::Family::kInet, kType, 0);
}

loop::Fd WirePeer::Listen() {
  const loop::Fd fd = NewSocket();
  EXPECT_TRUE(kernel_.Bind(fd, loop::Address::Inet(kKernel, kPort)).ok());
  EXPECT_TRUE(kernel_.Listen(fd, 16).ok());
  return fd;
}

loop::Fd WirePeer::Accept(loop::Fd listener, absl::Duration rtt, bool sack) {
  const absl::Duration now = absl::Nanoseconds(world_.Now().nanos());
  SaySyn(/*ack=*/false, sack);
  RunTo(now + rtt);
  Say({});
  const auto accepted = kernel_.Accept4(listener, loop::kSockNonblock);
  EXPECT_TRUE(accepted.ok());
  Heard();
  return accepted.ok() ? accepted->fd : loop::Fd{-1};
}

loop::Fd WirePeer::Connect(loop::Fd fd) {
  EXPECT_EQ(kernel_.Connect(fd, loop::Address::Inet(kPeer, kPeerPort)).error(),
            loop::Errno::kEINPROGRESS);
  Heard();
  return fd;
}

size_t WirePeer::Write(loop::Fd fd, size_t bytes, int flags) {
  const auto count = kernel_.Send(fd, std::string(bytes, 'x'), flags);
  return count.ok() ? *count : 0;
}

size_t WirePeer::Read(loop::Fd fd, size_t bytes) {
  std::string buffer(bytes, '\0');
  const auto count = kernel_.Read(fd, absl::MakeSpan(buffer));
  return count.ok() ? *count : 0;
}

}  // namespace simloop::sim
