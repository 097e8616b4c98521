// Sanitizers of loops: turning in circles, a ready descriptor that nobody
// serves, a timer that keeps a process for nothing.
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "explore/descriptor_states.h"
#include "explore/sanitizer.h"

namespace simloop::explore {
namespace {

using loop::LoopEvent;
using trace::Syscall;

// Of each process.
template <typename State>
class ProcessStates final {
 public:
  State& Of(trace::ProcessId process) {
    if (states_.size() <= process) states_.resize(size_t{process} + 1);
    return states_[process];
  }

 private:
  std::vector<State> states_;
};

// Turn after turn at one instant, in which no call moves anything and nothing
// new is said; to read the end of a stream moves nothing. The run is stopped.
class BusyLoop final : public Sanitizer {
 public:
  static constexpr int kTurns = 1000;

  explicit BusyLoop(SanitizerSet* set) : set_(*set) {}
  void Take(const trace::Record& record) override {
    if (record.process == trace::kNoProcess) return;
    State& state = states_.Of(record.process);
    if (const auto* loop = std::get_if<trace::Loop>(&record.body)) {
      if (loop->event.kind == LoopEvent::Kind::kTimerFire) state.turns = 0;
      if (loop->event.kind != LoopEvent::Kind::kTurn) return;
      if (state.at != record.time) state.turns = 0;
      state.at = record.time;
      if (++state.turns < kTurns) return;
      set_.Report("busy-loop", record.process, "turns in circles",
                  absl::StrCat(kTurns, " turns of its loop at one instant"));
      set_.Stop();
    } else if (const auto* note = std::get_if<trace::Note>(&record.body)) {
      std::string said =
          absl::StrCat(note->actor, " ", note->event, " ", note->detail);
      if (said != state.said) state.turns = 0;
      state.said = std::move(said);
    } else if (const auto* call = std::get_if<trace::Call>(&record.body)) {
      const bool moves = call->error == loop::Errno::kOk &&
                         call->call != Syscall::kEpollWait &&
                         call->call != Syscall::kPoll &&
                         call->call != Syscall::kGetsockopt && !IsEnd(*call);
      if (moves) state.turns = 0;
    }
  }

 private:
  struct State {
    loop::Instant at;
    int turns = 0;
    std::string said;  // last
  };

  static bool IsEnd(const trace::Call& call) {
    return Reads(call.call) && call.call != Syscall::kAccept4 &&
           call.result == 0;
  }

  SanitizerSet& set_;
  ProcessStates<State> states_;
};

// epoll_wait(2) reports a readable descriptor again and again, others are
// served, and this one is not.
class Starvation final : public Sanitizer {
 public:
  static constexpr int kReports = 100;

  explicit Starvation(SanitizerSet* set) : set_(*set) {}
  void Take(const trace::Record& record) override {
    if (const auto* ready = std::get_if<trace::Readiness>(&record.body)) {
      State& state = states_.Of(record.process, ready->fd);
      if ((ready->events & loop::kEpollIn) == 0) return;
      if (state.reports == 0) state.served = served_.Of(record.process);
      if (++state.reports < kReports) return;
      // An epoll that is watched itself is not read.
      if (served_.Of(record.process) - state.served < kReports / 2) return;
      set_.Report("starvation", record.process,
                  "serves others and not one that is as ready",
                  absl::StrCat("descriptor ", ready->fd.number));
    } else if (const auto* call = std::get_if<trace::Call>(&record.body)) {
      if (call->call == Syscall::kEpollWait) {
        // The epoll asked is served, if it is one that is watched.
        states_.Of(record.process, call->fd).reports = 0;
        return;
      }
      if (!call->fd.valid()) return;
      states_.Of(record.process, call->fd).reports = 0;
      if (Reads(call->call) && call->result > 0) ++served_.Of(record.process);
    }
  }

 private:
  struct State {
    int reports = 0;
    uint64_t served = 0;
  };

  SanitizerSet& set_;
  DescriptorStates<State> states_;
  ProcessStates<uint64_t> served_;
};

// The last thing before a process exits is a timer in which nothing happens,
// and time has passed for nothing else.
class TimerLeak final : public Sanitizer {
 public:
  explicit TimerLeak(SanitizerSet* set) : set_(*set) {}
  void Take(const trace::Record& record) override {
    if (record.process == trace::kNoProcess) return;
    State& state = states_.Of(record.process);
    if (IsExit(record)) {
      if (state.idle_timer && state.useful < record.time) {
        set_.Report("timer-leak", record.process,
                    "is kept by a timer that does nothing", "");
      }
      return;
    }
    if (const auto* loop = std::get_if<trace::Loop>(&record.body)) {
      if (loop->event.kind == LoopEvent::Kind::kTimerFire) {
        state.idle_timer = true;
      }
      return;
    }
    const auto* call = std::get_if<trace::Call>(&record.body);
    if (call != nullptr && call->call == Syscall::kEpollWait) return;
    state.idle_timer = false;
    state.useful = record.time;
  }

 private:
  struct State {
    bool idle_timer = false;
    loop::Instant useful;  // when it last did something
  };

  SanitizerSet& set_;
  ProcessStates<State> states_;
};

}  // namespace

std::unique_ptr<Sanitizer> MakeBusyLoop(SanitizerSet* set) {
  return std::make_unique<BusyLoop>(set);
}
std::unique_ptr<Sanitizer> MakeStarvation(SanitizerSet* set) {
  return std::make_unique<Starvation>(set);
}
std::unique_ptr<Sanitizer> MakeTimerLeak(SanitizerSet* set) {
  return std::make_unique<TimerLeak>(set);
}

}  // namespace simloop::explore
