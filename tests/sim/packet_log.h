// PacketLog: a trace's packets, one line each, for tests to look at:
// "10ms sent 32768>7001 SYN seq=0 len=0".
#ifndef TESTS_SIM_PACKET_LOG_H_
#define TESTS_SIM_PACKET_LOG_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sim/tcp/segment.h"
#include "trace/recorder.h"

namespace simloop::sim {

class PacketLog final : public trace::Sink {
 public:
  void Take(const trace::Record& record) override {
    const auto* packet = std::get_if<trace::Packet>(&record.body);
    if (packet == nullptr) return;
    const bool sent = packet->step == trace::Packet::Step::kSent;
    const bool dropped = packet->step == trace::Packet::Step::kDropped;
    lines_.push_back(absl::StrCat(
        absl::FormatDuration(absl::Nanoseconds(record.time.nanos())), " ",
        sent ? "sent" : (dropped ? "dropped" : "came"), " ", packet->from.port,
        ">", packet->to.port, FlagText(packet->flags),
        " len=", packet->length));
  }

  // Those that contain `part`.
  std::vector<std::string> With(absl::string_view part) const {
    std::vector<std::string> found;
    for (const std::string& line : lines_) {
      if (absl::StrContains(line, part)) found.push_back(line);
    }
    return found;
  }
  void Clear() { lines_.clear(); }

 private:
  static std::string FlagText(uint8_t flags) {
    std::string text;
    if ((flags & tcp::kSyn) != 0) text += " SYN";
    if ((flags & tcp::kFin) != 0) text += " FIN";
    if ((flags & tcp::kRst) != 0) text += " RST";
    if ((flags & tcp::kAck) != 0) text += " ACK";
    return text;
  }

  std::vector<std::string> lines_;
};

}  // namespace simloop::sim

#endif  // TESTS_SIM_PACKET_LOG_H_
