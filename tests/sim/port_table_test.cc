// PortTable beside a list that is walked: random uses that come, go and change
// places.

#include "sim/tcp/port_table.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "loop/ip.h"
#include "tests/sim/dice.h"

namespace simloop::sim::tcp {
namespace {

constexpr uint16_t kPorts[] = {1, 511, 512, 513, 32768, 65535};

loop::Ip AddressOf(uint32_t number) {
  switch (number % 4) {
    case 0:
      return loop::Ip(loop::Ipv4::Any());
    case 1:
      return loop::Ip::Any6();
    case 2:
      return loop::Ip(loop::Ipv4{0x0a000001});
    default:
      return loop::Ip(loop::Ipv4{0x0a000002});
  }
}

// inet_csk_bind_conflict() of those that share no port.
bool Conflict(const PortUse& a, const PortUse& b) {
  if (!a.Covers(b.ip) && !b.Covers(a.ip)) return false;
  return !(a.reuse && b.reuse && !b.listening) &&
         !(a.reuse_port && b.reuse_port);
}

class Uses final {
 public:
  explicit Uses(uint64_t seed) : dice_(seed) {}

  void Step() {
    switch (Draw(4)) {
      case 0:
        if (!uses_.empty()) Remove(Draw(uses_.size()));
        break;
      case 1:
        if (!uses_.empty()) Replace(Draw(uses_.size()));
        break;
      default:
        uses_.push_back(std::make_unique<PortUse>(New()));
        table_.Add(*uses_.back());
    }
    Compare();
  }
  void RemoveAll() {
    while (!uses_.empty()) Remove(Draw(uses_.size()));
    Compare();
  }

 private:
  uint32_t Draw(uint64_t below) { return dice_.Draw(below); }
  PortUse New() {
    PortUse use;
    use.ip = AddressOf(Draw(4));
    use.port = kPorts[Draw(std::size(kPorts))];
    use.automatic = Draw(3) != 0;
    use.reuse = Draw(2) != 0;
    use.listening = Draw(4) == 0;
    use.v6only = Draw(2) != 0;
    return use;
  }
  void Remove(size_t index) {
    table_.Remove(*uses_[index]);
    EXPECT_FALSE(uses_[index]->held());
    uses_[index].swap(uses_.back());
    uses_.pop_back();
  }
  void Replace(size_t index) {
    auto now = std::make_unique<PortUse>(*uses_[index]);
    table_.Replace(*uses_[index], *now);
    uses_[index] = std::move(now);
  }
  void Compare() {
    for (const uint16_t port : kPorts) {
      PortUse asks = New();
      asks.port = port;
      bool unused = true;
      bool only_automatic = true;
      bool conflicts = false;
      for (const auto& use : uses_) {
        if (use->port != port) continue;
        unused = false;
        only_automatic = only_automatic && use->automatic;
        conflicts = conflicts || Conflict(asks, *use);
      }
      EXPECT_EQ(table_.Unused(port), unused) << port;
      EXPECT_EQ(table_.OnlyAutomatic(port), only_automatic) << port;
      EXPECT_EQ(table_.Conflicts(asks), conflicts) << port;
    }
  }

  Dice dice_;
  PortTable table_;
  std::vector<std::unique_ptr<PortUse>> uses_;
};

TEST(PortTable, KnowsWhoHoldsAPort) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    Uses uses(seed);
    for (int i = 0; i < 500; ++i) uses.Step();
    uses.RemoveAll();
  }
}

// SO_REUSEPORT on all: who comes is let in without a look at each.
TEST(PortTable, RemembersWhoWasLetInLast) {
  PortTable table;
  PortUse first;
  first.ip = AddressOf(2);
  first.port = 80;
  first.reuse_port = true;
  table.Add(first);
  table.Settle(first);
  PortUse second = first;
  EXPECT_FALSE(table.Conflicts(second));
  second.reuse_port = false;
  EXPECT_TRUE(table.Conflicts(second));
  second.ip = AddressOf(3);
  EXPECT_FALSE(table.Conflicts(second));
  table.Add(second);
  table.Settle(second);
  // Another address without it stands between them.
  PortUse third = first;
  third.ip = loop::Ip(loop::Ipv4::Any());
  EXPECT_TRUE(table.Conflicts(third));
  table.Remove(second);
  table.Remove(first);
  EXPECT_TRUE(table.Unused(80));
}

}  // namespace
}  // namespace simloop::sim::tcp
