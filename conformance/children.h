// RunInChildren: work done in child processes, several side by side, so that
// what crashes or hangs there harms nobody else.
#ifndef CONFORMANCE_CHILDREN_H_
#define CONFORMANCE_CHILDREN_H_

#include <cstddef>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"

namespace simloop::conformance {

// How a child ended.
struct ChildEnd {
  // What its body answered; empty unless `error` is.
  std::string output;
  // "crashed: Segmentation fault", "no answer in 60s"; "" if neither.
  std::string error;
};

struct ChildOptions {
  // At most so many at once; at least one.
  int jobs = 1;
  // One that lives longer is killed.
  absl::Duration deadline = absl::Seconds(60);
};

// Forks `count` children. Each runs body(index) with no descriptor of its
// parent's but 0, 1 and 2 below 900 (those above are not its to use), and sends
// what that answers; done(index, end) is called here, in the order in which
// they end. REQUIRES: the process has one thread.
void RunInChildren(size_t count, const ChildOptions& options,
                   absl::FunctionRef<std::string(size_t index)> body,
                   absl::FunctionRef<void(size_t index, ChildEnd end)> done);

}  // namespace simloop::conformance

#endif  // CONFORMANCE_CHILDREN_H_
