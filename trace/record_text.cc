// One line for each kind of record.
#include "trace/record_text.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "trace/abi_text.h"
#include "trace/call_text.h"
#include "trace/loop_text.h"

namespace simloop::trace {
namespace {

std::string NumberText(loop::Fd fd) { return absl::StrCat(fd.number); }

absl::string_view StepText(Packet::Step step) {
  switch (step) {
    case Packet::Step::kSent:
      return "sent";
    case Packet::Step::kDelivered:
      return "delivered";
    case Packet::Step::kDropped:
      return "dropped";
  }
  return "";
}

struct BodyText {
  std::string operator()(const Choice& choice) const {
    return absl::StrFormat("choice %s: %u of %u", choice.name, choice.picked,
                           choice.alternatives);
  }
  std::string operator()(const Call& call) const {
    return CallText(call, NumberText);
  }
  std::string operator()(const Packet& packet) const {
    const std::string sequence =
        packet.protocol == loop::kIpprotoTcp
            ? absl::StrFormat(" seq %u ack %u win %u", packet.seq, packet.ack,
                              packet.window)
            : "";
    return absl::StrFormat("packet %u %s: %s > %s %s%s%s%s", packet.packet,
                           StepText(packet.step), packet.from.ToString(),
                           packet.to.ToString(), PacketText(packet), sequence,
                           packet.reason.empty() ? "" : ": ", packet.reason);
  }
  std::string operator()(const Readiness& readiness) const {
    return absl::StrFormat("ready: %d %s", readiness.fd.number,
                           EpollEventsText(readiness.events));
  }
  std::string operator()(const Loop& loop) const {
    return LoopText(loop.event, NumberText);
  }
  std::string operator()(const Note& note) const {
    return absl::StrFormat("note: %s %s%s%s", note.actor, note.event,
                           note.detail.empty() ? "" : " ", note.detail);
  }
};

}  // namespace

std::string TimeText(loop::Instant time) {
  constexpr int64_t kNanosPerMilli = 1000000;
  return absl::StrFormat("%d.%06dms", time.nanos() / kNanosPerMilli,
                         time.nanos() % kNanosPerMilli);
}

std::string PacketText(const Packet& packet) {
  std::string text = packet.protocol == loop::kIpprotoTcp
                         ? TcpFlagsText(packet.flags)
                         : ProtocolText(packet.protocol);
  if (packet.length > 0) absl::StrAppend(&text, " ", packet.length, " bytes");
  return text;
}

std::string RecordText(const Trace& trace, const Record& record) {
  const std::string owner = OwnerName(trace, record.process, record.owner);
  return absl::StrFormat(
      "%u %s %s%s%s <- %u: %s", record.id, TimeText(record.time),
      ProcessName(trace, record.process), owner.empty() ? "" : "/", owner,
      record.cause, std::visit(BodyText(), record.body));
}

}  // namespace simloop::trace
