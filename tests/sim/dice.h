// Dice: numbers that look like chance and are the same on every machine, for
// tests that try much.
#ifndef TESTS_SIM_DICE_H_
#define TESTS_SIM_DICE_H_

#include <cstdint>

namespace simloop::sim {

// Knuth's linear congruential generator (MMIX): its high bits.
class Dice final {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}

  // 0 to `below` - 1.
  uint32_t Draw(uint64_t below) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>((state_ >> 33) % below);
  }

 private:
  uint64_t state_;
};

}  // namespace simloop::sim

#endif  // TESTS_SIM_DICE_H_
