#include "sim/world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/check.h"
#include "sim/agenda.h"

namespace simloop::sim {

// A task of the timeline.
class World::Appointment final : public Event {
 public:
  Appointment(absl::string_view name, absl::string_view time_name,
              uint32_t host_index, absl::AnyInvocable<void()> task)
      : name_(name),
        time_name_(time_name),
        host_index_(host_index),
        task_(std::move(task)) {}
  void Fire() override { task_(); }
  std::string Name() const override { return name_; }
  std::string TimeName() const override { return time_name_; }
  uint32_t HostIndex() const override { return host_index_; }

 private:
  std::string name_;
  std::string time_name_;
  uint32_t host_index_;
  absl::AnyInvocable<void()> task_;
};

namespace {

// Ways a time `within` a span can go: 0, 1/63, ... 63/63 of it.
constexpr uint32_t kWithinSteps = 64;

}  // namespace

World::World(Scheduler* scheduler, TimeMode time) : scheduler_(scheduler) {
  if (scheduler != nullptr && time == TimeMode::kAnyOrder) {
    agenda_ = std::make_unique<Agenda>(*this);
  }
}

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
               absl::AnyInvocable<void()> task, uint32_t host_index) {
  appointments_.push_back(
      std::make_unique<Appointment>(name, "", host_index, std::move(task)));
  queue_.Schedule(*appointments_.back(), std::max(at, now_),
                  TimelineLane(host_index));
}

void World::AtWithin(loop::Instant at, absl::Duration within,
                     absl::string_view name, absl::string_view time_name,
                     absl::AnyInvocable<void()> task, uint32_t host_index) {
  if (agenda_ == nullptr) {
    const uint32_t step = Pick(ChoiceKind::kFault, kWithinSteps,
                               [&] { return std::string(time_name); });
    At(at + within * step / (kWithinSteps - 1), name, std::move(task),
       host_index);
    return;
  }
  appointments_.push_back(std::make_unique<Appointment>(
      name, time_name, host_index, std::move(task)));
  const loop::Instant earliest = std::max(at, now_);
  // No lane: others about the host that come meanwhile do not wait for it.
  agenda_->Schedule(*appointments_.back(),
                    {earliest, std::max(at + within, now_)}, earliest,
                    ChoiceKind::kFault);
}

uint32_t World::TimelineLane(uint32_t host_index) {
  const size_t place =
      host_index == Event::kEverywhere ? 0 : size_t{host_index} + 1;
  if (timeline_lanes_.size() <= place) timeline_lanes_.resize(place + 1);
  if (timeline_lanes_[place] == 0) timeline_lanes_[place] = NewLane();
  return timeline_lanes_[place];
}

uint32_t World::Pick(ChoiceKind kind, uint32_t alternatives,
                     absl::FunctionRef<std::string()> subject) {
  return PickWeighted(kind, alternatives, 0, subject);
}

uint32_t World::Ask(Choice choice, absl::FunctionRef<std::string()> subject) {
  const absl::string_view kind = ChoiceKindName(choice.kind);
  std::string name = absl::StrCat(subject(), " ", kind);
  // Timers, for one, go off again and again: no name comes twice.
  const uint32_t time = ++asked_[name];
  if (time > 1) name = absl::StrCat(subject(), "~", time, " ", kind);
  choice.name = name;
  const uint32_t pick = scheduler_->Pick(choice);
  SIMLOOP_CHECK(pick < choice.alternatives, "a scheduler picks what there is");
  // Only what differs from the calm run is part of it: a run by an empty
  // schedule and a calm one are the same run.
  if (pick != 0 && recorder_ != nullptr) {
    recorder_->Add(trace::kNoProcess, 0,
                   trace::Choice{name, pick, choice.alternatives});
  }
  return pick;
}

void World::RefreshStale() {
  while (!queue_.empty() && !queue_.next().Live()) queue_.Pop().Refresh();
}

uint32_t World::PickOrder(const std::vector<Event*>& events, uint32_t due) {
  const auto ways = static_cast<uint32_t>(events.size());
  if (ways < 2) return 0;
  return Ask({ChoiceKind::kOrder, "", ways, 0, events, due},
             [&] { return events[0]->Name(); });
}

loop::Instant World::NextAt() {
  if (agenda_ == nullptr) return queue_.next_at();
  const Agenda::Step step = agenda_->Next();
  next_ = step.event;
  return step.at;
}

Event* World::PopNext() {
  if (calm()) return &queue_.Pop();
  if (agenda_ != nullptr) {
    queue_.Take(*next_, now_);
    scheduler_->OnEvent(*next_);
    return next_;
  }
  queue_.Simultaneous(&simultaneous_);
  // Lazy events that nothing comes of are no alternatives.
  size_t live = 0;
  for (Event* event : simultaneous_) {
    if (event->Live()) simultaneous_[live++] = event;
  }
  simultaneous_.resize(live);
  Event* event = simultaneous_[PickOrder(simultaneous_, 0)];
  queue_.Cancel(*event);
  scheduler_->OnEvent(*event);
  return event;
}

void World::AtEvent(uint64_t count, absl::AnyInvocable<void()> task) {
  const auto later = std::upper_bound(
      awaited_.begin(), awaited_.end(), count,
      [](uint64_t wanted, const Awaited& at) { return wanted < at.count; });
  awaited_.insert(later, {count, std::move(task)});
}

void World::RunAwaited() {
  while (!awaited_.empty() && awaited_.front().count <= events_) {
    Awaited awaited = std::move(awaited_.front());
    awaited_.pop_front();
    awaited.task();
  }
}

World::End World::Run(loop::Instant limit) {
  stopped_ = false;
  uint64_t events_now = 0;
  while (true) {
    if (stopped_) return End::kStopped;
    if (!awaited_.empty()) RunAwaited();
    if (stopped_) return End::kStopped;
    RefreshStale();
    if (queue_.empty()) return End::kIdle;
    const loop::Instant at = NextAt();
    if (at > limit) return End::kTimeLimit;
    events_now = at == now_ ? events_now + 1 : 0;
    if (events_now > kEventsPerInstant) return End::kLivelock;
    now_ = at;
    ++events_;
    PopNext()->Fire();
  }
}

}  // namespace simloop::sim
