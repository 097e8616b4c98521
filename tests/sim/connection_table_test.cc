// The table of connections, held to a map by what is asked of it, in an order
// that looks like chance.
#include "sim/tcp/connection_table.h"

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "tests/sim/dice.h"

namespace simloop::sim::tcp {
namespace {

constexpr loop::Ipv4 kOurs{0x0a000001};
constexpr loop::Ipv4 kTheirs{0x0a000002};

Pair Of(uint32_t number) {
  return {{kOurs, static_cast<uint16_t>(7000 + number % 3)},
          {kTheirs, static_cast<uint16_t>(32768 + number / 3)}};
}

// What was found last is what most goes, or is followed, next; here by turns it
// is, and is another.
TEST(ConnectionTable, AnswersAsAMap) {
  for (const uint32_t pairs : {4u, 60u, 70u, 9000u}) {
    Dice dice(pairs);
    ConnectionTable table;
    std::map<uint32_t, std::unique_ptr<Tabled>> standing;
    for (int step = 0; step < 60'000; ++step) {
      const uint32_t number = dice.Draw(pairs);
      const auto found = standing.find(number);
      const bool there = found != standing.end();
      if (dice.Draw(2) == 0) {
        ASSERT_EQ(table.Find(Of(number)),
                  there ? found->second.get() : nullptr);
      }
      switch (dice.Draw(4)) {
        case 0:
        case 1: {  // also in the place of one that stood there
          auto entry =
              std::make_unique<Tabled>(Of(number), Tabled::Kind::kConnection);
          table.Insert(*entry);
          standing[number] = std::move(entry);
          break;
        }
        case 2:
          table.Erase(Of(number));
          standing.erase(number);
          break;
        default:
          break;
      }
    }
    for (uint32_t number = 0; number < pairs; ++number) {
      const auto found = standing.find(number);
      ASSERT_EQ(table.Find(Of(number)),
                found == standing.end() ? nullptr : found->second.get());
    }
  }
}

}  // namespace
}  // namespace simloop::sim::tcp
