#include "sim/fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <utility>

#include "loop/check.h"

#if defined(__SANITIZE_ADDRESS__)
#define SIMLOOP_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIMLOOP_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define SIMLOOP_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SIMLOOP_TSAN 1
#endif
#endif

#ifdef SIMLOOP_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef SIMLOOP_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace simloop::sim {

Fiber::Fiber(absl::AnyInvocable<void()> body) : body_(std::move(body)) {
  // Pages are only taken as they are touched.
  void* stack = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  SIMLOOP_CHECK(stack != MAP_FAILED, "there is memory for a stack");
  stack_ = static_cast<char*>(stack);
  SIMLOOP_CHECK(getcontext(&inside_) == 0, "getcontext(3) does not fail");
  inside_.uc_stack.ss_sp = stack_;
  inside_.uc_stack.ss_size = kStackBytes;
  inside_.uc_link = nullptr;
  // Looked up only: makecontext(3) passes ints, two halves of where it is.
  const auto self = reinterpret_cast<uintptr_t>(this);
  makecontext(&inside_, reinterpret_cast<void (*)()>(&Fiber::Enter), 2,
              static_cast<unsigned int>(self >> 32),
              static_cast<unsigned int>(self));
#ifdef SIMLOOP_TSAN
  tsan_inside_ = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
  SIMLOOP_CHECK(!running_, "a fiber does not destroy itself");
  if (!done_) {
    unwinding_ = true;
    Resume();
  }
  SIMLOOP_CHECK(done_, "an unwound body ends");
#ifdef SIMLOOP_TSAN
  __tsan_destroy_fiber(tsan_inside_);
#endif
  munmap(stack_, kStackBytes);
}

void Fiber::Enter(unsigned int high, unsigned int low) {
  // Looked up only: the halves that the constructor gave.
  const uintptr_t self = uintptr_t{high} << 32 | low;
  reinterpret_cast<Fiber*>(self)->Run();
}

void Fiber::Run() {
#ifdef SIMLOOP_ASAN
  __sanitizer_finish_switch_fiber(nullptr, &outer_stack_, &outer_stack_bytes_);
#endif
  if (!unwinding_) {
    try {
      body_();
    } catch (const Unwinding&) {
      // Destroyed before its end.
    }
  }
  done_ = true;
#ifdef SIMLOOP_ASAN
  __sanitizer_start_switch_fiber(nullptr, outer_stack_, outer_stack_bytes_);
#endif
#ifdef SIMLOOP_TSAN
  __tsan_switch_to_fiber(tsan_outside_, 0);
#endif
  setcontext(&outside_);
}

void Fiber::Resume() {
  SIMLOOP_CHECK(!done_ && !running_, "only a suspended fiber is resumed");
  running_ = true;
#ifdef SIMLOOP_ASAN
  void* fake_stack = nullptr;
  __sanitizer_start_switch_fiber(&fake_stack, stack_, kStackBytes);
#endif
#ifdef SIMLOOP_TSAN
  tsan_outside_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(tsan_inside_, 0);
#endif
  SIMLOOP_CHECK(swapcontext(&outside_, &inside_) == 0, "the stack is there");
#ifdef SIMLOOP_ASAN
  __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
  running_ = false;
}

void Fiber::Suspend() {
  SIMLOOP_CHECK(running_, "only a running fiber suspends");
#ifdef SIMLOOP_ASAN
  __sanitizer_start_switch_fiber(&inner_fake_stack_, outer_stack_,
                                 outer_stack_bytes_);
#endif
#ifdef SIMLOOP_TSAN
  __tsan_switch_to_fiber(tsan_outside_, 0);
#endif
  SIMLOOP_CHECK(swapcontext(&inside_, &outside_) == 0, "the stack is there");
#ifdef SIMLOOP_ASAN
  __sanitizer_finish_switch_fiber(inner_fake_stack_, &outer_stack_,
                                  &outer_stack_bytes_);
#endif
  if (unwinding_) throw Unwinding();
}

}  // namespace simloop::sim
