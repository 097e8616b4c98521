// Search: tries attempts of a strategy until enough were tried, and keeps each
// way to fail that they show. Who runs them, and when, is not its business: it
// gives attempts out, and takes what they showed in any order.
#ifndef EXPLORE_SEARCH_H_
#define EXPLORE_SEARCH_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "explore/strategy.h"

namespace simloop::explore {

// A way to fail.
struct Found {
  std::string way;
  Attempt first;      // that showed it
  uint64_t runs = 0;  // how many did
};

// What a search has come to.
struct SearchTally {
  uint64_t runs = 0;         // learned from
  uint64_t failed = 0;       // of them
  std::vector<Found> found;  // in the order in which they were
  // Of a strategy that tells orders apart: those that it saw, and of these
  // those that failed.
  std::set<uint64_t> orders;
  std::set<uint64_t> failed_orders;
  // Of what some run should show, what was.
  std::set<std::string> shown;
  // The first attempt whose two runs differed.
  std::optional<Attempt> unequal;
};

class Search final {
 public:
  struct Options {
    uint64_t runs = 10'000;
    // Ends with the first failure.
    bool until_failure = false;
  };

  // `strategy` must outlive it. `tally`: what it goes on from.
  Search(Strategy& strategy, Options options, SearchTally tally = {})
      : strategy_(strategy), options_(options), tally_(std::move(tally)) {
    given_ = tally_.runs;
  }

  // Appends at most `most` attempts; none: wait for what is under way, or, if
  // nothing is, it is over. The place of the first among all that were ever
  // given is the answer.
  uint64_t Next(size_t most, std::vector<Attempt>* attempts);
  // What the attempt at `place` showed.
  void Take(uint64_t place, Observation seen);
  // No more attempts are given.
  void Stop() { stopped_ = true; }

  // The strategy has no more to try.
  bool exhausted() const { return exhausted_; }
  const SearchTally& tally() const { return tally_; }

 private:
  struct UnderWay {
    Attempt attempt;
    std::optional<Observation> seen;
  };

  void Learn(const Attempt& attempt, const Observation& seen);

  Strategy& strategy_;
  const Options options_;
  SearchTally tally_;
  uint64_t given_ = 0;
  bool stopped_ = false;
  bool ended_ = false;  // by a failure
  bool exhausted_ = false;
  std::deque<UnderWay> under_way_;  // the first is at place tally_.runs
};

}  // namespace simloop::explore

#endif  // EXPLORE_SEARCH_H_
