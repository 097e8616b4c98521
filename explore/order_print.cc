#include "explore/order_print.h"

#include <string>

#include "absl/strings/match.h"
#include "explore/mix.h"
#include "sim/event.h"

namespace simloop::explore {

uint32_t OrderPrint::Pick(const sim::Choice& choice) {
  const uint32_t pick = scheduler_.Pick(choice);
  // Orders and times are seen by what happens; every other decision makes a
  // difference by itself.
  const bool seen = choice.kind == sim::ChoiceKind::kOrder ||
                    choice.kind == sim::ChoiceKind::kDelay ||
                    choice.kind == sim::ChoiceKind::kWakeup ||
                    choice.kind == sim::ChoiceKind::kFault;
  if (pick != 0 && !seen) Add(MixText(pick, choice.name));
  return pick;
}

void OrderPrint::OnEvent(const sim::Event& event) {
  scheduler_.OnEvent(event);
  const std::string name = event.Name();
  site_ = event.HostIndex();
  // What concerns everybody may make any process run.
  runs_ = site_ == sim::Event::kEverywhere || absl::StrContains(name, ".wake#");
  if (site_ != sim::Event::kEverywhere) {
    site_ = site_ < sites_.size() ? sites_[site_] : 0;
    if (site_ >= lines_.size()) lines_.resize(site_ + 1);
  }
  Add(MixText(static_cast<uint64_t>(event.at().nanos()), name));
}

void OrderPrint::Add(uint64_t what) {
  for (uint32_t i = 0; i < lines_.size(); ++i) {
    if (site_ != sim::Event::kEverywhere && site_ != i) continue;
    lines_[i].all = Mix(lines_[i].all, what);
    if (runs_) lines_[i].seen = lines_[i].all;
  }
}

uint64_t OrderPrint::print() const {
  uint64_t print = 0;
  for (const Line& line : lines_) print = Mix(print, line.seen);
  return print;
}

}  // namespace simloop::explore
