// LiveSearch: a search whose attempts run in worker processes, side by side.
// What it finds is the same for any number of them.
#ifndef SCENARIOS_LIVE_SEARCH_H_
#define SCENARIOS_LIVE_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "explore/schedule.h"
#include "explore/search.h"
#include "explore/strategy.h"
#include "explore/subject.h"

namespace simloop::scenarios {

struct LiveSearchOptions {
  size_t jobs = 1;
  // One attempt of so many is run twice and compared; 0: none.
  uint64_t check_one_in = 50;
  // A batch of attempts that takes longer is taken for one that hangs.
  absl::Duration deadline = absl::Seconds(60);
};

// Runs `search`, of `strategy`, to its end, or until `progress` answers false;
// it is told now and then, at least twice a second. A run that ends its
// process fails in a way of its own: "crashed: Aborted".
void RunSearch(explore::Subject& subject, const explore::Strategy& strategy,
               const LiveSearchOptions& options,
               absl::FunctionRef<bool(absl::Duration since_start)> progress,
               explore::Search* search);

// The decisions of an attempt that ends its process, until then; it is made in
// a child process.
std::vector<explore::Decision> DecisionsOfCrash(
    explore::Subject& subject, const explore::Strategy& strategy,
    const explore::Attempt& attempt, absl::Duration deadline);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_LIVE_SEARCH_H_
