#include "scenarios/faults.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "loop/check.h"

namespace simloop::scenarios {
namespace {

constexpr size_t kMostFaults = 20;

}  // namespace

Place Place::In(const char* field, int index) const {
  const auto* descriptor = type_->FindFieldByName(field);
  SIMLOOP_CHECK(descriptor != nullptr, field);
  Place inner(
      descriptor->message_type(),
      tree_ == nullptr ? nullptr : tree_->GetTreeForNested(descriptor, index));
  inner.start_ = Of(field, index);
  return inner;
}

Place::Position Place::Of(const char* field, int index) const {
  const auto* descriptor = type_->FindFieldByName(field);
  SIMLOOP_CHECK(descriptor != nullptr, field);
  if (tree_ == nullptr) return start_;
  // Of a field that may stand there often, the first.
  if (descriptor->is_repeated() && index < 0) index = 0;
  const auto location = tree_->GetLocation(descriptor, index);
  if (location.line < 0) return start_;
  return {location.line + 1, location.column + 1};
}

void Faults::Add(Place::Position at, absl::string_view what) {
  lines_.push_back(
      {at, absl::StrCat(file_, ":", at.line, ":", at.column, ": ", what)});
}

absl::Status Faults::ToStatus() const {
  if (lines_.empty()) return absl::OkStatus();
  std::vector<Line> sorted = lines_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Line& a, const Line& b) {
                     return std::tie(a.at.line, a.at.column) <
                            std::tie(b.at.line, b.at.column);
                   });
  if (sorted.size() > kMostFaults) sorted.resize(kMostFaults);
  return absl::InvalidArgumentError(absl::StrJoin(
      sorted, "\n",
      [](std::string* out, const Line& line) { out->append(line.text); }));
}

}  // namespace simloop::scenarios
