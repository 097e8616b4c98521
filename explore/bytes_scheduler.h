// BytesScheduler: takes its decisions from bytes, as a fuzzer makes them: one
// byte a choice, in the order in which they are asked; calm where there are no
// more. Small changes of the bytes are small changes of the run.
#ifndef EXPLORE_BYTES_SCHEDULER_H_
#define EXPLORE_BYTES_SCHEDULER_H_

#include <cstddef>
#include <cstdint>

#include "sim/choice.h"

namespace simloop::explore {

class BytesScheduler final : public sim::Scheduler {
 public:
  // `data` must outlive it.
  BytesScheduler(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  uint32_t Pick(const sim::Choice& choice) override {
    if (next_ == size_) return 0;
    uint32_t pick = data_[next_++];
    // Of more ways than a byte has two bytes.
    if (choice.alternatives > 256 && next_ < size_) {
      pick = pick << 8 | data_[next_++];
    }
    return pick % choice.alternatives;
  }

 private:
  const uint8_t* const data_;
  const size_t size_;
  size_t next_ = 0;
};

}  // namespace simloop::explore

#endif  // EXPLORE_BYTES_SCHEDULER_H_
