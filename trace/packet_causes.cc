// Follows the causes of records up to something that has a name.
#include "trace/packet_causes.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "trace/call_text.h"
#include "trace/loop_text.h"
#include "trace/record_text.h"

namespace simloop::trace {
namespace {

constexpr uint8_t kFin = 1, kRst = 4;

bool Again(const Packet& packet) { return packet.reason == "retransmission"; }

std::string PacketCauseText(const Packet& cause) {
  switch (cause.step) {
    case Packet::Step::kDelivered:
      return absl::StrCat("answer to ", NumberedPacketText(cause));
    case Packet::Step::kDropped:
      return absl::StrCat("answer to ", NumberedPacketText(cause),
                          ", which was dropped");
    case Packet::Step::kSent:
      return absl::StrCat("follows ", NumberedPacketText(cause));
  }
  return "";
}

}  // namespace

std::string NumberedPacketText(const Packet& packet) {
  return absl::StrCat(PacketText(packet), " (packet ", packet.packet, ")");
}

PacketCauses::PacketCauses(const Trace& trace) : trace_(trace) {
  for (RecordId id = 1; id <= trace.size() && !has_calls_; ++id) {
    has_calls_ = std::holds_alternative<Call>(trace.Get(id).body);
  }
}

std::string PacketCauses::Text(const Record& sent,
                               const std::string& connection,
                               bool probe) const {
  const Packet& packet = std::get<Packet>(sent.body);
  const std::string of =
      connection.empty() ? "" : absl::StrCat(" of ", connection);
  std::string cause;
  for (RecordId id = sent.cause; id != 0 && cause.empty();) {
    const Record& record = trace_.Get(id);
    if (const auto* call = std::get_if<Call>(&record.body)) {
      cause = CallText(record, *call);
    } else if (const auto* other = std::get_if<Packet>(&record.body)) {
      cause = PacketCauseText(*other);
    } else if (const auto* loop = std::get_if<Loop>(&record.body)) {
      cause = absl::StrCat(Who(record), ": ",
                           LoopText(loop->event, [](loop::Fd fd) {
                             return absl::StrCat(fd.number);
                           }));
    }
    id = record.cause;
  }
  if (cause.empty()) return TimerText(packet, of, probe);
  return Again(packet) ? absl::StrCat("retransmission", of, ": ", cause)
                       : cause;
}

// A kernel's timers have no records.
std::string PacketCauses::TimerText(const Packet& packet, const std::string& of,
                                    bool probe) const {
  if (Again(packet)) return absl::StrCat("timer: retransmission", of);
  if (packet.protocol != loop::kIpprotoTcp || !has_calls_) {
    return absl::StrCat("a call or a timer that is not traced", of);
  }
  const bool carries = packet.length > 0 || (packet.flags & kFin) != 0;
  return absl::StrCat("timer: ",
                      (packet.flags & kRst) != 0 ? "reset"
                      : carries                  ? "data that was held back"
                      : probe                    ? "probe"
                                                 : "delayed acknowledgment",
                      of);
}

std::string PacketCauses::CallText(const Record& record,
                                   const Call& call) const {
  // Only accept4(2) is called, and it is of section 2 as all the others are.
  std::string text = absl::StrCat(Who(record), ": ",
                                  std::string(SyscallName(call.call)), "(2)");
  if (!AsksDescriptor(call.call)) return text;
  const std::string name = names_.Name(record.process, call.fd);
  const std::string number = absl::StrCat("fd", call.fd.number);
  absl::StrAppend(&text, " on descriptor ", call.fd.number);
  if (name != number) absl::StrAppend(&text, " (", name, ")");
  return text;
}

std::string PacketCauses::Who(const Record& record) const {
  const std::string owner = OwnerName(trace_, record.process, record.owner);
  return owner.empty() ? ProcessName(trace_, record.process) : owner;
}

}  // namespace simloop::trace
