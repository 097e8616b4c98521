// RunningCallback: holds the callback of a watcher or timer while it runs, so
// that it may destroy its owner or give it another callback.
#ifndef LOOP_RUNNING_CALLBACK_H_
#define LOOP_RUNNING_CALLBACK_H_

#include <utility>

namespace simloop::loop {

template <typename T>
class RunningCallback final {
 public:
  explicit RunningCallback(T* owner)
      : owner_(owner), callback_(std::move(owner->callback_)) {
    owner_->destroyed_ = &destroyed_;
  }
  // Gives the callback back, unless its owner is gone or has another.
  ~RunningCallback() {
    if (destroyed_) return;
    owner_->destroyed_ = nullptr;
    if (!owner_->callback_) owner_->callback_ = std::move(callback_);
  }
  RunningCallback(const RunningCallback&) = delete;
  RunningCallback& operator=(const RunningCallback&) = delete;

  // As its owner keeps it.
  decltype(T::callback_)& callback() { return callback_; }

 private:
  T* owner_;
  bool destroyed_ = false;
  decltype(T::callback_) callback_;
};

}  // namespace simloop::loop

#endif  // LOOP_RUNNING_CALLBACK_H_
