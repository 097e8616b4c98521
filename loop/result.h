// Result<T>: what a system call answers, a value or an Errno. Cheap and exact:
// it carries no message and no stack. For what a person wrote wrong there is
// absl::Status instead.
#ifndef LOOP_RESULT_H_
#define LOOP_RESULT_H_

#include <utility>

#include "loop/check.h"
#include "loop/errno.h"

namespace simloop::loop {

// REQUIRES: value() only when ok(); asking otherwise is a CHECK failure.
template <typename T>
class [[nodiscard]] Result final {
 public:
  Result(T value) : value_(std::move(value)) {}  // NOLINT
  Result(Errno error) : error_(error) {          // NOLINT
    SIMLOOP_CHECK(error != Errno::kOk, "an error of 0 is no error");
  }

  bool ok() const { return error_ == Errno::kOk; }
  // kOk when ok().
  Errno error() const { return error_; }
  const T& value() const {
    SIMLOOP_CHECK(ok(), ErrnoName(error_));
    return value_;
  }
  const T& operator*() const { return value(); }
  const T* operator->() const { return &value(); }
  // Moves the value out. REQUIRES: ok().
  T Take() {
    SIMLOOP_CHECK(ok(), ErrnoName(error_));
    return std::move(value_);
  }

 private:
  T value_{};
  Errno error_ = Errno::kOk;
};

// A call whose success has no value.
template <>
class [[nodiscard]] Result<void> final {
 public:
  Result() = default;
  Result(Errno error) : error_(error) {}  // NOLINT: kOk is success

  bool ok() const { return error_ == Errno::kOk; }
  Errno error() const { return error_; }

 private:
  Errno error_ = Errno::kOk;
};

}  // namespace simloop::loop

#endif  // LOOP_RESULT_H_
