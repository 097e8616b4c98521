// FeatureList: a sink that keeps what is special about a run, for searches
// that follow what is new: which thing followed which in each process, and
// which note of one program came between those of another.
#ifndef EXPLORE_FEATURE_LIST_H_
#define EXPLORE_FEATURE_LIST_H_

#include <cstdint>
#include <vector>

#include "trace/recorder.h"

namespace simloop::explore {

class FeatureList final : public trace::Sink {
 public:
  void Take(const trace::Record& record) override;
  // Sorted, each once.
  std::vector<uint32_t> Features() const;

 private:
  std::vector<uint64_t> before_;  // by process: its last record
  uint64_t note_before_ = 0;      // of all
  std::vector<uint32_t> features_;
};

}  // namespace simloop::explore

#endif  // EXPLORE_FEATURE_LIST_H_
