// The values of the seam: addresses, errnos, instants, results.
#include <string>

#include "gtest/gtest.h"
#include "loop/address.h"
#include "loop/errno.h"
#include "loop/instant.h"
#include "loop/result.h"
#include "loop/task_queue.h"

namespace simloop::loop {
namespace {

TEST(Ipv4, ParsesAsInetPtonDoes) {
  EXPECT_EQ(Ipv4::Parse("127.0.0.1"), Ipv4::Loopback());
  EXPECT_EQ(Ipv4::Parse("0.0.0.0"), Ipv4::Any());
  EXPECT_EQ(Ipv4::Parse("255.255.255.255"), Ipv4{0xffffffff});
  for (const char* text :
       {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.",
        ".1.2.3", "1..2.3", " 1.2.3.4", "1.2.3.4 ", "1.2.3.-4", "0x1.2.3.4",
        "1.2.3.4\n", "localhost"}) {
    EXPECT_EQ(Ipv4::Parse(text), std::nullopt) << text;
  }
}

TEST(Address, ParsesAndPrints) {
  for (const char* text : {"127.0.0.1:80", "0.0.0.0:0", "10.1.2.3:65535"}) {
    const std::optional<Address> address = Address::Parse(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(address->ToString(), text);
  }
  for (const char* text : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                           ":80", "127.0.0.1:8 0", "127.0.0.1:80:80"}) {
    EXPECT_EQ(Address::Parse(text), std::nullopt) << text;
  }
  EXPECT_EQ(Address::Unspecified().ToString(), "unspec");
}

TEST(Errno, HasLinuxNamesAndTexts) {
  EXPECT_EQ(ErrnoName(Errno::kECONNREFUSED), "ECONNREFUSED");
  EXPECT_EQ(ErrnoText(Errno::kECONNREFUSED), "Connection refused");
  EXPECT_EQ(ErrnoName(Errno::kOk), "OK");
  EXPECT_EQ(ErrnoName(Errno::kEALREADY), "EALREADY");
  EXPECT_EQ(ErrnoText(Errno::kEINPROGRESS), "Operation now in progress");
  EXPECT_EQ(ErrnoName(static_cast<Errno>(9999)), "E<unknown>");
}

TEST(Instant, SaturatesAtInfinity) {
  const Instant second = Instant::FromNanos(1000000000);
  EXPECT_EQ(second + absl::Milliseconds(1), Instant::FromNanos(1001000000));
  EXPECT_TRUE((second + absl::InfiniteDuration()).infinite());
  EXPECT_TRUE((Instant::Infinite() + absl::Seconds(1)).infinite());
  EXPECT_EQ(Instant::Infinite() - second, absl::InfiniteDuration());
  EXPECT_EQ(second - Instant(), absl::Seconds(1));
}

TEST(Result, IsAValueOrAnError) {
  const Result<int> value = 5;
  EXPECT_TRUE(value.ok());
  EXPECT_EQ(*value, 5);
  const Result<int> error = Errno::kEAGAIN;
  EXPECT_EQ(error.error(), Errno::kEAGAIN);
  EXPECT_DEATH(static_cast<void>(error.value()), "EAGAIN");
}

TEST(TaskQueue, KeepsTheOrderAsItGrowsAndGoesRound) {
  TaskQueue queue;
  std::string order;
  for (int i = 0; i < 100; ++i) {
    queue.Push([&order, i] { order += std::to_string(i) + " "; },
               static_cast<Owner>(i));
    if (i % 3 == 2) queue.Pop().task();
  }
  EXPECT_EQ(queue.size(), 67u);
  EXPECT_EQ(queue.PopBack().owner, 99);
  while (!queue.empty()) queue.Pop().task();
  std::string expected;
  for (int i = 0; i < 99; ++i) expected += std::to_string(i) + " ";
  EXPECT_EQ(order, expected);
}

}  // namespace
}  // namespace simloop::loop
