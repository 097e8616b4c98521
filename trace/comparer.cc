// Finds the first differing record of two runs.
#include "trace/comparer.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "trace/record_text.h"

namespace simloop::trace {
namespace {

constexpr RecordId kLinesBefore = 5;

// Field by field: `other` is of the same kind.
struct SameBody {
  const Body& other;

  bool operator()(const Choice& a) const {
    const Choice& b = std::get<Choice>(other);
    return a.name == b.name && a.picked == b.picked &&
           a.alternatives == b.alternatives;
  }
  bool operator()(const Call& a) const {
    const Call& b = std::get<Call>(other);
    return a.call == b.call && a.fd == b.fd && a.other == b.other &&
           a.error == b.error && a.result == b.result &&
           std::equal(a.args, a.args + 3, b.args) && a.address == b.address &&
           a.data == b.data;
  }
  bool operator()(const Packet& a) const {
    const Packet& b = std::get<Packet>(other);
    return a.step == b.step && a.packet == b.packet && a.from == b.from &&
           a.to == b.to && a.flags == b.flags && a.seq == b.seq &&
           a.ack == b.ack && a.window == b.window && a.length == b.length &&
           a.reason == b.reason && a.protocol == b.protocol &&
           a.sack_count == b.sack_count &&
           std::equal(a.sack.begin(), a.sack.begin() + a.sack_count,
                      b.sack.begin());
  }
  bool operator()(const Readiness& a) const {
    const Readiness& b = std::get<Readiness>(other);
    return a.fd == b.fd && a.events == b.events;
  }
  bool operator()(const Loop& a) const {
    const loop::LoopEvent& b = std::get<Loop>(other).event;
    return a.event.kind == b.kind && a.event.interest == b.interest &&
           a.event.fd == b.fd && a.event.id == b.id && a.event.count == b.count;
  }
  bool operator()(const Note& a) const {
    const Note& b = std::get<Note>(other);
    return a.actor == b.actor && a.event == b.event && a.detail == b.detail;
  }
};

}  // namespace

bool SameRecord(const Record& a, const Record& b) {
  return a.id == b.id && a.cause == b.cause && a.time == b.time &&
         a.process == b.process && a.owner == b.owner &&
         a.body.index() == b.body.index() &&
         std::visit(SameBody{b.body}, a.body);
}

void Comparer::Take(const Record& record) {
  if (difference_ != 0) return;
  ++taken_;
  if (taken_ <= expected_.size() && SameRecord(expected_.Get(taken_), record)) {
    return;
  }
  difference_ = taken_;
  got_ = RecordText(expected_, record);
}

std::string Comparer::Report() const {
  if (difference_ == 0 && taken_ == expected_.size()) return "";
  const RecordId first = difference_ != 0 ? difference_ : taken_ + 1;
  std::string report = absl::StrCat("record ", first, ": expected\n  ");
  absl::StrAppend(
      &report,
      first <= expected_.size() ? RecordText(expected_, expected_.Get(first))
                                : "the end of the run",
      "\ngot\n  ", difference_ != 0 ? got_ : "the end of the run", "\n");
  if (first > 1) absl::StrAppend(&report, "after\n");
  for (RecordId id = first > kLinesBefore ? first - kLinesBefore : 1;
       id < first; ++id) {
    absl::StrAppend(&report, "  ", RecordText(expected_, expected_.Get(id)),
                    "\n");
  }
  return report;
}

std::string CompareTraces(const Trace& expected, const Trace& got) {
  Comparer comparer(expected);
  got.CopyTo(comparer);
  return comparer.Report();
}

}  // namespace simloop::trace
