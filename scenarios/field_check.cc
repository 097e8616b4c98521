#include "scenarios/field_check.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "scenarios/argument.h"
#include "scenarios/nearest.h"

namespace simloop::scenarios {
namespace {

constexpr size_t kLongestName = 40;

// A name that can stand in an event line and in a decision's name.
bool IsName(absl::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-';
         });
}

}  // namespace

std::string OneOf(const std::vector<std::string>& names, const char* none) {
  if (names.empty()) return none;
  return absl::StrCat("one of ", absl::StrJoin(names, ", "));
}

absl::Duration FieldCheck::Duration(const Place& place, const char* field,
                                    const std::string& text,
                                    absl::Duration fallback) {
  if (text.empty()) return fallback;
  absl::Duration value;
  const std::string fault = ReadDuration(text, &value);
  if (fault.empty()) return value;
  Add(place.Of(field),
      absl::StrCat(field, " \"", text.substr(0, kLongestName), "\" ", fault));
  return fallback;
}

void FieldCheck::Name(const Place& place, const char* what,
                      const std::string& name,
                      const std::vector<std::string>& taken) {
  if (!IsName(name)) {
    Add(place.Of("name"),
        absl::StrCat(what, " name \"", name.substr(0, kLongestName),
                     "\" is no name; expected 1 to 40 letters, digits, `_` or "
                     "`-`"));
  } else if (std::count(taken.begin(), taken.end(), name) > 0) {
    Add(place.Of("name"), absl::StrCat("there is a ", what, " \"", name,
                                       "\" already; expected a name of its "
                                       "own"));
  }
}

size_t FieldCheck::IndexOf(const Place& place, const char* field,
                           absl::string_view what, const std::string& name,
                           const std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  Add(place.Of(field),
      absl::StrCat("there is no ", what, " \"", name.substr(0, kLongestName),
                   "\"", DidYouMean(name, names), "; expected ",
                   OneOf(names, "one that is defined above")));
  return 0;
}

}  // namespace simloop::scenarios
