// Names are looked up in tables that stand in the order in which case files
// write them.
#include "conformance/constants.h"

#include <string.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "conformance/constant_names.h"
#include "loop/abi.h"

namespace simloop::conformance {
namespace {

struct EventName {
  absl::string_view text;
  uint32_t bit;
};

constexpr EventName kEvents[] = {
    {"IN", loop::kEpollIn},
    {"PRI", loop::kEpollPri},
    {"OUT", loop::kEpollOut},
    {"RDHUP", loop::kEpollRdhup},
    {"ERR", loop::kEpollErr},
    {"HUP", loop::kEpollHup},
    {"NVAL", loop::kPollNval},
    {"MSG", loop::kEpollMsg},
    {"RDNORM", loop::kEpollRdnorm},
    {"RDBAND", loop::kEpollRdband},
    {"WRNORM", loop::kEpollWrnorm},
    {"WRBAND", loop::kEpollWrband},
    {"EXCLUSIVE", loop::kEpollExclusive},
    {"WAKEUP", loop::kEpollWakeup},
    {"ONESHOT", loop::kEpollOneshot},
    {"ET", loop::kEpollEt},
};

constexpr absl::string_view kStates[] = {
    "?",         "ESTABLISHED", "SYN_SENT",    "SYN_RECV",   "FIN_WAIT1",
    "FIN_WAIT2", "TIME_WAIT",   "CLOSE",       "CLOSE_WAIT", "LAST_ACK",
    "LISTEN",    "CLOSING",     "NEW_SYN_RECV"};

// "12", "-1", "0x10", "0o17", "0b11", with '_' between digits.
std::optional<int64_t> Number(absl::string_view text) {
  std::string digits = absl::StrReplaceAll(text, {{"_", ""}});
  absl::AsciiStrToLower(&digits);
  int64_t sign = 1;
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) {
    sign = digits[0] == '-' ? -1 : 1;
    digits.erase(0, 1);
  }
  int base = 10;
  if (digits.size() > 2 && digits[0] == '0') {
    base = digits[1] == 'x'   ? 16
           : digits[1] == 'o' ? 8
           : digits[1] == 'b' ? 2
                              : 10;
    if (base != 10) digits.erase(0, 2);
  }
  if (digits.empty()) return std::nullopt;
  int64_t value = 0;
  for (const char c : digits) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                             : base;
    if (digit >= base || value > int64_t{1} << 58) return std::nullopt;
    value = value * base + digit;
  }
  return sign * value;
}

std::optional<int64_t> NamedOrNumber(absl::string_view part) {
  static const auto* const names = [] {
    auto* const table = new std::map<std::string, int64_t>();
    const std::vector<absl::string_view> words = absl::StrSplit(
        kConstantNames, absl::ByAnyChar(" \n"), absl::SkipEmpty());
    for (size_t i = 0; i + 1 < words.size(); i += 2) {
      (*table)[std::string(words[i])] = *Number(words[i + 1]);
    }
    return table;
  }();
  const auto found = names->find(std::string(part));
  return found != names->end() ? found->second : Number(part);
}

}  // namespace

std::optional<int> Flags(absl::string_view text) {
  std::set<int64_t> values;
  for (absl::string_view part : absl::StrSplit(text, '|', absl::SkipEmpty())) {
    const std::optional<int64_t> value =
        NamedOrNumber(absl::StripAsciiWhitespace(part));
    if (!value.has_value()) return std::nullopt;
    values.insert(*value);
  }
  uint64_t sum = 0;
  for (const int64_t value : values) sum += static_cast<uint64_t>(value);
  return static_cast<int>(static_cast<uint32_t>(sum));
}

std::optional<uint32_t> EventBits(absl::string_view text) {
  uint32_t sum = 0;
  for (absl::string_view part : absl::StrSplit(text, '|', absl::SkipEmpty())) {
    const auto* const event =
        std::find_if(std::begin(kEvents), std::end(kEvents),
                     [&](const EventName& name) { return name.text == part; });
    if (event != std::end(kEvents)) {
      sum |= event->bit;
      continue;
    }
    const std::optional<int64_t> value = Number(part);
    if (!value.has_value()) return std::nullopt;
    sum |= static_cast<uint32_t>(*value);
  }
  return sum;
}

std::string EventText(uint32_t bits) {
  std::vector<absl::string_view> parts;
  for (const EventName& name : kEvents) {
    if ((bits & name.bit) != 0) parts.push_back(name.text);
  }
  return absl::StrJoin(parts, "|");
}

std::string TcpStateName(int state) {
  const bool known = state >= 0 && state < static_cast<int>(std::size(kStates));
  return known ? std::string(kStates[state]) : absl::StrCat(state);
}

std::string ErrorName(int64_t number) {
  // The seam has a name for the errors it knows; libc for all.
  const char* name =
      number > 0 ? strerrorname_np(static_cast<int>(number)) : nullptr;
  return name == nullptr ? absl::StrCat(number) : name;
}

}  // namespace simloop::conformance
