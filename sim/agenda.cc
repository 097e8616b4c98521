#include "sim/agenda.h"

#include <algorithm>

#include "sim/event_queue.h"
#include "sim/world.h"

namespace simloop::sim {
namespace {

// A seed takes the calm time so often: who is early leaves the most open.
constexpr uint32_t kLatePpb = 500'000'000;

}  // namespace

void Agenda::Schedule(Event& event, const Window& window, loop::Instant calm,
                      ChoiceKind kind, uint32_t lane) {
  world_.queue().Schedule(event, calm, lane);
  event.loose_ = true;
  entries_[&event] = {window, kind};
  most_behind_nanos_ =
      std::max(most_behind_nanos_, calm.nanos() - window.earliest.nanos());
}

Agenda::Window Agenda::WindowOf(const Event& event) const {
  if (event.loose_) return entries_.find(&event)->second.window;
  return {event.Due(), event.Due()};
}

loop::Instant Agenda::FindFirsts() {
  const EventQueue& queue = world_.queue();
  const loop::Instant now = world_.Now();
  // A window that ends before that of the queue's first begins before that.
  const loop::Instant end = std::max(now, WindowOf(queue.next()).latest)
                                .PlusNanos(most_behind_nanos_);
  queue.Until(end, &pending_);
  loop::Instant last = loop::Instant::Infinite();
  for (const Event* event : pending_) {
    last = std::min(last, WindowOf(*event).latest);
  }
  // One whose window has passed has waited for another of its lane.
  last = std::max(last, now);
  Sort(last);
  return last;
}

void Agenda::Sort(loop::Instant last) {
  const loop::Instant now = world_.Now();
  firsts_.clear();
  lazy_.clear();
  waiting_.clear();
  bool time_left = false;
  for (Event* event : pending_) {
    const Window window = WindowOf(*event);
    if (window.earliest > last) continue;
    time_left = time_left || std::max(window.earliest, now) < last;
    if (event->loose_ && entries_.find(event)->second.waits) {
      waiting_.push_back(event);
    } else if (!event->Live()) {
      lazy_.push_back(event);
    } else {
      firsts_.push_back(event);
    }
  }
  firsts_.insert(firsts_.end(), lazy_.begin(), lazy_.end());
  firsts_.insert(firsts_.end(), waiting_.begin(), waiting_.end());
  due_ = Choice::kNoneDue;
  for (uint32_t i = 0; !time_left && due_ == Choice::kNoneDue; ++i) {
    if (WindowOf(*firsts_[i]).latest <= last) due_ = i;
  }
}

Agenda::Step Agenda::Next() {
  const loop::Instant last = FindFirsts();
  const uint32_t pick = world_.PickOrder(firsts_, due_);
  for (uint32_t i = 0; i < pick; ++i) {
    if (firsts_[i]->loose_) entries_[firsts_[i]].waits = true;
  }
  return {firsts_[pick], Decide(*firsts_[pick], last)};
}

loop::Instant Agenda::Decide(Event& event, loop::Instant last) {
  const loop::Instant first = std::max(WindowOf(event).earliest, world_.Now());
  if (!event.loose_ || first >= last) return last;
  const ChoiceKind kind = entries_.find(&event)->second.kind;
  const loop::Instant calm = std::clamp(event.at(), first, last);
  const int64_t span = last.nanos() - first.nanos();
  const int64_t steps = std::min<int64_t>(
      kind == ChoiceKind::kFault ? kFaultSteps : kSteps, span + 1);
  const uint32_t pick =
      world_.PickWeighted(kind, static_cast<uint32_t>(steps), kLatePpb,
                          [&] { return event.TimeName(); });
  if (pick == 0) return calm;
  // Where the calm time is not the first, that is a way of its own.
  const bool early = calm > first;
  const int64_t shares = steps - (early ? 2 : 1);
  const int64_t share = early ? pick - 1 : pick;
  if (shares == 0) return first;
  // In parts, lest a span of hours overflow.
  return first.PlusNanos(span / shares * share +
                         span % shares * share / shares);
}

}  // namespace simloop::sim
