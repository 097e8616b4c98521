// Arguments, checked kind by kind.
#include "conformance/signature.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "conformance/constants.h"
#include "loop/address.h"

namespace simloop::conformance {
namespace {

bool IsFd(const Json& value) { return value.is_text() || value.is_number(); }

bool IsText(const Json& value) { return value.is_text(); }

bool IsNumber(const Json& value) { return value.is_number(); }

bool IsPositive(const Json& value) { return value.Integer() > 0; }

bool IsAny(const Json&) { return true; }

bool IsFlags(const Json& value) {
  return value.is_number() || value.is_null() ||
         (value.is_text() && Flags(value.text()).has_value());
}

bool IsEvents(const Json& value) {
  return value.is_text() && EventBits(value.text()).has_value();
}

bool IsAddress(const Json& value) {
  if (!value.is_text()) return false;
  const std::string& text = value.text();
  if (absl::StartsWith(text, "@") || absl::StartsWith(text, "unix:")) {
    return true;
  }
  const size_t name = text.rfind(":@");
  const std::string plain =
      name == text.npos ? text : absl::StrCat(text.substr(0, name), ":0");
  return loop::Address::Parse(plain).has_value();
}

bool IsWatch(const Json& value) {
  const std::vector<Json>& pair = value.items();
  return pair.size() == 2 && IsFd(pair[0]) && IsEvents(pair[1]);
}

template <bool (*is)(const Json&)>
bool IsListOf(const Json& value) {
  return value.is_list() &&
         std::all_of(value.items().begin(), value.items().end(), is);
}

struct Kind {
  absl::string_view name;
  bool (*is)(const Json& value);
};

constexpr Kind kKinds[] = {
    {"fd", IsFd},
    {"fds", IsListOf<IsFd>},
    {"text", IsText},
    {"texts", IsListOf<IsText>},
    {"number", IsNumber},
    {"numbers", IsListOf<IsNumber>},
    {"positive", IsPositive},
    {"flags", IsFlags},
    {"address", IsAddress},
    {"events", IsEvents},
    {"any", IsAny},
    {"watches", IsListOf<IsWatch>},
};

bool IsOfKind(absl::string_view name, const Json& value) {
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return kind.is(value);
  }
  return false;
}

}  // namespace

std::string ArgumentError(absl::string_view signature, const Json& args) {
  for (absl::string_view part :
       absl::StrSplit(signature, ' ', absl::SkipEmpty())) {
    const bool optional = absl::ConsumeSuffix(&part, "?");
    const std::pair<absl::string_view, absl::string_view> name_and_kind =
        absl::StrSplit(part, absl::MaxSplits(':', 1));
    const auto& [name, kind] = name_and_kind;
    const Json* value = args.Find(name);
    if (value == nullptr) {
      if (optional) continue;
      return absl::StrCat("the argument \"", name, "\" is missing");
    }
    if (IsOfKind(kind, *value)) continue;
    return absl::StrCat("the argument \"", name, "\" is ", value->ToString(),
                        ", expected ", kind);
  }
  return "";
}

}  // namespace simloop::conformance
