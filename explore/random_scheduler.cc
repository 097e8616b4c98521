#include "explore/random_scheduler.h"

#include "loop/check.h"

namespace simloop::explore {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): one step of its output function.
uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// How likely the calm way is, in sixteenths; the other ways share the rest
// alike. 0: all ways are alike, the calm one among them. What a program can
// only answer by trying again is rare, so that a run goes on.
uint32_t CalmSixteenths(sim::ChoiceKind kind) {
  switch (kind) {
    case sim::ChoiceKind::kOrder:
    case sim::ChoiceKind::kDelay:
    case sim::ChoiceKind::kWakeup:
    case sim::ChoiceKind::kFault:
    case sim::ChoiceKind::kLookup:
    case sim::ChoiceKind::kPort:
    case sim::ChoiceKind::kReady:
      return 0;
    // Asked with a weight of their own (Choice::weight_ppb).
    case sim::ChoiceKind::kLoss:
    case sim::ChoiceKind::kBurst:
    case sim::ChoiceKind::kDuplicate:
    case sim::ChoiceKind::kCorrupt:
    case sim::ChoiceKind::kReorder:
    case sim::ChoiceKind::kTransfer:
    case sim::ChoiceKind::kAbort:
      return 8;
    case sim::ChoiceKind::kSignal:
    case sim::ChoiceKind::kBacklog:
    case sim::ChoiceKind::kMemory:
      return 14;
  }
  SIMLOOP_CHECK(false, "no such kind of choice");
  return 0;
}

}  // namespace

uint32_t RandomScheduler::Pick(const sim::Choice& choice) {
  uint64_t hash = Mix(seed_);
  for (const char byte : choice.name) {
    hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3u;
  }
  hash = Mix(hash);
  if (choice.weight_ppb > 0) {
    // The high half decides whether, the low half which way.
    constexpr uint64_t kBillion = 1'000'000'000;
    if ((hash >> 32) * kBillion >> 32 >= choice.weight_ppb) return 0;
    return static_cast<uint32_t>(1 + (hash & 0xffffffff) %
                                         (choice.alternatives - 1));
  }
  const uint32_t calm = CalmSixteenths(choice.kind);
  if (calm == 0) return static_cast<uint32_t>(hash % choice.alternatives);
  if (hash % 16 < calm) return 0;
  return static_cast<uint32_t>(1 + hash / 16 % (choice.alternatives - 1));
}

}  // namespace simloop::explore
