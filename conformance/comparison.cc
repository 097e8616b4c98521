// Recorded answers against new ones, part by part.
#include "conformance/comparison.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"

namespace simloop::conformance {
namespace {

constexpr absl::string_view kVaries = "varies";
constexpr absl::string_view kEvents = "events";

using Rule = absl::FunctionRef<bool(const Json& expected, const Json& got)>;

// The texts of values that a recorder saw, if `json` is that.
const Json* Variants(const Json& json) {
  if (json.members().size() != 1) return nullptr;
  const Json* variants = json.Find(kVaries);
  return variants != nullptr && variants->is_list() ? variants : nullptr;
}

// Whether one of the variants, or else `expected` itself, is right by `rule`.
bool AnyMatches(const Json& expected, const Json& got, Rule rule) {
  const Json* variants = Variants(expected);
  if (variants == nullptr) return rule(expected, got);
  return std::any_of(variants->items().begin(), variants->items().end(),
                     [&](const Json& item) {
                       const absl::StatusOr<Json> variant =
                           Json::Parse(item.text());
                       return variant.ok() && rule(*variant, got);
                     });
}

bool PartsMatch(const Json& expected, const Json& got) {
  if (expected.kind() != got.kind()) return false;
  if (expected.is_list()) {
    return std::equal(expected.items().begin(), expected.items().end(),
                      got.items().begin(), got.items().end(), Matches);
  }
  if (!expected.is_object()) return expected == got;
  if (expected.members().size() != got.members().size()) return false;
  return std::all_of(expected.members().begin(), expected.members().end(),
                     [&](const Json::Member& member) {
                       const Json* other = got.Find(member.first);
                       return other != nullptr &&
                              Matches(member.second, *other);
                     });
}

std::vector<std::string> Sorted(const Json& list) {
  std::vector<std::string> items;
  for (const Json& item : list.items()) items.push_back(item.ToString());
  std::sort(items.begin(), items.end());
  return items;
}

bool SameSet(const Json& expected, const Json& got) {
  return Sorted(expected) == Sorted(got);
}

bool IsLoose(const Step& step, absl::string_view part) {
  return std::find(step.loose.begin(), step.loose.end(), part) !=
         step.loose.end();
}

}  // namespace

bool Matches(const Json& expected, const Json& got) {
  return AnyMatches(expected, got, PartsMatch);
}

bool ResultMatches(const Step& step, const Json& got, bool observe) {
  if (IsLoose(step, "result")) return true;
  return AnyMatches(step.result, got, [&](const Json& expected, Json actual) {
    Json wanted = expected;
    for (const std::string& part : step.loose) {
      wanted.Erase(part);
      actual.Erase(part);
    }
    const Json* wanted_events = wanted.Find(kEvents);
    const Json* events = actual.Find(kEvents);
    if (observe && wanted_events != nullptr && events != nullptr) {
      if (!AnyMatches(*wanted_events, *events, SameSet)) return false;
      wanted.Erase(kEvents);
      actual.Erase(kEvents);
    }
    return Matches(wanted, actual);
  });
}

bool ReadyMatches(const Step& step, const Json& got) {
  return !step.ready.has_value() || IsLoose(step, "ready") ||
         Matches(*step.ready, got);
}

}  // namespace simloop::conformance
