// The values of the seam: addresses, errnos, instants, results.
#include <string>
#include <utility>

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

TEST(Ip, ParsesAsInetPtonDoesAndPrintsTheShortestForm) {
  const std::pair<const char*, const char*> forms[] = {
      {"::", "::"},
      {"::1", "::1"},
      {"fe80:0:0:0:0:0:0:1", "fe80::1"},
      {"2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"FF02::A", "ff02::a"},
      {"::ffff:10.1.2.3", "10.1.2.3"},
      {"10.1.2.3", "10.1.2.3"},
  };
  for (const auto& [text, printed] : forms) {
    const std::optional<Ip> ip = Ip::Parse(text);
    ASSERT_TRUE(ip.has_value()) << text;
    EXPECT_EQ(ip->ToString(), printed);
    EXPECT_EQ(Ip::Parse(ip->ToString6()), ip) << text;
  }
  for (const char* text :
       {"", ":", ":::", "1", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "12345::", "::g", "::1.2.3", "1.2.3.4::", "::1%lo", "[::1]"}) {
    EXPECT_EQ(Ip::Parse(text), std::nullopt) << text;
  }
}

TEST(Ip, HoldsAnIpv4AddressMapped) {
  const Ip mapped(Ipv4{0x0a010203});
  EXPECT_TRUE(mapped.is_v4());
  EXPECT_EQ(mapped.v4(), Ipv4{0x0a010203});
  EXPECT_EQ(mapped.ToString6(), "::ffff:10.1.2.3");
  EXPECT_TRUE(Ip(Ipv4::Any()).is_any());
  EXPECT_TRUE(Ip::Any6().is_any());
  EXPECT_FALSE(Ip::Loopback6().is_any());
  EXPECT_TRUE(Ip::Loopback6().is_loopback());
  EXPECT_TRUE(Ip(Ipv4{0x7f010203}).is_loopback());
  EXPECT_TRUE(Ip::Parse("ff02::1")->is_multicast());
  EXPECT_EQ(Ip::Loopback6().v4(), Ipv4::Any());
}

TEST(Address, HasTheSizeOfItsFamilysSockaddr) {
  EXPECT_EQ(Address::Parse("10.0.0.1:1")->size(), 16u);
  EXPECT_EQ(Address::Parse("[::1]:1")->size(), 28u);
  EXPECT_EQ(Address::Unspecified().size(), 16u);
  EXPECT_EQ(Address::Unix("").size(), 2u);
  EXPECT_EQ(Address::Unix("ab").size(), 5u);  // with the byte of 0
  EXPECT_EQ(Address::Unix(std::string("\0ab", 3)).size(), 5u);
  EXPECT_EQ(Address::Unix(std::string(108, 'x')).size(), 110u);
  Address careless = *Address::Parse("10.0.0.1:1");
  careless.short_size = 8;
  EXPECT_EQ(careless.size(), 8u);
}

TEST(Address, IsOfTheFamilyOfAnEndpointsIp) {
  EXPECT_EQ(Address::Of({Ipv4::Loopback(), 80}),
            Address::Inet(Ipv4::Loopback(), 80));
  EXPECT_EQ(Address::Of({Ip::Loopback6(), 80}),
            Address::Inet6(Ip::Loopback6(), 80));
  EXPECT_EQ((Endpoint{Ip::Loopback6(), 80}.ToString()), "[::1]:80");
}

TEST(Address, ParsesAndPrints) {
  for (const char* text : {"127.0.0.1:80", "0.0.0.0:0", "10.1.2.3:65535",
                           "[::1]:80", "[::ffff:10.0.0.1]:80", "[fe80::1]:0",
                           "unix:path", "unix:@abstract", "unix:", "unspec"}) {
    const std::optional<Address> address = Address::Parse(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(address->ToString(), text);
  }
  for (const char* text : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                           ":80", "127.0.0.1:8 0", "127.0.0.1:80:80", "::1:80",
                           "[::1]", "[::1:80", "[10.0.0.1]:80"}) {
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
