// Fiber: a function with a stack of its own, which can stop in the middle and
// be resumed (makecontext(3)): how a simulated process blocks in a call while
// the world goes on. It runs on the thread that resumes it; nothing is
// concurrent.
#ifndef SIM_FIBER_H_
#define SIM_FIBER_H_

#include <ucontext.h>

#include <cstddef>

#include "absl/functional/any_invocable.h"

namespace simloop::sim {

class Fiber final {
 public:
  static constexpr size_t kStackBytes = 256 * 1024;

  explicit Fiber(absl::AnyInvocable<void()> body);
  // A body that has not ended is unwound: Suspend() throws Unwinding in it.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Goes on with the body until it suspends or ends. REQUIRES: !done(), not
  // called from within the body.
  void Resume();
  // Returns to who resumed, until the next Resume(). REQUIRES: called from
  // within the body.
  void Suspend();
  bool done() const { return done_; }

  // Thrown through a body whose fiber is destroyed; bodies let it pass.
  struct Unwinding {};

 private:
  static void Enter(unsigned int high, unsigned int low);
  void Run();

  absl::AnyInvocable<void()> body_;
  char* stack_;
  ucontext_t inside_;
  ucontext_t outside_;
  bool running_ = false;
  bool done_ = false;
  bool unwinding_ = false;
  // For the sanitizers, which keep books of stacks.
  [[maybe_unused]] const void* outer_stack_ = nullptr;
  [[maybe_unused]] size_t outer_stack_bytes_ = 0;
  [[maybe_unused]] void* inner_fake_stack_ = nullptr;
  [[maybe_unused]] void* tsan_inside_ = nullptr;
  [[maybe_unused]] void* tsan_outside_ = nullptr;
};

}  // namespace simloop::sim

#endif  // SIM_FIBER_H_
