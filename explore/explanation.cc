#include "explore/explanation.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "explore/trying.h"
#include "trace/record_text.h"

namespace simloop::explore {
namespace {

// How much a pair of moments says: an arrival against something that the
// program does says most.
int Rank(const Moment& first, const Moment& second) {
  const auto is = [&](Moment::Kind kind) {
    return (first.kind == kind ? 1 : 0) + (second.kind == kind ? 1 : 0);
  };
  const int arrivals = is(Moment::Kind::kArrival);
  const int calls = is(Moment::Kind::kCall);
  const int timers = is(Moment::Kind::kTimer);
  if (is(Moment::Kind::kSending) + is(Moment::Kind::kCallback) > 0) return 5;
  if (arrivals == 1 && timers == 1) return 0;
  if (arrivals == 1 && calls == 1) return 1;
  if (arrivals == 2) return 2;
  if (timers >= 1) return 3;
  return 4;
}

struct Pair {
  int rank = 100;
  size_t first = 0;
  size_t second = 0;
};

// What comes long after two runs have parted is a consequence.
constexpr size_t kNear = 60;

Pair FindSwapped(const Story& holds, const Story& fails) {
  const std::vector<Moment>& there = fails.moments();
  const size_t from = FindParting(holds, fails).fails;
  const size_t to = std::min(there.size(), from + kNear);
  Pair best;
  for (size_t j = from; j < to; ++j) {
    const size_t j_holds = holds.Find(there[j].name);
    if (j_holds == holds.moments().size()) continue;
    for (size_t i = from; i < j; ++i) {
      const size_t i_holds = holds.Find(there[i].name);
      if (i_holds == holds.moments().size() || i_holds < j_holds) continue;
      if (there[i].process != there[j].process) continue;
      const int rank = Rank(there[i], there[j]);
      if (rank < best.rank) best = {rank, i, j};
    }
  }
  return best;
}

const Moment* FirstOnly(const Story& in, size_t from, const Story& not_in,
                        bool notes) {
  for (size_t i = from; i < in.moments().size(); ++i) {
    const Moment& moment = in.moments()[i];
    if ((moment.kind == Moment::Kind::kNote) != notes) continue;
    if (not_in.Find(moment.name) == not_in.moments().size()) return &moment;
  }
  return nullptr;
}

// The first call of `process` that only `in` has.
const Moment* FirstOf(const Story& in, size_t from, const Story& not_in,
                      trace::ProcessId process) {
  for (size_t i = from; i < in.moments().size(); ++i) {
    const Moment& moment = in.moments()[i];
    if (moment.kind != Moment::Kind::kCall || moment.process != process) {
      continue;
    }
    if (not_in.Find(moment.name) == not_in.moments().size()) return &moment;
  }
  return nullptr;
}

}  // namespace

std::optional<Critical> FindCritical(Subject& subject,
                                     const std::vector<Decision>& decisions,
                                     const std::string& way) {
  for (size_t i = decisions.size(); i-- > 0;) {
    std::vector<Decision> twin = decisions;
    uint32_t least_first[2] = {decisions[i].pick - 1, 0};
    for (const uint32_t pick : least_first) {
      twin[i].pick = pick;
      DecidedRun run = RunDecisions(subject, twin, nullptr);
      if (run.trial.Fails(way)) continue;
      return Critical{decisions[i], pick, std::move(run.decisions)};
    }
  }
  return std::nullopt;
}

std::string WhatMatters(const Story& holds, const Story& fails) {
  const Pair pair = FindSwapped(holds, fails);
  if (pair.rank < 5) {
    return absl::StrCat(fails.moments()[pair.first].name, " before ",
                        fails.moments()[pair.second].name);
  }
  const Parting parting = FindParting(holds, fails);
  const Moment* only = FirstOnly(fails, parting.fails, holds, false);
  // It came first, and what it came before does not come any more.
  const Moment* gone =
      only == nullptr ? nullptr
                      : FirstOf(holds, parting.holds, fails, only->process);
  if (gone != nullptr) {
    return absl::StrCat(only->name, " before ", gone->name);
  }
  if (only != nullptr) {
    const size_t at = static_cast<size_t>(only - fails.moments().data());
    return absl::StrCat(
        only->text,
        at == 0 ? "" : absl::StrCat(", after ", fails.moments()[at - 1].name));
  }
  only = FirstOnly(holds, parting.holds, fails, false);
  if (only != nullptr) return absl::StrCat("there is no ", only->name);
  if (parting.fails < fails.moments().size()) {
    const Moment& moment = fails.moments()[parting.fails];
    return absl::StrCat(moment.text, " at ", trace::TimeText(moment.time));
  }
  return "it ends early";
}

Parting FindParting(const Story& holds, const Story& fails) {
  size_t i = 0;
  while (i < holds.moments().size() && i < fails.moments().size() &&
         holds.moments()[i].text == fails.moments()[i].text &&
         holds.moments()[i].time == fails.moments()[i].time) {
    ++i;
  }
  return {i, i};
}

}  // namespace simloop::explore
