// Eventfd: a counter as a file (eventfd(2)).
#ifndef SIM_EVENTFD_H_
#define SIM_EVENTFD_H_

#include <cstdint>

#include "sim/file.h"

namespace simloop::sim {

class Eventfd final : public File {
 public:
  Eventfd(uint64_t initial, bool semaphore)
      : count_(initial), semaphore_(semaphore) {}

  uint32_t Readiness() override;
  WaitQueue& waiters() override { return waiters_; }
  // 8 bytes in the machine's order; EINVAL for less, EAGAIN for a count of 0.
  loop::Result<size_t> Read(absl::Span<char> buffer) override;
  // EINVAL for all but 8 bytes, or all ones; EAGAIN for an overflow.
  loop::Result<size_t> Write(absl::Span<const char> data) override;
  bool gathers() const override { return false; }
  void Release() override {}

 private:
  uint64_t count_;
  const bool semaphore_;
  WaitQueue waiters_;
};

}  // namespace simloop::sim

#endif  // SIM_EVENTFD_H_
