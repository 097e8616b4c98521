#include "explore/explanation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "explore/trying.h"
#include "trace/record_text.h"

namespace simloop::explore {
namespace {

constexpr int kSaysNothing = 5;

// How much a pair of moments says: an arrival against something that the
// program does says most.
int Rank(const Moment& first, const Moment& second) {
  const auto is = [&](Moment::Kind kind) {
    return (first.kind == kind ? 1 : 0) + (second.kind == kind ? 1 : 0);
  };
  const int arrivals = is(Moment::Kind::kArrival);
  const int calls = is(Moment::Kind::kCall);
  const int timers = is(Moment::Kind::kTimer);
  // What a process says as it exits is a consequence.
  const bool exits = absl::StartsWith(first.name, "process ") ||
                     absl::StartsWith(second.name, "process ");
  if (is(Moment::Kind::kSending) + is(Moment::Kind::kCallback) > 0 || exits) {
    return kSaysNothing;
  }
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
// So is mostly what comes behind the exit of a process, whose descriptors are
// closed then.
constexpr int kBehindExit = 3;

// `process` kNoProcess: on any.
Pair FindSwapped(const Story& holds, const Story& fails,
                 trace::ProcessId process) {
  const std::vector<Moment>& there = fails.moments();
  const size_t from = FindParting(holds, fails).fails;
  const size_t to = std::min(there.size(), from + kNear);
  Pair best;
  int exits = 0;
  for (size_t j = from; j < to; ++j) {
    if (absl::StartsWith(there[j].name, "process exit")) exits = kBehindExit;
    const size_t j_holds = holds.Find(there[j].name);
    if (j_holds == holds.moments().size()) continue;
    for (size_t i = from; i < j; ++i) {
      const size_t i_holds = holds.Find(there[i].name);
      if (i_holds == holds.moments().size() || i_holds < j_holds) continue;
      if (there[i].process != there[j].process) continue;
      if (process != trace::kNoProcess && there[i].process != process) continue;
      const int rank = std::min(Rank(there[i], there[j]) + exits, kSaysNothing);
      if (rank < best.rank) best = {rank, i, j};
    }
  }
  return best;
}

// The first moment that only `in` has, on `process` if that is one.
const Moment* FirstOnly(const Story& in, size_t from, const Story& not_in,
                        trace::ProcessId process) {
  for (size_t i = from; i < in.moments().size(); ++i) {
    const Moment& moment = in.moments()[i];
    if (moment.kind == Moment::Kind::kNote ||
        moment.kind == Moment::Kind::kCallback) {
      continue;
    }
    if (process != trace::kNoProcess && moment.process != process) continue;
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

// The next arrival on `process` behind `at` that both have.
const Moment* FirstArrival(const Story& in, size_t at, const Story& holds,
                           trace::ProcessId process) {
  const size_t to = std::min(in.moments().size(), at + kNear);
  for (size_t i = at + 1; i < to; ++i) {
    const Moment& moment = in.moments()[i];
    if (moment.kind != Moment::Kind::kArrival || moment.process != process) {
      continue;
    }
    if (holds.Find(moment.name) != holds.moments().size()) return &moment;
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

namespace {

// "" if there is nothing that tells the two apart on `process`.
std::string WhatMattersOn(const Story& holds, const Story& fails,
                          trace::ProcessId process) {
  const Pair pair = FindSwapped(holds, fails, process);
  const Parting parting = FindParting(holds, fails);
  const Moment* only = FirstOnly(fails, parting.fails, holds, process);
  // A timer that goes off in one run alone, ahead of all that is in another
  // order, is the reason of that.
  const bool timer_first = only != nullptr &&
                           only->kind == Moment::Kind::kTimer &&
                           only < fails.moments().data() + pair.first;
  if (pair.rank < kSaysNothing && !timer_first) {
    return absl::StrCat(fails.moments()[pair.first].name, " before ",
                        fails.moments()[pair.second].name);
  }
  if (only == nullptr) return "";
  // It came first, and what it came before does not come any more.
  const Moment* gone = FirstOf(holds, parting.holds, fails, only->process);
  if (gone != nullptr) {
    return absl::StrCat(only->name, " before ", gone->name);
  }
  const auto at = static_cast<size_t>(only - fails.moments().data());
  // Or it came, and something arrived that it had not come before.
  const Moment* late = FirstArrival(fails, at, holds, only->process);
  if (late != nullptr) {
    return absl::StrCat(only->name, " before ", late->name);
  }
  if (at == 0) return only->text;
  return absl::StrCat(only->text, ", after ", fails.moments()[at - 1].name);
}

}  // namespace

std::string WhatMatters(const Story& holds, const Story& fails,
                        const Decision& decision) {
  const absl::string_view host =
      absl::string_view(decision.name).substr(0, decision.name.find('.'));
  std::string words;
  if (absl::EndsWith(decision.name, " wakeup") ||
      absl::EndsWith(decision.name, " order")) {
    words = WhatMattersOn(holds, fails, fails.ProcessOn(host));
  }
  if (words.empty()) words = WhatMattersOn(holds, fails, trace::kNoProcess);
  if (!words.empty()) return words;
  const Parting parting = FindParting(holds, fails);
  const Moment* only =
      FirstOnly(holds, parting.holds, fails, trace::kNoProcess);
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
