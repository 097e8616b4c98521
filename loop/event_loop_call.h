// EventLoop::Call: how the loop runs any callback. Private to loop/.
#ifndef LOOP_EVENT_LOOP_CALL_H_
#define LOOP_EVENT_LOOP_CALL_H_

#include <exception>
#include <utility>

#include "absl/base/optimization.h"
#include "loop/event_loop.h"

namespace simloop::loop {

template <typename F>
bool EventLoop::Call(const LoopEvent& event, Owner owner, F&& callback) {
  const Owner before = std::exchange(owner_, owner);
  Report(event);
  std::exception_ptr thrown;
  try {
    std::forward<F>(callback)();
  } catch (...) {
    thrown = std::current_exception();
  }
  if (ABSL_PREDICT_TRUE(thrown == nullptr)) {
    Report({LoopEvent::Kind::kReturn});
    owner_ = before;
    return true;
  }
  thrown = HandleUncaught(std::move(thrown));
  Report({LoopEvent::Kind::kReturn});
  owner_ = before;
  if (thrown != nullptr) std::rethrow_exception(std::move(thrown));
  return false;
}

}  // namespace simloop::loop

#endif  // LOOP_EVENT_LOOP_CALL_H_
