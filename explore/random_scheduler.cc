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
    case sim::ChoiceKind::kPort:
    case sim::ChoiceKind::kReady:
      return 0;
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
  const uint32_t calm = CalmSixteenths(choice.kind);
  if (calm == 0) return static_cast<uint32_t>(hash % choice.alternatives);
  if (hash % 16 < calm) return 0;
  return static_cast<uint32_t>(1 + hash / 16 % (choice.alternatives - 1));
}

}  // namespace simloop::explore
