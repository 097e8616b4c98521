// Sanitizers of descriptors: two closes, use and callbacks after close(2), an
// event that reaches another file of the same number, what is open at the end.
#include <variant>

#include "absl/strings/str_cat.h"
#include "explore/descriptor_states.h"
#include "explore/sanitizer.h"

namespace simloop::explore {
namespace {

using trace::Syscall;

// close(2) of a number that nothing is open under: EBADF. It harms whoever gets
// the number in between.
class TwoCloses final : public Sanitizer {
 public:
  explicit TwoCloses(SanitizerSet* set) : set_(*set) {}
  void Take(const trace::Record& record) override {
    const auto* call = std::get_if<trace::Call>(&record.body);
    if (call == nullptr || call->call != Syscall::kClose ||
        call->error != loop::Errno::kEBADF) {
      return;
    }
    set_.Report("two-closes", record.process,
                "closes what is not open (any more)",
                absl::StrCat("descriptor ", call->fd.number));
  }

 private:
  SanitizerSet& set_;
};

// A read, a write or a shutdown of such a number: had another file got it, the
// call would have been that one's.
class UseAfterClose final : public Sanitizer {
 public:
  explicit UseAfterClose(SanitizerSet* set) : set_(*set) {}
  void Take(const trace::Record& record) override {
    const auto* call = std::get_if<trace::Call>(&record.body);
    if (call == nullptr || call->error != loop::Errno::kEBADF) return;
    if (!Reads(call->call) && !Writes(call->call) &&
        call->call != Syscall::kShutdown) {
      return;
    }
    set_.Report("use-after-close", record.process,
                "reads, writes or shuts down what is not open (any more)",
                absl::StrCat("descriptor ", call->fd.number));
  }

 private:
  SanitizerSet& set_;
};

// A watcher fires for a descriptor that was closed and not opened again.
class CallbackAfterClose final : public Sanitizer {
 public:
  explicit CallbackAfterClose(SanitizerSet* set) : set_(*set) {}
  void Take(const trace::Record& record) override {
    if (const auto* call = std::get_if<trace::Call>(&record.body)) {
      const loop::Fd made = MadeBy(*call);
      if (made.valid()) closed_.Of(record.process, made) = false;
      if (call->call == Syscall::kClose && call->error == loop::Errno::kOk) {
        closed_.Of(record.process, call->fd) = true;
      }
      return;
    }
    const auto* loop = std::get_if<trace::Loop>(&record.body);
    if (loop == nullptr ||
        loop->event.kind != loop::LoopEvent::Kind::kWatcherFire) {
      return;
    }
    if (closed_.Of(record.process, loop->event.fd)) {
      set_.Report("callback-after-close", record.process,
                  "is called back for a descriptor that it has closed",
                  absl::StrCat("descriptor ", loop->event.fd.number));
    }
  }

 private:
  SanitizerSet& set_;
  // char, for a vector of bool has no references.
  DescriptorStates<char> closed_;
};

// epoll_wait(2) reports a number; it is closed and opened again; and whoever
// handles the report asks the new file.
class ReusedDescriptor final : public Sanitizer {
 public:
  explicit ReusedDescriptor(SanitizerSet* set) : set_(*set) {}
  void Take(const trace::Record& record) override {
    if (const auto* ready = std::get_if<trace::Readiness>(&record.body)) {
      states_.Of(record.process, ready->fd) = kReported;
      return;
    }
    if (const auto* loop = std::get_if<trace::Loop>(&record.body)) {
      if (loop->event.kind == loop::LoopEvent::Kind::kWatcherFire &&
          states_.Of(record.process, loop->event.fd) == kAnother) {
        Report(record.process, loop->event.fd);
      }
      return;
    }
    const auto* call = std::get_if<trace::Call>(&record.body);
    if (call == nullptr) return;
    const loop::Fd made = MadeBy(*call);
    if (made.valid()) {
      char& state = states_.Of(record.process, made);
      state = state == kReported ? kAnother : kNothing;
    } else if (call->call == Syscall::kEpollWait) {
      // What follows are new reports.
      states_.Clear(record.process);
    } else if (Reads(call->call) && call->error == loop::Errno::kEAGAIN &&
               states_.Of(record.process, call->fd) == kAnother) {
      Report(record.process, call->fd);
    }
  }

 private:
  enum : char { kNothing, kReported, kAnother };

  void Report(trace::ProcessId process, loop::Fd fd) {
    set_.Report("reused-descriptor", process,
                "takes an event of a closed descriptor for another's",
                absl::StrCat("descriptor ", fd.number));
  }

  SanitizerSet& set_;
  DescriptorStates<char> states_;
};

// What a process has open when it exits, but for its loop's epoll.
class DescriptorLeak final : public Sanitizer {
 public:
  explicit DescriptorLeak(SanitizerSet* set) : set_(*set) {}
  void Take(const trace::Record& record) override {
    if (IsExit(record)) {
      open_.ForEach([&](trace::ProcessId process, size_t fd, char open) {
        if (process != record.process || !open) return;
        set_.Report("descriptor-leak", process,
                    "exits with a descriptor that it has not closed",
                    absl::StrCat("descriptor ", fd));
      });
      return;
    }
    const auto* call = std::get_if<trace::Call>(&record.body);
    if (call == nullptr) return;
    const loop::Fd made = MadeBy(*call);
    if (made.valid() && call->call != Syscall::kEpollCreate1) {
      open_.Of(record.process, made) = true;
    } else if (call->call == Syscall::kClose) {
      open_.Of(record.process, call->fd) = false;
    }
  }

 private:
  SanitizerSet& set_;
  DescriptorStates<char> open_;
};

// A connection whose peer has ended, which nobody has closed when nothing more
// can happen: CLOSE-WAIT for ever.
class HalfOpen final : public Sanitizer {
 public:
  explicit HalfOpen(SanitizerSet* set) : set_(*set) {}
  void Take(const trace::Record& record) override {
    const auto* call = std::get_if<trace::Call>(&record.body);
    if (call == nullptr) return;
    if (call->call == Syscall::kClose) {
      ended_.Of(record.process, call->fd) = false;
    } else if (Reads(call->call) && call->call != Syscall::kAccept4 &&
               call->error == loop::Errno::kOk && call->result == 0) {
      ended_.Of(record.process, call->fd) = true;
    }
  }
  void End(bool quiet) override {
    if (!quiet) return;
    ended_.ForEach([&](trace::ProcessId process, size_t fd, char ended) {
      if (!ended) return;
      set_.Report("half-open", process,
                  "keeps a connection whose peer has ended",
                  absl::StrCat("descriptor ", fd));
    });
  }

 private:
  SanitizerSet& set_;
  DescriptorStates<char> ended_;
};

}  // namespace

std::unique_ptr<Sanitizer> MakeTwoCloses(SanitizerSet* set) {
  return std::make_unique<TwoCloses>(set);
}
std::unique_ptr<Sanitizer> MakeUseAfterClose(SanitizerSet* set) {
  return std::make_unique<UseAfterClose>(set);
}
std::unique_ptr<Sanitizer> MakeCallbackAfterClose(SanitizerSet* set) {
  return std::make_unique<CallbackAfterClose>(set);
}
std::unique_ptr<Sanitizer> MakeReusedDescriptor(SanitizerSet* set) {
  return std::make_unique<ReusedDescriptor>(set);
}
std::unique_ptr<Sanitizer> MakeDescriptorLeak(SanitizerSet* set) {
  return std::make_unique<DescriptorLeak>(set);
}
std::unique_ptr<Sanitizer> MakeHalfOpen(SanitizerSet* set) {
  return std::make_unique<HalfOpen>(set);
}

}  // namespace simloop::explore
