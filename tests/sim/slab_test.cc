// Slabs, rings and pools of blocks: where items stand, and in which order.
#include "sim/slab.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/base/config.h"
#include "gtest/gtest.h"
#include "sim/block_pool.h"
#include "sim/ring.h"

namespace simloop::sim {
namespace {

TEST(Slab, KeepsItemsWhereTheyWereMade) {
  Slab<std::string, 2> slab;
  std::vector<const std::string*> places;
  for (int i = 0; i < 5; ++i) places.push_back(&slab.Add(std::to_string(i)));
  ASSERT_EQ(slab.size(), 5u);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(&slab.at(i), places[i]);
    EXPECT_EQ(slab.at(i), std::to_string(i));
  }
}

TEST(Slab, DestroysWhatItMade) {
  const auto shared = std::make_shared<int>(1);
  {
    Slab<std::shared_ptr<int>, 4> slab;
    for (int i = 0; i < 6; ++i) slab.Add(shared);
    EXPECT_EQ(shared.use_count(), 7);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(Ring, IsFirstInFirstOutWhileItGrowsAndGoesRound) {
  Ring<std::string> ring;
  EXPECT_TRUE(ring.empty());
  int put = 0;
  int taken = 0;
  // Two come for each one that goes.
  while (put < 100) {
    ring.Add(std::to_string(put++));
    ring.Add(std::to_string(put++));
    EXPECT_EQ(ring.front(), std::to_string(taken));
    EXPECT_EQ(ring.at(1), std::to_string(taken + 1));
    ring.Pop();
    ++taken;
  }
  EXPECT_EQ(ring.size(), 50u);
  for (; !ring.empty(); ring.Pop()) {
    EXPECT_EQ(ring.front(), std::to_string(taken++));
  }
  EXPECT_EQ(taken, 100);
}

#ifndef ABSL_HAVE_ADDRESS_SANITIZER  // under which it keeps none
TEST(BlockPool, GivesOutFirstWhatCameBackLast) {
  BlockPool pool(64);
  void* const first = pool.New();
  void* const second = pool.New();
  EXPECT_NE(first, second);
  pool.Release(first);
  pool.Release(second);
  EXPECT_EQ(pool.New(), second);
  EXPECT_EQ(pool.New(), first);
  pool.Release(first);
  pool.Release(second);
}
#endif

// More than it keeps: nothing is lost, which LeakSanitizer would tell.
TEST(BlockPool, TakesBackAnyNumber) {
  BlockPool pool(64);
  std::vector<void*> blocks;
  for (int i = 0; i < 1000; ++i) blocks.push_back(pool.New());
  for (void* const block : blocks) pool.Release(block);
}

}  // namespace
}  // namespace simloop::sim
