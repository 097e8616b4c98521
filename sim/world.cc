#include "sim/world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/check.h"

namespace simloop::sim {

// A task of the timeline.
class World::Appointment final : public Event {
 public:
  Appointment(absl::string_view name, absl::AnyInvocable<void()> task)
      : name_(name), task_(std::move(task)) {}
  void Fire() override { task_(); }
  std::string Name() const override { return name_; }

 private:
  std::string name_;
  absl::AnyInvocable<void()> task_;
};

World::World(Scheduler* scheduler)
    : scheduler_(scheduler), timeline_lane_(NewLane()) {}

World::~World() {
  for (const std::unique_ptr<Appointment>& appointment : appointments_) {
    queue_.Cancel(*appointment);
  }
}

Host& World::AddHost(const HostOptions& options) {
  Host& host =
      hosts_.emplace_back(*this, options, static_cast<uint32_t>(hosts_.size()));
  bool fresh = by_address_.emplace(options.address, &host).second;
  if (options.address6.has_value()) {
    fresh = by_address_.emplace(*options.address6, &host).second && fresh;
  }
  SIMLOOP_CHECK(fresh, "two hosts, one address");
  ++topology_;
  return host;
}

Link& World::AddLink(Host& a, Host& b, const LinkOptions& to_b,
                     const LinkOptions& to_a) {
  SIMLOOP_CHECK(&a != &b, "a host reaches itself by loopback");
  const uint64_t low = std::min(a.index(), b.index());
  const uint64_t high = std::max(a.index(), b.index());
  SIMLOOP_CHECK(joined_.insert(high << 32 | low).second,
                "they are linked already");
  Link& link = links_.emplace_back(*this, a, b, to_b, to_a,
                                   static_cast<uint32_t>(links_.size() + 1));
  ++topology_;
  a.AddLink(link);
  b.AddLink(link);
  return link;
}

Host* World::Find(loop::Ip address) const {
  const auto found = by_address_.find(address);
  return found == by_address_.end() ? nullptr : found->second;
}

void World::At(loop::Instant at, absl::string_view name,
               absl::AnyInvocable<void()> task) {
  appointments_.push_back(std::make_unique<Appointment>(name, std::move(task)));
  queue_.Schedule(*appointments_.back(), std::max(at, now_), timeline_lane_);
}

uint32_t World::Pick(ChoiceKind kind, uint32_t alternatives,
                     absl::FunctionRef<std::string()> subject) {
  return PickWeighted(kind, alternatives, 0, subject);
}

uint32_t World::PickWeighted(ChoiceKind kind, uint32_t alternatives,
                             uint32_t ppb,
                             absl::FunctionRef<std::string()> subject) {
  if (scheduler_ == nullptr || alternatives < 2) return 0;
  std::string name = absl::StrCat(subject(), " ", ChoiceKindName(kind));
  // Timers, for one, go off again and again: no name comes twice.
  const uint32_t time = ++asked_[name];
  if (time > 1) {
    name = absl::StrCat(subject(), "~", time, " ", ChoiceKindName(kind));
  }
  const uint32_t pick = scheduler_->Pick({kind, name, alternatives, ppb});
  SIMLOOP_CHECK(pick < alternatives, "a scheduler picks what there is");
  // Only what differs from the calm run is part of it: a run by an empty
  // schedule and a calm one are the same run.
  if (pick != 0 && recorder_ != nullptr) {
    recorder_->Add(trace::kNoProcess, 0,
                   trace::Choice{name, pick, alternatives});
  }
  return pick;
}

void World::RefreshStale() {
  while (!queue_.empty() && !queue_.next().Live()) queue_.Pop().Refresh();
}

Event* World::PopNext() {
  if (calm()) return &queue_.Pop();
  queue_.Simultaneous(&simultaneous_);
  // Lazy events that nothing comes of are no alternatives.
  size_t live = 0;
  for (Event* event : simultaneous_) {
    if (event->Live()) simultaneous_[live++] = event;
  }
  simultaneous_.resize(live);
  const uint32_t pick = Pick(ChoiceKind::kOrder, static_cast<uint32_t>(live),
                             [&] { return simultaneous_[0]->Name(); });
  Event* event = simultaneous_[pick];
  queue_.Cancel(*event);
  return event;
}

World::End World::Run(loop::Instant limit) {
  stopped_ = false;
  uint64_t events_now = 0;
  while (true) {
    if (stopped_) return End::kStopped;
    RefreshStale();
    if (queue_.empty()) return End::kIdle;
    const loop::Instant at = queue_.next_at();
    if (at > limit) return End::kTimeLimit;
    events_now = at == now_ ? events_now + 1 : 0;
    if (events_now > kEventsPerInstant) return End::kLivelock;
    now_ = at;
    ++events_;
    PopNext()->Fire();
  }
}

}  // namespace simloop::sim
