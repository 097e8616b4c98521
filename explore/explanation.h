// Explanation: why a run fails: its twin, which differs from it in one decision
// and holds, and where the two part.
#ifndef EXPLORE_EXPLANATION_H_
#define EXPLORE_EXPLANATION_H_

#include <optional>
#include <string>
#include <vector>

#include "explore/schedule.h"
#include "explore/story.h"
#include "explore/subject.h"

namespace simloop::explore {

// The decision that matters.
struct Critical {
  Decision decision;  // of the run that fails
  // What the twin takes there: the nearest that holds. 0: the calm way.
  uint32_t instead = 0;
  std::vector<Decision> twin;  // all that the twin takes
};

// Of a run that fails in `way`, the last decision without which it does not.
// nullopt if there is none: it fails in the calm run.
std::optional<Critical> FindCritical(Subject& subject,
                                     const std::vector<Decision>& decisions,
                                     const std::string& way);

// "server's FIN reaches client before client.write#2": two moments of one host
// that both runs have, in the other order; else what one of them has alone.
// First what happens on the host that `decision` names is looked at.
std::string WhatMatters(const Story& holds, const Story& fails,
                        const Decision& decision);

// The first moment that is not the same in both: its place in each.
struct Parting {
  size_t holds = 0;
  size_t fails = 0;
};
Parting FindParting(const Story& holds, const Story& fails);

// The two from there on, side by side, in `width` columns and at most `lines`
// lines; what both have is in one line.
std::string SideBySide(const Story& holds, const Story& fails, size_t width,
                       size_t lines);

// What led to the first note that the run that fails has alone, the last cause
// first; "" if there is none.
std::string CausesText(const trace::Trace& trace, const Story& holds,
                       const Story& fails);

}  // namespace simloop::explore

#endif  // EXPLORE_EXPLANATION_H_
