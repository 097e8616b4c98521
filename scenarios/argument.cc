#include "scenarios/argument.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "loop/address.h"
#include "scenarios/nearest.h"

namespace simloop::scenarios {
namespace {

constexpr absl::Duration kLongest = absl::Hours(10'000);

std::string IntFault(absl::string_view value, int64_t least, int64_t most) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(value, &number)) {
    return absl::StrCat("is no whole number; expected ", least, " to ", most);
  }
  if (number >= least && number <= most) return "";
  return absl::StrCat("is out of range; expected ", least, " to ", most);
}

std::string HostFault(const ArgSpec& spec, absl::string_view value,
                      const std::vector<std::string>& hosts) {
  const bool may_be_empty =
      spec.fallback != nullptr && spec.fallback[0] == '\0';
  if (value.empty() ? may_be_empty
                    : value == kLocalHost ||
                          std::count(hosts.begin(), hosts.end(), value) > 0 ||
                          loop::Ipv4::Parse(value).has_value()) {
    return "";
  }
  return absl::StrCat("is no host", DidYouMean(value, hosts),
                      "; expected one of ", absl::StrJoin(hosts, ", "),
                      ", \"local\" or an IPv4 address");
}

}  // namespace

std::string ReadDuration(absl::string_view text, absl::Duration* value) {
  if (!absl::ParseDuration(text, value)) {
    return "is no duration; expected a number and a unit, such as \"250us\", "
           "\"1.5ms\" or \"2s\"";
  }
  if (*value < absl::ZeroDuration()) return "is negative; expected 0 or more";
  if (*value > kLongest) {
    return absl::StrCat("is too long; expected at most ",
                        absl::FormatDuration(kLongest));
  }
  return "";
}

std::string ArgFault(const ArgSpec& spec, absl::string_view value,
                     const std::vector<std::string>& hosts) {
  absl::Duration duration;
  switch (spec.type) {
    case ArgType::kText:
      return "";
    case ArgType::kPort:
      return IntFault(value, 1, 65535);
    case ArgType::kCount:
      return IntFault(value, 0, 1'000'000'000);
    case ArgType::kDuration:
      return ReadDuration(value, &duration);
    case ArgType::kHost:
      return HostFault(spec, value, hosts);
    case ArgType::kFlag:
      return value == "true" || value == "false"
                 ? ""
                 : "is neither; expected true or false";
  }
  return "has no type";
}

}  // namespace simloop::scenarios
