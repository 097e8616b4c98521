#include "explore/search.h"

#include <utility>

#include "loop/check.h"

namespace simloop::explore {

uint64_t Search::Next(size_t most, std::vector<Attempt>* attempts) {
  const uint64_t place = given_;
  Attempt attempt;
  for (size_t i = 0; i < most && !stopped_ && given_ < options_.runs; ++i) {
    if (!strategy_.Next(&attempt)) {
      exhausted_ = under_way_.empty() && i == 0;
      break;
    }
    under_way_.push_back({attempt, std::nullopt});
    attempts->push_back(attempt);
    ++given_;
  }
  return place;
}

void Search::Take(uint64_t place, Observation seen) {
  // What comes behind the failure that ends a search is no part of it.
  if (ended_) return;
  const uint64_t index = place - tally_.runs;
  SIMLOOP_CHECK(place >= tally_.runs && index < under_way_.size(),
                "only what was given out is seen");
  under_way_[index].seen = std::move(seen);
  while (!under_way_.empty() && under_way_.front().seen.has_value()) {
    const UnderWay first = std::move(under_way_.front());
    under_way_.pop_front();
    ++tally_.runs;
    Learn(first.attempt, *first.seen);
    if (!options_.until_failure || tally_.found.empty()) continue;
    stopped_ = ended_ = true;
    under_way_.clear();
  }
}

void Search::Learn(const Attempt& attempt, const Observation& seen) {
  strategy_.Learn(attempt, seen);
  if (strategy_.wants().sites != nullptr) tally_.orders.insert(seen.order);
  tally_.shown.insert(seen.shown.begin(), seen.shown.end());
  if (seen.unequal && !tally_.unequal) tally_.unequal = attempt;
  if (seen.ways.empty()) return;
  ++tally_.failed;
  if (strategy_.wants().sites != nullptr)
    tally_.failed_orders.insert(seen.order);
  for (Found& found : tally_.found) {
    if (found.way != seen.ways[0]) continue;
    ++found.runs;
    return;
  }
  tally_.found.push_back({seen.ways[0], attempt, 1});
}

}  // namespace simloop::explore
