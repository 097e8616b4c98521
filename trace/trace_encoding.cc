// Field by field, with every number checked on the way in.
#include "trace/trace_encoding.h"

#include <string>
#include <variant>

#include "absl/strings/str_cat.h"

namespace simloop::trace {
namespace {

constexpr uint32_t kMostSyscall = static_cast<uint32_t>(kLastSyscall);
constexpr uint32_t kLastStep = static_cast<uint32_t>(Packet::Step::kDropped);
// What one segment or datagram carries at most.
constexpr uint32_t kMostLength = 65'536;
constexpr uint32_t kLastKind =
    static_cast<uint32_t>(loop::LoopEvent::Kind::kExit);

std::string Bytes(absl::string_view text) {
  return std::string(text.data(), text.size());
}

void EncodeWire(const Wire& wire, pb::Wire& out) {
  out.set_link_a(Bytes(wire.link_a));
  out.set_link_b(Bytes(wire.link_b));
  out.set_from_b(wire.from_b);
  out.set_seq_base(wire.seq_base);
  out.set_ack_base(wire.ack_base);
  out.set_stamp(wire.stamp);
  out.set_echo(wire.echo);
  out.set_no_sack(!wire.sack_permitted);
  out.set_mss(wire.mss);
  out.set_urgent(wire.urgent);
  out.set_segment_bytes(wire.segment_bytes);
  out.set_ttl(wire.ttl);
  out.set_tos(wire.tos);
  out.set_icmp_code(wire.icmp_code);
  out.set_icmp_mtu(wire.icmp_mtu);
  out.set_payload(Bytes(wire.payload));
}

struct BodyEncoder {
  pb::Record& message;

  void operator()(const Choice& choice) const {
    pb::Choice& out = *message.mutable_choice();
    out.set_name(Bytes(choice.name));
    out.set_picked(choice.picked);
    out.set_alternatives(choice.alternatives);
  }
  void operator()(const Call& call) const {
    pb::Call& out = *message.mutable_call();
    out.set_call(static_cast<uint32_t>(call.call));
    out.set_fd(call.fd.number);
    out.set_other(call.other.number);
    out.set_error(static_cast<int32_t>(call.error));
    out.set_result(call.result);
    for (int64_t arg : call.args) out.add_args(arg);
    EncodeAddress(call.address, *out.mutable_address());
    out.set_data(Bytes(call.data));
  }
  void operator()(const Packet& packet) const {
    pb::Packet& out = *message.mutable_packet();
    out.set_step(static_cast<uint32_t>(packet.step));
    out.set_packet(packet.packet);
    EncodeAddress(packet.from, *out.mutable_from());
    EncodeAddress(packet.to, *out.mutable_to());
    out.set_flags(packet.flags);
    out.set_seq(packet.seq);
    out.set_ack(packet.ack);
    out.set_window(packet.window);
    out.set_length(packet.length);
    out.set_reason(Bytes(packet.reason));
    if (packet.protocol != loop::kIpprotoTcp) out.set_protocol(packet.protocol);
    for (int i = 0; i < packet.sack_count; ++i) {
      out.add_sack(packet.sack[i].left);
      out.add_sack(packet.sack[i].right);
    }
    if (packet.step == Packet::Step::kSent) {
      EncodeWire(packet.wire, *out.mutable_wire());
    }
  }
  void operator()(const Readiness& readiness) const {
    pb::Readiness& out = *message.mutable_readiness();
    out.set_fd(readiness.fd.number);
    out.set_events(readiness.events);
  }
  void operator()(const Loop& loop) const {
    pb::Loop& out = *message.mutable_loop();
    out.set_kind(static_cast<uint32_t>(loop.event.kind));
    out.set_interest(loop.event.interest);
    out.set_fd(loop.event.fd.number);
    out.set_id(loop.event.id);
    out.set_count(loop.event.count);
  }
  void operator()(const Note& note) const {
    pb::Note& out = *message.mutable_note();
    out.set_actor(Bytes(note.actor));
    out.set_event(Bytes(note.event));
    out.set_detail(Bytes(note.detail));
  }
};

absl::Status TooLarge(absl::string_view field, uint64_t value, uint64_t most) {
  return absl::InvalidArgumentError(
      absl::StrCat(field, " is ", value, ", expected at most ", most));
}

absl::StatusOr<Body> DecodeCall(const pb::Call& in) {
  if (in.call() > kMostSyscall) {
    return TooLarge("call", in.call(), kMostSyscall);
  }
  if (in.args_size() > 3) return TooLarge("args", in.args_size(), 3);
  absl::StatusOr<loop::Address> address = DecodeAddress(in.address());
  if (!address.ok()) return address.status();
  Call call{static_cast<Syscall>(in.call()), loop::Fd{in.fd()},
            loop::Fd{in.other()}};
  call.error = static_cast<loop::Errno>(in.error());
  call.result = in.result();
  for (int i = 0; i < in.args_size(); ++i) call.args[i] = in.args(i);
  call.address = *address;
  call.data = in.data();
  return Body(call);
}

absl::Status CheckWire(const pb::Wire& in, uint32_t length) {
  if (in.mss() > 0xffff) return TooLarge("mss", in.mss(), 0xffff);
  if (in.urgent() > 0xffff) return TooLarge("urgent", in.urgent(), 0xffff);
  if (in.segment_bytes() > 0xffff) {
    return TooLarge("segment_bytes", in.segment_bytes(), 0xffff);
  }
  if (in.ttl() > 0xff) return TooLarge("ttl", in.ttl(), 0xff);
  if (in.tos() > 0xff) return TooLarge("tos", in.tos(), 0xff);
  if (in.icmp_code() > 0xffff) {
    return TooLarge("icmp_code", in.icmp_code(), 0xffff);
  }
  if (in.icmp_mtu() > 0xffff) {
    return TooLarge("icmp_mtu", in.icmp_mtu(), 0xffff);
  }
  if (!in.payload().empty() && in.payload().size() != length) {
    return absl::InvalidArgumentError(
        absl::StrCat("payload has ", in.payload().size(), " bytes, expected ",
                     length, " or none"));
  }
  return absl::OkStatus();
}

Wire DecodeWire(const pb::Wire& in) {
  Wire wire;
  wire.link_a = in.link_a();
  wire.link_b = in.link_b();
  wire.from_b = in.from_b();
  wire.seq_base = in.seq_base();
  wire.ack_base = in.ack_base();
  wire.stamp = in.stamp();
  wire.echo = in.echo();
  wire.sack_permitted = !in.no_sack();
  wire.mss = static_cast<uint16_t>(in.mss());
  wire.urgent = static_cast<uint16_t>(in.urgent());
  wire.segment_bytes = static_cast<uint16_t>(in.segment_bytes());
  wire.ttl = static_cast<uint8_t>(in.ttl());
  wire.tos = static_cast<uint8_t>(in.tos());
  wire.icmp_code = static_cast<uint16_t>(in.icmp_code());
  wire.icmp_mtu = static_cast<uint16_t>(in.icmp_mtu());
  wire.payload = in.payload();
  return wire;
}

absl::StatusOr<Body> DecodePacket(const pb::Packet& in) {
  if (in.step() > kLastStep) return TooLarge("step", in.step(), kLastStep);
  if (in.flags() > 0xff) return TooLarge("flags", in.flags(), 0xff);
  if (in.length() > kMostLength) {
    return TooLarge("length", in.length(), kMostLength);
  }
  absl::StatusOr<loop::Address> from = DecodeAddress(in.from());
  if (!from.ok()) return from.status();
  absl::StatusOr<loop::Address> to = DecodeAddress(in.to());
  if (!to.ok()) return to.status();
  Packet packet{static_cast<Packet::Step>(in.step()), in.packet(), *from, *to};
  packet.flags = static_cast<uint8_t>(in.flags());
  packet.seq = in.seq();
  packet.ack = in.ack();
  packet.window = in.window();
  packet.length = in.length();
  packet.reason = in.reason();
  if (in.protocol() > 0xff) return TooLarge("protocol", in.protocol(), 0xff);
  if (in.protocol() != 0) packet.protocol = static_cast<uint8_t>(in.protocol());
  if (in.sack_size() > 8 || in.sack_size() % 2 != 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "sack has ", in.sack_size(), " numbers, expected at most 4 pairs"));
  }
  packet.sack_count = static_cast<uint8_t>(in.sack_size() / 2);
  for (int i = 0; i < packet.sack_count; ++i) {
    packet.sack[i] = {in.sack(2 * i), in.sack(2 * i + 1)};
  }
  absl::Status wire = CheckWire(in.wire(), in.length());
  if (!wire.ok()) return wire;
  packet.wire = DecodeWire(in.wire());
  return Body(packet);
}

absl::StatusOr<Body> DecodeLoop(const pb::Loop& in) {
  if (in.kind() > kLastKind) return TooLarge("kind", in.kind(), kLastKind);
  if (in.interest() > 0xff) return TooLarge("interest", in.interest(), 0xff);
  loop::LoopEvent event;
  event.kind = static_cast<loop::LoopEvent::Kind>(in.kind());
  event.interest = static_cast<loop::Interest>(in.interest());
  event.fd = loop::Fd{in.fd()};
  event.id = in.id();
  event.count = in.count();
  return Body(Loop{event});
}

absl::StatusOr<Body> DecodeBody(const pb::Record& in) {
  switch (in.body_case()) {
    case pb::Record::kChoice:
      return Body(Choice{in.choice().name(), in.choice().picked(),
                         in.choice().alternatives()});
    case pb::Record::kCall:
      return DecodeCall(in.call());
    case pb::Record::kPacket:
      return DecodePacket(in.packet());
    case pb::Record::kReadiness:
      return Body(
          Readiness{loop::Fd{in.readiness().fd()}, in.readiness().events()});
    case pb::Record::kLoop:
      return DecodeLoop(in.loop());
    case pb::Record::kNote:
      return Body(
          Note{in.note().actor(), in.note().event(), in.note().detail()});
    case pb::Record::BODY_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError(
      "a record of no known kind, expected a choice, call, packet, readiness, "
      "loop or note");
}

}  // namespace

void EncodeAddress(const loop::Address& address, pb::Address& message) {
  message.set_family(static_cast<uint32_t>(address.family));
  message.set_ip(address.ip.v4().bits);
  message.set_port(address.port);
  if (address.family == loop::Family::kInet6) {
    message.set_ip6_high(address.ip.high());
    message.set_ip6_low(address.ip.low());
  }
  message.set_path(address.path);
  message.set_short_size(address.short_size);
}

absl::StatusOr<loop::Address> DecodeAddress(const pb::Address& message) {
  if (message.family() > 0xffff) {
    return TooLarge("family", message.family(), 0xffff);
  }
  if (message.port() > 0xffff) return TooLarge("port", message.port(), 0xffff);
  if (message.short_size() > 0xffff) {
    return TooLarge("short_size", message.short_size(), 0xffff);
  }
  loop::Address address;
  address.family = static_cast<loop::Family>(message.family());
  address.port = static_cast<uint16_t>(message.port());
  address.short_size = static_cast<uint16_t>(message.short_size());
  address.path = message.path();
  if (address.family == loop::Family::kInet) {
    address.ip = loop::Ipv4{message.ip()};
  } else if (address.family == loop::Family::kInet6) {
    address.ip = loop::Ip(message.ip6_high(), message.ip6_low());
  }
  return address;
}

void EncodeRecord(const Record& record, pb::Record& message) {
  message.set_cause(record.cause);
  message.set_time_nanos(record.time.nanos());
  message.set_process(record.process);
  message.set_owner(record.owner);
  std::visit(BodyEncoder{message}, record.body);
}

absl::StatusOr<Record> DecodeRecord(const pb::Record& message) {
  if (message.process() > kNoProcess) {
    return TooLarge("process", message.process(), kNoProcess);
  }
  if (message.owner() > 0xffff) {
    return TooLarge("owner", message.owner(), 0xffff);
  }
  absl::StatusOr<Body> body = DecodeBody(message);
  if (!body.ok()) return body.status();
  Record record;
  record.cause = message.cause();
  record.time = loop::Instant::FromNanos(message.time_nanos());
  record.process = static_cast<ProcessId>(message.process());
  record.owner = static_cast<loop::Owner>(message.owner());
  record.body = *body;
  return record;
}

}  // namespace simloop::trace
