// What a libc call's return value says, as a Result. Private to
// loop/linux_*.cc.
#ifndef LOOP_LINUX_RESULT_H_
#define LOOP_LINUX_RESULT_H_

#include <errno.h>
#include <limits.h>
#include <sys/types.h>
#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"
#include "loop/fd.h"
#include "loop/result.h"

namespace simloop::loop {

inline Errno LastError() { return static_cast<Errno>(errno); }

inline Result<void> Done(int result) {
  if (result < 0) return LastError();
  return {};
}

inline Result<size_t> Count(ssize_t result) {
  if (result < 0) return LastError();
  return static_cast<size_t>(result);
}

inline Result<Fd> Descriptor(int result) {
  if (result < 0) return LastError();
  return Fd{result};
}

// `timeout` rounded up to whole nanoseconds, as the timespec of ppoll(2) and
// epoll_pwait2(2): null, for ever; a negative one, not at all.
class Limit final {
 public:
  explicit Limit(absl::Duration timeout)
      : infinite_(timeout == absl::InfiniteDuration()), time_() {
    if (timeout <= absl::ZeroDuration() || infinite_) return;
    time_ = absl::ToTimespec(timeout);  // down
    if (absl::DurationFromTimespec(time_) < timeout) {
      time_ = absl::ToTimespec(timeout + absl::Nanoseconds(1));
    }
  }
  const timespec* get() const { return infinite_ ? nullptr : &time_; }

 private:
  bool infinite_;
  timespec time_;
};

// The same as epoll_wait(2) takes it: -1, for ever. Rounded up: nothing is to
// end early.
inline int MillisecondsUp(absl::Duration timeout) {
  if (timeout == absl::InfiniteDuration()) return -1;
  const int64_t milliseconds =
      absl::ToInt64Milliseconds(absl::Ceil(timeout, absl::Milliseconds(1)));
  return static_cast<int>(std::clamp<int64_t>(milliseconds, 0, INT_MAX));
}

}  // namespace simloop::loop

#endif  // LOOP_LINUX_RESULT_H_
