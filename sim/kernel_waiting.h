// Kernel::Waiting(), for the files of sim/ that make its calls.
#ifndef SIM_KERNEL_WAITING_H_
#define SIM_KERNEL_WAITING_H_

#include "sim/kernel.h"
#include "sim/world.h"

namespace simloop::sim {

template <typename T>
loop::Result<T> Kernel::Waiting(File& file, WaitQueue& queue,
                                absl::Duration timeout,
                                absl::FunctionRef<loop::Result<T>()> call) {
  loop::Result<T> result = call();
  host_.RunSoftirq();
  if (result.error() != loop::Errno::kEAGAIN) return result;
  if (!can_wait()) return loop::Errno::kEDEADLK;
  const FileRef kept(&file);
  const loop::Instant until = Deadline(timeout);
  bool time_left = true;
  while (time_left && result.error() == loop::Errno::kEAGAIN) {
    if (Interrupted()) return loop::Errno::kEINTR;
    time_left = WaitAt(queue, until);
    result = call();
    host_.RunSoftirq();
  }
  return result;
}

}  // namespace simloop::sim

#endif  // SIM_KERNEL_WAITING_H_
