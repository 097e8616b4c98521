// SearchRecord: what a search leaves in its folder: which search it was, what
// it found, and all that is needed to go on. A text file, `search.txt`; the
// schedules of what it found lie beside it.
#ifndef SCENARIOS_SEARCH_RECORD_H_
#define SCENARIOS_SEARCH_RECORD_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "explore/search.h"
#include "explore/strategy.h"
#include "sim/choice.h"

namespace simloop::scenarios {

struct SearchRecord {
  std::string scenario;  // its file
  std::string strategy;
  sim::TimeMode time = sim::TimeMode::kDrawn;
  uint64_t seed = 1;
  uint64_t bound = 0;  // 0: none
  explore::Shard shard;
  uint64_t runs = 0;  // that are wanted
  explore::SearchTally tally;
  bool exhausted = false;
  std::string state;  // Strategy::State()

  std::string Text() const;
  // "search.txt:3:1: what is wrong and what was expected".
  static absl::StatusOr<SearchRecord> Parse(absl::string_view text,
                                            absl::string_view file);

  absl::Status Save(const std::string& folder) const;
  // InvalidArgumentError if there is none.
  static absl::StatusOr<SearchRecord> Load(const std::string& folder);
};

// "FOLDER/failure-2.schedule", of the second thing found.
std::string FoundPath(const std::string& folder, size_t number);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_SEARCH_RECORD_H_
