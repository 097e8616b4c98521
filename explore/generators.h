// Generators for RapidCheck: worlds and schedules (docs/property_tests.md).
#ifndef EXPLORE_GENERATORS_H_
#define EXPLORE_GENERATORS_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "explore/random_scheduler.h"
#include "rapidcheck.h"
#include "sim/choice.h"
#include "sim/host.h"
#include "sim/link_options.h"

namespace simloop::explore {

// The seeds of RandomSchedulers; shrinks towards 0.
inline rc::Gen<uint64_t> SeedGenerator() {
  return rc::gen::inRange<uint64_t>(0, 1 << 20);
}

// A line of up to 50 ms, that may jitter, lose, repeat and reorder.
inline rc::Gen<sim::LinkOptions> LinkGenerator() {
  return rc::gen::apply(
      [](int64_t latency, int64_t jitter, uint32_t loss, uint32_t duplicate,
         bool reordering) {
        sim::LinkOptions link;
        link.latency = absl::Microseconds(latency);
        link.jitter = absl::Microseconds(jitter);
        link.loss_ppb = loss;
        link.duplicate_ppb = duplicate;
        link.reordering = reordering;
        return link;
      },
      rc::gen::inRange<int64_t>(0, 50'000),
      rc::gen::inRange<int64_t>(0, 20'000),
      rc::gen::inRange<uint32_t>(0, 100'000'000),
      rc::gen::inRange<uint32_t>(0, 50'000'000), rc::gen::arbitrary<bool>());
}

// Shrinks towards times that are drawn.
inline rc::Gen<sim::TimeMode> TimeModeGenerator() {
  return rc::gen::map(rc::gen::arbitrary<bool>(), [](bool any_order) {
    return any_order ? sim::TimeMode::kAnyOrder : sim::TimeMode::kDrawn;
  });
}

// What a kernel may do otherwise; shrinks towards nothing of it.
inline rc::Gen<sim::Freedoms> FreedomsGenerator() {
  return rc::gen::apply(
      [](bool order, bool shorts, bool signals, bool aborts) {
        sim::Freedoms freedoms;
        freedoms.epoll_order = order;
        freedoms.short_transfers = shorts;
        freedoms.signals = signals;
        freedoms.aborted_accepts = aborts;
        return freedoms;
      },
      rc::gen::arbitrary<bool>(), rc::gen::arbitrary<bool>(),
      rc::gen::arbitrary<bool>(), rc::gen::arbitrary<bool>());
}

}  // namespace simloop::explore

#endif  // EXPLORE_GENERATORS_H_
