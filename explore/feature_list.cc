#include "explore/feature_list.h"

#include <algorithm>
#include <variant>

#include "explore/mix.h"

namespace simloop::explore {
namespace {

// What kind of thing a record is, without numbers and times: 0 if it is none
// that counts.
uint64_t KindOf(const trace::Record& record) {
  if (const auto* call = std::get_if<trace::Call>(&record.body)) {
    return Mix(
        1000 + static_cast<uint64_t>(call->call),
        static_cast<uint64_t>(call->error) * 4 + (call->result == 0 ? 0 : 1));
  }
  if (const auto* packet = std::get_if<trace::Packet>(&record.body)) {
    return Mix(2000 + static_cast<uint64_t>(packet->step), packet->flags);
  }
  if (const auto* ready = std::get_if<trace::Readiness>(&record.body)) {
    return Mix(3000, ready->events);
  }
  if (const auto* loop = std::get_if<trace::Loop>(&record.body)) {
    return Mix(4000, static_cast<uint64_t>(loop->event.kind));
  }
  if (const auto* note = std::get_if<trace::Note>(&record.body)) {
    return MixText(MixText(5000, note->actor), note->event);
  }
  return 0;
}

}  // namespace

void FeatureList::Take(const trace::Record& record) {
  const uint64_t kind = KindOf(record);
  if (kind == 0) return;
  const size_t process =
      record.process == trace::kNoProcess ? 0 : size_t{record.process} + 1;
  if (before_.size() <= process) before_.resize(process + 1);
  features_.push_back(
      static_cast<uint32_t>(Mix(Mix(process, before_[process]), kind)));
  before_[process] = kind;
  if (std::holds_alternative<trace::Note>(record.body)) {
    features_.push_back(static_cast<uint32_t>(Mix(note_before_, kind)));
    note_before_ = kind;
  }
}

std::vector<uint32_t> FeatureList::Features() const {
  std::vector<uint32_t> sorted = features_;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  return sorted;
}

}  // namespace simloop::explore
