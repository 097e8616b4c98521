#include "scenarios/fail_window.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "scenarios/scenario_subject.h"
#include "trace/record_hash.h"

namespace simloop::scenarios {
namespace {

// Hashes records without their times.
class OrderSink final : public trace::Sink {
 public:
  void Take(const trace::Record& record) override {
    trace::Record timeless = record;
    timeless.time = loop::Instant();
    if (auto* call = std::get_if<trace::Call>(&timeless.body)) {
      // How long a wait may take is a time as well.
      if (call->call == trace::Syscall::kEpollWait ||
          call->call == trace::Syscall::kPoll ||
          call->call == trace::Syscall::kTimerfdSettime ||
          call->call == trace::Syscall::kTimerfdGettime) {
        call->args[0] = call->args[1] = call->args[2] = 0;
      }
    }
    hash_ = trace::HashRecord(hash_, timeless);
  }
  uint64_t hash() const { return hash_; }

 private:
  uint64_t hash_ = trace::kEmptyHash;
};

}  // namespace

const FailWindow::Seen& FailWindow::At(int64_t value) {
  const auto [entry, fresh] = seen_.try_emplace(value);
  if (fresh) {
    ++runs_;
    parameter_.set(&scenario_, absl::Nanoseconds(value));
    OrderSink order;
    const explore::Trial trial =
        ScenarioSubject(scenario_).Run(nullptr, &order);
    entry->second = {!trial.failures.empty(), order.hash()};
  }
  return entry->second;
}

void FailWindow::Bisect(int64_t from, int64_t to) {
  if (to - from <= 1) return;
  const Seen low = At(from);
  const Seen high = At(to);
  if (low == high) return;
  if (low.fails == high.fails && runs_ > kMostRuns) return;
  const int64_t middle = from + (to - from) / 2;
  At(middle);
  Bisect(from, middle);
  Bisect(middle, to);
}

std::vector<FailWindow::Span> FailWindow::Find(int64_t from, int64_t to) {
  const int64_t step = std::max<int64_t>(1, (to - from) / kGrid);
  for (int64_t at = from; at < to;) {
    const int64_t next = to - at < 2 * step ? to : at + step;
    Bisect(at, next);
    at = next;
  }
  At(from);
  std::vector<Span> spans;
  bool failing = false;
  for (const auto& [value, seen] : seen_) {
    if (seen.fails && failing) {
      spans.back().to = value;
    } else if (seen.fails) {
      spans.push_back({value, value});
    }
    failing = seen.fails;
  }
  return spans;
}

bool FailsCalm(const Scenario& scenario) {
  return !ScenarioSubject(scenario).Run(nullptr, nullptr).failures.empty();
}

}  // namespace simloop::scenarios
