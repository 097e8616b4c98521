// SearchOrder: what the command line asks of a search.
#ifndef SCENARIOS_COMMANDS_SEARCH_ORDER_H_
#define SCENARIOS_COMMANDS_SEARCH_ORDER_H_

#include <string>

#include "absl/status/statusor.h"
#include "scenarios/commands/options.h"
#include "scenarios/live_search.h"
#include "scenarios/search_record.h"

namespace simloop::scenarios {

struct SearchOrder {
  SearchRecord record;
  LiveSearchOptions live;
  bool until_failure = false;
  bool resume = false;
  bool wants_folder = false;  // whether or not something is found
  std::string folder;
};

// Where there is no --shard, the environment of a cluster's job tells it:
// Slurm's job arrays, Kubernetes' indexed jobs (docs/clusters.md).
absl::StatusOr<SearchOrder> ReadSearchOrder(const Options& options);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_COMMANDS_SEARCH_ORDER_H_
