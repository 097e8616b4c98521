#include "explore/shrink.h"

#include <algorithm>
#include <utility>

#include "explore/trying.h"

namespace simloop::explore {
namespace {

// Beyond so many the square of them is too much.
constexpr size_t kMostForPairs = 24;
// Schedules of long runs have thousands of decisions; so many runs are enough.
constexpr uint64_t kMostRuns = 200'000;

}  // namespace

bool Shrinker::Try(const std::vector<Decision>& decisions) {
  if (runs_ >= kMostRuns) return false;
  ++runs_;
  DecidedRun run = RunDecisions(subject_, decisions, nullptr);
  const bool fails = run.trial.Fails(way_);
  if (fails) {
    left_ = std::move(run.decisions);
    alternatives_ = std::move(run.alternatives);
  }
  progress_(left_.size(), runs_);
  return fails;
}

std::vector<Decision> Shrinker::Without(size_t from, size_t count) const {
  std::vector<Decision> fewer = left_;
  const auto first = fewer.begin() + static_cast<ptrdiff_t>(from);
  fewer.erase(first, first + static_cast<ptrdiff_t>(
                                 std::min(count, fewer.size() - from)));
  return fewer;
}

void Shrinker::Remove() {
  if (!left_.empty() && Try({})) return;
  for (size_t chunk = std::max<size_t>(1, left_.size() / 2);;) {
    bool removed = false;
    // From the back: what is late has the least to do with the rest.
    for (size_t end = left_.size(); end > 0;) {
      const size_t from = end > chunk ? end - chunk : 0;
      removed = Try(Without(from, end - from)) || removed;
      end = std::min(from, left_.size());
    }
    if (chunk == 1 && !removed) return;
    chunk = std::max<size_t>(1, removed ? chunk : chunk / 2);
    chunk = std::min(chunk, std::max<size_t>(1, left_.size()));
  }
}

bool Shrinker::RemovePairs() {
  if (left_.size() > kMostForPairs) return false;
  for (size_t i = left_.size(); i-- > 1;) {
    for (size_t j = i; j-- > 0;) {
      std::vector<Decision> fewer = Without(i, 1);
      fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(j));
      if (Try(fewer)) return true;
    }
  }
  return false;
}

// One that takes all it can may make others needless.
bool Shrinker::Raise() {
  if (left_.size() > kMostForPairs) return false;
  for (size_t i = 0; i < left_.size(); ++i) {
    if (left_[i].pick + 1 >= alternatives_[i]) continue;
    for (size_t j = left_.size(); j-- > 0;) {
      if (i == j) continue;
      std::vector<Decision> other = left_;
      other[i].pick = alternatives_[i] - 1;
      other.erase(other.begin() + static_cast<ptrdiff_t>(j));
      const size_t before = left_.size();
      if (Try(other) && left_.size() < before) return true;
    }
  }
  return false;
}

void Shrinker::Lower() {
  for (size_t i = 0; i < left_.size(); ++i) {
    // The least that fails, if what fails is all above it; else some less.
    uint32_t holds = 0;
    while (i < left_.size() && holds + 1 < left_[i].pick) {
      std::vector<Decision> less = left_;
      less[i].pick = holds == 0 ? 1 : holds + (left_[i].pick - holds) / 2;
      const size_t before = left_.size();
      if (!Try(less)) holds = less[i].pick;
      if (left_.size() != before) break;
    }
  }
}

std::vector<Decision> Shrinker::Shrink(std::vector<Decision> decisions) {
  left_ = decisions;
  if (!Try(decisions)) return decisions;
  do {
    Remove();
  } while (RemovePairs() || Raise());
  Lower();
  Remove();
  return left_;
}

}  // namespace simloop::explore
