#include "scenarios/time_mode.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "scenarios/nearest.h"

namespace simloop::scenarios {
namespace {

constexpr absl::string_view kDrawn = "drawn";
constexpr absl::string_view kAnyOrder = "any-order";

}  // namespace

absl::string_view TimeModeName(sim::TimeMode mode) {
  return mode == sim::TimeMode::kAnyOrder ? kAnyOrder : kDrawn;
}

absl::StatusOr<sim::TimeMode> ReadTimeMode(absl::string_view text) {
  if (text == kDrawn) return sim::TimeMode::kDrawn;
  if (text == kAnyOrder) return sim::TimeMode::kAnyOrder;
  const std::string shown(text.substr(0, 40));
  const std::vector<std::string> names = {std::string(kDrawn),
                                          std::string(kAnyOrder)};
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", shown, "\" is no mode of time", DidYouMean(shown, names),
      "; expected ", kDrawn, " or ", kAnyOrder));
}

}  // namespace simloop::scenarios
