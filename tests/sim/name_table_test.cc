// What the names of a world stand for, and what is asked about them.
#include "sim/name_table.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "sim/choice.h"
#include "sim/world.h"

namespace simloop::sim {
namespace {

// Answers each choice with its last way, and keeps its name.
class Last final : public Scheduler {
 public:
  uint32_t Pick(const Choice& choice) override {
    names.push_back(std::string(choice.name));
    return choice.alternatives - 1;
  }
  std::vector<std::string> names;
};

NameRecord Three() {
  NameRecord record;
  for (uint32_t i = 1; i <= 3; ++i) {
    record.addresses.push_back(loop::Ip(loop::Ipv4{0x0a000000 + i}));
  }
  record.delay = absl::Milliseconds(5);
  record.jitter = absl::Milliseconds(7);
  record.any_order = true;
  return record;
}

TEST(NameTable, DoesNotKnowWhatNobodyHasSet) {
  NameTable table(nullptr);
  const NameAnswer answer = table.Ask("client", "no.such.example");
  EXPECT_EQ(answer.failure, NameFailure::kNotFound);
  EXPECT_EQ(answer.delay, absl::ZeroDuration());
}

TEST(NameTable, AnswersInOrderWithoutJitterInTheCalmRun) {
  World world;
  NameTable table(&world);
  table.Set("a.example", Three());
  const NameAnswer answer = table.Ask("client", "a.example");
  EXPECT_EQ(answer.failure, NameFailure::kNone);
  EXPECT_EQ(answer.addresses, Three().addresses);
  EXPECT_EQ(answer.delay, absl::Milliseconds(5));
}

TEST(NameTable, AsksForItsJitterAndItsOrderByTheQuestionsName) {
  Last last;
  World world(&last);
  NameTable table(&world);
  table.Set("a.example", Three());
  const NameAnswer answer = table.Ask("client", "a.example");
  // 5 ms and 7/7 of 7 ms; the third of three comes first.
  EXPECT_EQ(answer.delay, absl::Milliseconds(12));
  EXPECT_EQ(answer.addresses.front(), Three().addresses.back());
  (void)table.Ask("client", "a.example");
  EXPECT_EQ(last.names,
            (std::vector<std::string>{"client.lookup a.example#1 delay",
                                      "client.lookup a.example#1 lookup",
                                      "client.lookup a.example#2 delay",
                                      "client.lookup a.example#2 lookup"}));
}

TEST(NameTable, FailsAsItIsTold) {
  NameTable table(nullptr);
  NameRecord record = Three();
  record.failure = NameFailure::kTryAgain;
  table.Set("a.example", record);
  EXPECT_EQ(table.Ask("client", "a.example").failure, NameFailure::kTryAgain);
  record.failure = NameFailure::kTimeout;
  table.Set("a.example", record);
  const NameAnswer answer = table.Ask("client", "a.example");
  EXPECT_TRUE(answer.addresses.empty());
  // resolv.conf(5): two tries of 5 s, after the record's own 5 ms.
  EXPECT_EQ(answer.delay, absl::Seconds(10) + absl::Milliseconds(5));
}

}  // namespace
}  // namespace simloop::sim
