// Trying: one attempt of a search, run.
#ifndef EXPLORE_TRYING_H_
#define EXPLORE_TRYING_H_

#include <string>
#include <vector>

#include "explore/schedule.h"
#include "explore/search.h"
#include "explore/strategy.h"
#include "explore/subject.h"
#include "trace/trace.h"

namespace simloop::explore {

// Runs `attempt`, and says what the strategy wants to know. `check`: runs it
// twice, and compares the hashes.
Observation Try(Subject& subject, const Strategy& strategy,
                const Attempt& attempt, bool check);

// A run whose decisions are known.
struct DecidedRun {
  Trial trial;
  std::vector<Decision> decisions;     // that were not the calm ones, in order
  std::vector<uint32_t> alternatives;  // how many ways each of them had
};

// Runs `attempt` again; `trace` keeps it, and may be null.
DecidedRun RunAttempt(Subject& subject, const Strategy& strategy,
                      const Attempt& attempt, trace::Sink* sink);

// Runs by `decisions`, calm elsewhere.
DecidedRun RunDecisions(Subject& subject,
                        const std::vector<Decision>& decisions,
                        trace::Sink* sink);

// Runs all of `search`, of `strategy`, in this process.
void RunSearchHere(Subject& subject, const Strategy& strategy,
                   uint64_t check_one_in, Search* search);

}  // namespace simloop::explore

#endif  // EXPLORE_TRYING_H_
