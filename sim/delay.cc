#include "sim/delay.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "loop/check.h"
#include "sim/world.h"

namespace simloop::sim {
namespace {

constexpr uint32_t kUniformWays = 1024;
// Four lots of 0 to 7, read off the digits of one answer. Their sum has the
// mean 14 and the variance 4 (64 - 1) / 12 = 21, whose root is 4.583.
constexpr uint32_t kNormalWays = 8 * 8 * 8 * 8;
constexpr int64_t kNormalMean = 14;
constexpr int64_t kNormalDeviationThousandths = 4583;

constexpr int64_t kNormalMost = 14;  // off the mean, either way

int64_t SumOfLots(uint32_t answer) {
  // Answer 0 is the mean: the lots begin at 3 and at 4.
  int64_t sum = 0;
  for (uint32_t lot = 0; lot < 4; ++lot, answer /= 8) {
    sum += (answer + 3 + lot % 2) % 8;
  }
  return sum;
}

}  // namespace

Delay::Delay(const LinkOptions& options)
    : distribution_(options.distribution),
      latency_(absl::ToInt64Nanoseconds(options.latency)),
      jitter_(absl::ToInt64Nanoseconds(options.jitter)),
      to_(absl::ToInt64Nanoseconds(options.latency_to)),
      deviation_(absl::ToInt64Nanoseconds(options.deviation)) {
  for (const absl::Duration latency : options.latency_table) {
    table_.push_back(absl::ToInt64Nanoseconds(latency));
  }
  SIMLOOP_CHECK(options.deviation <= kMostDeviation, "a day at most");
  SIMLOOP_CHECK(latency_ >= 0 && jitter_ >= 0 && deviation_ >= 0,
                "packets do not arrive before they are sent");
}

int64_t Delay::Draw(World& world,
                    absl::FunctionRef<std::string()> subject) const {
  int64_t delay = Drawn(world, subject);
  if (jitter_ > 0) {
    // Where there are two delays the names differ.
    const bool two = distribution_ != Latency::kFixed;
    const uint32_t step = world.Pick(ChoiceKind::kDelay, kJitterSteps, [&] {
      return two ? absl::StrCat(subject(), "/jitter") : subject();
    });
    delay += jitter_ / (kJitterSteps - 1) * step;
  }
  return delay;
}

Delay::Range Delay::DrawRange(World& world,
                              absl::FunctionRef<std::string()> subject) const {
  Range range = {latency_, latency_, latency_};
  switch (distribution_) {
    case Latency::kFixed:
      break;
    case Latency::kUniform:
      range.most = to_;
      break;
    case Latency::kNormal:
      range.least = OffMean(-kNormalMost);
      range.most = OffMean(kNormalMost);
      break;
    case Latency::kTable:
      range.least = range.most = range.calm = Drawn(world, subject);
      break;
  }
  range.most += jitter_;
  return range;
}

int64_t Delay::OffMean(int64_t lots) const {
  // No deviation is longer than a day: this does not overflow.
  const int64_t delay =
      latency_ + deviation_ * lots * 1000 / kNormalDeviationThousandths;
  return std::max<int64_t>(delay, 0);
}

int64_t Delay::Drawn(World& world,
                     absl::FunctionRef<std::string()> subject) const {
  switch (distribution_) {
    case Latency::kFixed:
      return latency_;
    case Latency::kUniform: {
      const int64_t step =
          world.Pick(ChoiceKind::kDelay, kUniformWays, subject);
      // In parts, lest a span of hours overflow.
      const int64_t span = to_ - latency_;
      return latency_ + span / (kUniformWays - 1) * step +
             span % (kUniformWays - 1) * step / (kUniformWays - 1);
    }
    case Latency::kNormal: {
      const uint32_t answer =
          world.Pick(ChoiceKind::kDelay, kNormalWays, subject);
      return OffMean(SumOfLots(answer) - kNormalMean);
    }
    case Latency::kTable:
      break;
  }
  return table_[world.Pick(ChoiceKind::kDelay,
                           static_cast<uint32_t>(table_.size()), subject)];
}

}  // namespace simloop::sim
