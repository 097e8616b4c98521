// What the names of a world stand for.
#include "sim/name_table.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "loop/check.h"
#include "sim/choice.h"
#include "sim/world.h"

namespace simloop::sim {
namespace {

// The jitter is taken by sevenths, as a link's is.
constexpr uint32_t kJitterSteps = 8;
// resolv.conf(5): timeout:5, attempts:2.
constexpr absl::Duration kPatience = absl::Seconds(10);

}  // namespace

void NameTable::Set(absl::string_view name, NameRecord record) {
  SIMLOOP_CHECK(record.delay >= absl::ZeroDuration() &&
                    record.jitter >= absl::ZeroDuration(),
                "no answer comes before its question");
  records_[std::string(name)] = std::move(record);
}

NameAnswer NameTable::Ask(absl::string_view asker, absl::string_view name) {
  NameAnswer answer;
  const auto found = records_.find(std::string(name));
  if (found == records_.end()) return answer;
  const NameRecord& record = found->second;
  answer.failure = record.failure;
  answer.delay = record.delay;
  if (record.failure == NameFailure::kTimeout) answer.delay += kPatience;
  if (record.failure == NameFailure::kNone) {
    answer.addresses = record.addresses;
    if (answer.addresses.empty()) answer.failure = NameFailure::kNotFound;
  }
  if (world_ == nullptr) return answer;
  const uint64_t time = ++asked_[{std::string(asker), std::string(name)}];
  const auto subject = [&] {
    return absl::StrCat(asker, ".lookup ", name, "#", time);
  };
  if (record.jitter > absl::ZeroDuration()) {
    answer.delay += record.jitter / (kJitterSteps - 1) *
                    world_->Pick(ChoiceKind::kDelay, kJitterSteps, subject);
  }
  if (record.any_order && answer.addresses.size() > 1) {
    const uint32_t first =
        world_->Pick(ChoiceKind::kLookup,
                     static_cast<uint32_t>(answer.addresses.size()), subject);
    std::rotate(answer.addresses.begin(),
                answer.addresses.begin() + static_cast<std::ptrdiff_t>(first),
                answer.addresses.end());
  }
  return answer;
}

}  // namespace simloop::sim
