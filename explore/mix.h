// Mix: a 64-bit hash for schedulers: the same on every compiler and machine.
#ifndef EXPLORE_MIX_H_
#define EXPLORE_MIX_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace simloop::explore {

// SplitMix64 (Steele, Lea, Flood 2014): one step of its output function.
constexpr uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

constexpr uint64_t Mix(uint64_t a, uint64_t b) { return Mix(Mix(a) ^ b); }

// FNV-1a's step over each byte, from the hash of `seed`, and Mix() of it.
constexpr uint64_t MixText(uint64_t seed, absl::string_view text) {
  uint64_t hash = Mix(seed);
  for (const char byte : text) {
    hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3u;
  }
  return Mix(hash);
}

}  // namespace simloop::explore

#endif  // EXPLORE_MIX_H_
