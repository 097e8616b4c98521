#include "explore/random_scheduler.h"

namespace simloop::explore {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): one step of its output function.
uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace

uint32_t RandomScheduler::Pick(const sim::Choice& choice) {
  uint64_t hash = Mix(seed_);
  for (const char byte : choice.name) {
    hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3u;
  }
  return static_cast<uint32_t>(Mix(hash) % choice.alternatives);
}

}  // namespace simloop::explore
