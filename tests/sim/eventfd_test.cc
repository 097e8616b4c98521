// Eventfds: counters, their limits, and their wake-ups.

#include <cstring>
#include <limits>

#include "tests/sim/one_process.h"

namespace simloop::sim {
namespace {

using loop::Errno;

constexpr uint64_t kAllOnes = std::numeric_limits<uint64_t>::max();

class EventfdTest : public OneProcess {
 protected:
  loop::Fd Make(unsigned int initial, int flags = 0) {
    return *kernel_.Eventfd(initial, flags | loop::kEfdNonblock);
  }
  Errno Add(loop::Fd fd, uint64_t value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    return kernel_.Write(fd, bytes).error();
  }
  Errno Write(loop::Fd fd, absl::string_view bytes) {
    return kernel_.Write(fd, bytes).error();
  }
  // 0: EAGAIN.
  uint64_t Take(loop::Fd fd) {
    char bytes[sizeof(uint64_t)];
    if (!kernel_.Read(fd, absl::MakeSpan(bytes)).ok()) return 0;
    uint64_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return value;
  }
};

TEST_F(EventfdTest, CountsUntilItIsRead) {
  const loop::Fd fd = Make(2);
  EXPECT_EQ(Add(fd, 3), Errno::kOk);
  EXPECT_EQ(Ready(fd), kIn | kOut);
  EXPECT_EQ(Take(fd), 5u);
  EXPECT_EQ(Take(fd), 0u);
  EXPECT_EQ(Ready(fd), kOut);
}

TEST_F(EventfdTest, OfASemaphoreGivesOneAtATime) {
  const loop::Fd fd = Make(2, loop::kEfdSemaphore);
  EXPECT_EQ(Take(fd), 1u);
  EXPECT_EQ(Take(fd), 1u);
  EXPECT_EQ(Take(fd), 0u);
}

TEST_F(EventfdTest, HoldsAllOnesLessOne) {
  const loop::Fd fd = Make(0);
  EXPECT_EQ(Add(fd, kAllOnes), Errno::kEINVAL);
  EXPECT_EQ(Add(fd, kAllOnes - 1), Errno::kOk);
  EXPECT_EQ(Add(fd, 1), Errno::kEAGAIN);
  EXPECT_EQ(Ready(fd), kIn);
}

TEST_F(EventfdTest, IsWrittenInEightBytesAndNoOther) {
  const loop::Fd fd = Make(0);
  EXPECT_EQ(Write(fd, "1234567"), Errno::kEINVAL);
  EXPECT_EQ(Write(fd, "0123456789abcdef"), Errno::kEINVAL);
  const absl::Span<const char> halves[] = {{"1234", 4}, {"5678", 4}};
  EXPECT_EQ(kernel_.Writev(fd, halves).error(), Errno::kEINVAL);
}

TEST_F(EventfdTest, TellsOfEveryWriteAndEveryRead) {
  const loop::Fd fd = Make(0);
  const loop::Fd watch = Watch(fd);
  Add(fd, 1);
  EXPECT_EQ(Edge(watch), kIn | kOut);
  Add(fd, 1);
  EXPECT_EQ(Edge(watch), kIn | kOut);
  EXPECT_EQ(Take(fd), 2u);
  EXPECT_EQ(Edge(watch), kOut);
}

}  // namespace
}  // namespace simloop::sim
