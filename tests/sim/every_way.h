// EveryWay: a Scheduler that takes, run by run, all combinations of ways: the
// odometer of an exhaustive test.
#ifndef TESTS_SIM_EVERY_WAY_H_
#define TESTS_SIM_EVERY_WAY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "sim/choice.h"

namespace simloop::sim {

class EveryWay final : public Scheduler {
 public:
  // Choices that are not `asked` about are calm.
  explicit EveryWay(std::function<bool(const Choice&)> asked)
      : asked_(std::move(asked)) {}

  uint32_t Pick(const Choice& choice) override {
    if (!asked_(choice)) return 0;
    if (at_ == wheels_.size()) wheels_.push_back({0, choice.alternatives});
    return wheels_[at_++].pick;
  }

  // After a run: to the next. False: there is none.
  bool Next() {
    wheels_.resize(at_);
    at_ = 0;
    while (!wheels_.empty() &&
           ++wheels_.back().pick == wheels_.back().alternatives) {
      wheels_.pop_back();
    }
    return !wheels_.empty();
  }

 private:
  struct Wheel {
    uint32_t pick;
    uint32_t alternatives;
  };
  const std::function<bool(const Choice&)> asked_;
  std::vector<Wheel> wheels_;
  size_t at_ = 0;
};

}  // namespace simloop::sim

#endif  // TESTS_SIM_EVERY_WAY_H_
