// DeathRow: the TIME-WAITs of a host in the order in which they end
// (inet_timewait_death_row of Linux). It is one event, that of the first: there
// may be hundreds of thousands, nearly all of which end in the order in which
// they began.
#ifndef SIM_TCP_DEATH_ROW_H_
#define SIM_TCP_DEATH_ROW_H_

#include <memory>
#include <string>

#include "loop/instant.h"
#include "sim/event.h"
#include "sim/tcp/time_wait.h"

namespace simloop::sim::tcp {

class Stack;

class DeathRow final : public Event {
 public:
  explicit DeathRow(Stack& stack) : stack_(stack) {}
  // They are gone without a word.
  ~DeathRow();

  // Takes it in; it ends in `nanos`.
  void Add(std::unique_ptr<TimeWait> time_wait, int64_t nanos);
  // One of its own ends in `nanos` from now, and not when it was to end.
  void Delay(TimeWait& time_wait, int64_t nanos);
  // Ends one now: it leaves the tables of `stack`, and is destroyed.
  void End(TimeWait& time_wait);
  // All are gone, without a word to anybody.
  void Clear();

  // The first ends.
  void Fire() override;
  // The first may have ended before its time, or been delayed.
  bool Live() const override { return Due() <= at(); }
  void Refresh() override { Arm(); }
  loop::Instant Due() const override {
    return first_ == nullptr ? loop::Instant::Infinite() : first_->ends_at_;
  }
  // "client.time_wait 10.0.0.1:32768 10.0.0.2:80".
  std::string Name() const override;
  uint32_t HostIndex() const override;

 private:
  void Link(TimeWait& time_wait, int64_t nanos);
  void Unlink(TimeWait& time_wait);
  void Arm();

  Stack& stack_;
  TimeWait* first_ = nullptr;  // owned, with all behind it
  TimeWait* last_ = nullptr;
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_DEATH_ROW_H_
