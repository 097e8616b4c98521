// The same schedule is the same run, and no schedule breaks a promise.

#include <set>
#include <string>

#include "explore/random_scheduler.h"
#include "gtest/gtest.h"
#include "tests/sim/echo_world.h"

namespace simloop::sim {
namespace {

constexpr int kClients = 6;
constexpr uint64_t kSeeds = 300;

uint64_t HashOf(uint64_t seed) {
  explore::RandomScheduler scheduler(seed);
  EchoWorld world(&scheduler, kClients);
  EXPECT_EQ(world.Run(), World::End::kIdle) << "seed " << seed;
  return world.hash();
}

TEST(Determinism, GivesOneSeedOneHash) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    EXPECT_EQ(HashOf(seed), HashOf(seed)) << "seed " << seed;
  }
}

TEST(Determinism, GivesTheCalmRunOneHash) {
  const auto calm = [] {
    EchoWorld world(nullptr, kClients);
    EXPECT_EQ(world.Run(), World::End::kIdle);
    return world.hash();
  };
  EXPECT_EQ(calm(), calm());
}

// Picks alternative 0 always: the calm run, though somebody is asked.
class Dull final : public Scheduler {
 public:
  uint32_t Pick(const Choice& choice) override {
    const std::string name(choice.name.data(), choice.name.size());
    EXPECT_TRUE(names_.insert(name).second) << name << " comes twice";
    EXPECT_GE(choice.alternatives, 2u);
    return 0;
  }
  size_t asked() const { return names_.size(); }

 private:
  std::set<std::string> names_;
};

TEST(Determinism, IsTheCalmRunWhenAllPicksAreZero) {
  Dull dull;
  EchoWorld asked(&dull, kClients);
  EXPECT_EQ(asked.Run(), World::End::kIdle);
  EXPECT_GT(dull.asked(), 100u);
  EchoWorld calm(nullptr, kClients);
  EXPECT_EQ(calm.Run(), World::End::kIdle);
  EXPECT_EQ(asked.hash(), calm.hash());
}

TEST(Determinism, GivesDifferentSeedsDifferentRuns) {
  std::set<uint64_t> hashes;
  for (uint64_t seed = 1; seed <= 50; ++seed) hashes.insert(HashOf(seed));
  EXPECT_EQ(hashes.size(), 50u);
}

TEST(EverySchedule, EchoesEveryByte) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    explore::RandomScheduler scheduler(seed);
    EchoWorld world(&scheduler, kClients);
    ASSERT_EQ(world.Run(), World::End::kIdle) << "seed " << seed;
    for (int i = 0; i < kClients; ++i) {
      ASSERT_EQ(world.echoes()[i], EchoWorld::Says(i))
          << "seed " << seed << " client " << i;
    }
  }
}

}  // namespace
}  // namespace simloop::sim
