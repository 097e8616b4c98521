// Task: a callback that is run once by the loop.
#ifndef LOOP_TASK_H_
#define LOOP_TASK_H_

#include "absl/functional/any_invocable.h"

namespace simloop::loop {

using Task = absl::AnyInvocable<void()>;

}  // namespace simloop::loop

#endif  // LOOP_TASK_H_
