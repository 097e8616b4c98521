// World: one simulated universe: its clock, its event queue, its hosts and
// links. It runs nothing of its own accord: Run() takes one event after
// another, and time is the time of the event that happens.
//
// 1. Virtual time: a program's computing takes none; time moves only from one
//    event to the next.
// 2. Wherever several things could happen, the world asks its Scheduler
//    (sim/choice.h); without one it is calm: alternative 0 everywhere.
// 3. Two worlds share nothing.
#ifndef SIM_WORLD_H_
#define SIM_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "loop/clock.h"
#include "sim/choice.h"
#include "sim/event.h"
#include "sim/event_queue.h"
#include "sim/host.h"
#include "sim/link.h"
#include "sim/packet_pool.h"
#include "trace/recorder.h"

namespace simloop::sim {

class Agenda;

class World final : public loop::Clock {
 public:
  // `scheduler` is not owned; null is the calm run, which is the same in
  // either mode.
  explicit World(Scheduler* scheduler = nullptr,
                 TimeMode time = TimeMode::kDrawn);
  // Processes (sim::Kernel) must be gone by then.
  ~World() override;

  // Not owned; null (as at first) traces nothing. Set before anything runs.
  void SetRecorder(trace::Recorder* recorder) { recorder_ = recorder; }
  trace::Recorder* recorder() const { return recorder_; }

  // REQUIRES: a name and an address no other host has.
  Host& AddHost(const HostOptions& options);
  // Joins two hosts: the first options are those of packets to `b`. REQUIRES:
  // not joined yet, not the same.
  Link& AddLink(Host& a, Host& b, const LinkOptions& to_b,
                const LinkOptions& to_a);
  // The same both ways.
  Link& AddLink(Host& a, Host& b, const LinkOptions& options) {
    return AddLink(a, b, options, options);
  }

  // Runs `task` at `at` (or now, if that has passed). `name` is its stable
  // name for schedules, `host_index` whom it is about, if one host alone.
  // Tasks of one instant about one host keep their order.
  void At(loop::Instant at, absl::string_view name,
          absl::AnyInvocable<void()> task,
          uint32_t host_index = Event::kEverywhere);
  // The same up to `within` later, as the Scheduler says (kFault); it is asked
  // by the name `time_name`.
  void AtWithin(loop::Instant at, absl::Duration within, absl::string_view name,
                absl::string_view time_name, absl::AnyInvocable<void()> task,
                uint32_t host_index = Event::kEverywhere);

  // Runs `task` between two events, when so many have happened (see events()),
  // or never, if they do not.
  void AtEvent(uint64_t count, absl::AnyInvocable<void()> task);

  enum class End {
    kIdle,       // nothing will ever happen again
    kTimeLimit,  // what is next lies beyond the limit
    kStopped,    // Stop()
    kLivelock,   // the instant did not end: see kEventsPerInstant
  };
  // So many events at one instant mean that somebody runs in circles.
  static constexpr uint64_t kEventsPerInstant = 1'000'000;

  // Takes events until one of the ends. May be called again. The time is then
  // that of the last event, never `limit`.
  End Run(loop::Instant limit);
  // Makes Run() return after the current event.
  void Stop() { stopped_ = true; }

  loop::Instant Now() const override { return now_; }
  uint64_t events() const { return events_; }

  // For the rest of sim/ --------------------------------------------------

  EventQueue& queue() { return queue_; }
  PacketPool& packets() { return packets_; }
  bool calm() const { return scheduler_ == nullptr; }
  // Null but where time is in any order and somebody is asked for it.
  Agenda* agenda() const { return agenda_.get(); }
  // Whether who is on the processor may stay there: nothing else is due at
  // this instant. It counts as the event that would have said the same.
  bool GoOn() {
    if (stopped_ || (!queue_.empty() && queue_.next_at() <= now_)) return false;
    // What is due later may happen now.
    if (agenda_ != nullptr) return false;
    ++events_;
    return true;
  }
  // Asks which of `alternatives` is taken; 0 in a calm world or where there is
  // only one. `name` makes "subject kind" when somebody wants to know it.
  uint32_t Pick(ChoiceKind kind, uint32_t alternatives,
                absl::FunctionRef<std::string()> subject);
  // Whether something happens whose probability is `ppb` parts per billion;
  // never in a calm world.
  bool Happens(ChoiceKind kind, uint32_t ppb,
               absl::FunctionRef<std::string()> subject) {
    return PickWeighted(kind, 2, ppb, subject) != 0;
  }
  // As Pick(); the answer is not 0 with the probability `ppb`, 0: as the kind
  // has it.
  uint32_t PickWeighted(ChoiceKind kind, uint32_t alternatives, uint32_t ppb,
                        absl::FunctionRef<std::string()> subject) {
    if (scheduler_ == nullptr || alternatives < 2) return 0;
    return Ask({kind, "", alternatives, ppb}, subject);
  }
  // Which of `events`, one at least, goes first. `due`: see Choice.
  uint32_t PickOrder(const std::vector<Event*>& events, uint32_t due);
  // The host with this address; null if there is none.
  Host* Find(loop::Ip address) const;
  size_t host_count() const { return hosts_.size(); }
  // Changes whenever a host or link is added; never 0.
  uint64_t topology() const { return topology_; }
  uint32_t NewLane() { return ++last_lane_; }

 private:
  class Appointment;

  struct IpHash {
    size_t operator()(const loop::Ip& ip) const {
      // A multiplicative hash (Knuth 6.4).
      return static_cast<size_t>(((ip.high() * 0x9e3779b97f4a7c15) ^ ip.low()) *
                                 0x9e3779b97f4a7c15);
    }
  };

  // As `choice`, which lacks its name.
  uint32_t Ask(Choice choice, absl::FunctionRef<std::string()> subject);
  Event* PopNext();
  // When the next event happens. REQUIRES: there is one.
  loop::Instant NextAt();
  uint32_t TimelineLane(uint32_t host_index);
  void RefreshStale();
  void RunAwaited();

  Scheduler* scheduler_;
  trace::Recorder* recorder_ = nullptr;
  loop::Instant now_;
  EventQueue queue_;
  PacketPool packets_;
  std::unique_ptr<Agenda> agenda_;
  Event* next_ = nullptr;  // that agenda_ says
  std::deque<Host> hosts_;
  // Looked up only.
  absl::flat_hash_map<loop::Ip, Host*, IpHash> by_address_;
  // Looked up only: pairs of Host::index() that are joined.
  absl::flat_hash_set<uint64_t> joined_;
  uint64_t topology_ = 1;
  std::deque<Link> links_;
  std::vector<std::unique_ptr<Appointment>> appointments_;
  uint32_t last_lane_ = 0;
  // Of the tasks about each host, and behind them of the others.
  std::vector<uint32_t> timeline_lanes_;
  bool stopped_ = false;
  uint64_t events_ = 0;
  // By the number of events, and of that number, in the order given.
  struct Awaited {
    uint64_t count;
    absl::AnyInvocable<void()> task;
  };
  std::deque<Awaited> awaited_;
  std::vector<Event*> simultaneous_;
  // How often each name was asked. Looked up only: its order is salted.
  absl::flat_hash_map<std::string, uint32_t> asked_;
};

}  // namespace simloop::sim

#endif  // SIM_WORLD_H_
