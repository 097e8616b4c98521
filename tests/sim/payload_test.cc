// Bytes in queues and out of order, against plain strings.

#include <algorithm>
#include <string>

#include "gtest/gtest.h"
#include "sim/slice_queue.h"
#include "sim/tcp/reassembly.h"
#include "tests/sim/dice.h"

namespace simloop::sim {
namespace {

std::string Bytes(size_t from, size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>((from + i) % 251);
  }
  return bytes;
}

std::string Text(const Slice& slice) {
  return std::string(slice.bytes().data(), slice.bytes().size());
}

TEST(Slice, SharesItsBytes) {
  const Slice whole(absl::MakeConstSpan("hello", 5));
  const Slice part = whole.Part(1, 3);
  EXPECT_EQ(Text(part), "ell");
  EXPECT_EQ(part.bytes().data(), whole.bytes().data() + 1);
}

TEST(Slice, TakesMoreOnlyBehindTheLastBytesOfItsBlock) {
  Slice first(absl::MakeConstSpan("ab", 2));
  Slice copy = first;
  EXPECT_EQ(first.Append(absl::MakeConstSpan("cd", 2)), 2u);
  EXPECT_EQ(copy.Append(absl::MakeConstSpan("xy", 2)), 0u);
  EXPECT_EQ(Text(first), "abcd");
  EXPECT_EQ(Text(copy), "ab");
}

TEST(SliceQueue, GivesBackWhatWasWritten) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Dice numbers(seed);
    SliceQueue queue;
    std::string model;
    size_t written = 0;
    for (int step = 0; step < 300; ++step) {
      const size_t what = numbers.Draw(5);
      if (what < 2) {
        const std::string more = Bytes(written, numbers.Draw(2000));
        written += more.size();
        model += more;
        queue.Write(more);
      } else if (what == 2) {
        std::string buffer(numbers.Draw(3000), '\0');
        buffer.resize(queue.Read(absl::MakeSpan(buffer)));
        ASSERT_EQ(buffer, model.substr(0, buffer.size()));
        model.erase(0, buffer.size());
      } else if (what == 3) {
        const size_t count = numbers.Draw(model.size() + 1);
        queue.Drop(count);
        model.erase(0, count);
      } else {
        const size_t offset = numbers.Draw(model.size() + 1);
        const size_t size = numbers.Draw(model.size() - offset + 1);
        const size_t most = std::min(size, Slice::kMaxBytes);
        ASSERT_EQ(Text(queue.Range(offset, most)), model.substr(offset, most));
      }
      ASSERT_EQ(queue.bytes(), model.size());
    }
  }
}

// 2,000 bytes in random pieces, some of them again, across the wrap of the
// sequence numbers, read as soon as they are in order.
// 65160 bytes are 45 segments of 1448: trains that begin and end anywhere in
// writes of 64 KiB.
TEST(SliceQueue, SharesTrainsOutOfLargeWrites) {
  SliceQueue queue;
  const std::string written = Bytes(0, 65536);
  for (int i = 0; i < 4; ++i) queue.Write(written);
  const Slice first = queue.Range(0, 65160);
  const Slice second = queue.Range(65160, 65160);
  EXPECT_EQ(second.bytes().data(), first.bytes().data() + 65160);
  EXPECT_EQ(Text(second), Bytes(65160, 376) + Bytes(0, 64784));
}

TEST(SliceQueue, PutsTogetherWhatLiesInTwoBlocks) {
  SliceQueue queue;
  for (int i = 0; i < 6; ++i) queue.Write(Bytes(65536 * i, 65536));
  // The first block holds four writes.
  EXPECT_EQ(Text(queue.Range(4 * 65536 - 1000, 60000)),
            Bytes(4 * 65536 - 1000, 60000));
}

TEST(Reassembly, PutsRandomPiecesInOrder) {
  constexpr tcp::Sequence kStart = 0xffffffff - 1000;
  constexpr size_t kAll = 2000;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Dice numbers(seed);
    tcp::Reassembly reassembly;
    std::string read;
    int inserted = 0;
    while (read.size() < kAll) {
      ASSERT_LT(++inserted, 100'000) << "seed " << seed;
      // What was read is not offered again: the receiver cuts it off.
      const size_t from = read.size() + numbers.Draw(kAll - read.size());
      const size_t size = 1 + numbers.Draw(std::min<size_t>(kAll - from, 90));
      const std::string bytes = Bytes(from, size);
      reassembly.Insert(kStart + static_cast<tcp::Sequence>(from),
                        Slice(bytes));
      if (numbers.Draw(4) != 0) continue;
      while (true) {
        const Slice next =
            reassembly.Take(kStart + static_cast<tcp::Sequence>(read.size()));
        if (next.empty()) break;
        read += Text(next);
      }
      ASSERT_EQ(read, Bytes(0, read.size())) << "seed " << seed;
    }
    EXPECT_TRUE(reassembly.empty());
  }
}

}  // namespace
}  // namespace simloop::sim
