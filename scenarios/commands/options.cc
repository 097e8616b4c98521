#include "scenarios/commands/options.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "scenarios/nearest.h"

namespace simloop::scenarios {
namespace {

const OptionSpec* Find(const std::vector<OptionSpec>& specs,
                       absl::string_view name) {
  for (const OptionSpec& spec : specs) {
    if (name == spec.name) return &spec;
  }
  return nullptr;
}

absl::Status Unknown(const std::string& name,
                     const std::vector<OptionSpec>& specs) {
  std::vector<std::string> names;
  for (const OptionSpec& spec : specs) names.push_back(spec.name);
  return absl::InvalidArgumentError(absl::StrCat(
      "there is no option ", name, DidYouMean(name, names), "; expected ",
      names.empty() ? "none"
                    : absl::StrCat("one of ", absl::StrJoin(names, ", "))));
}

}  // namespace

absl::StatusOr<Options> Options::Parse(const std::vector<std::string>& words,
                                       const std::vector<OptionSpec>& specs) {
  Options options;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") {
      options.operands_.insert(options.operands_.end(), words.begin() + i + 1,
                               words.end());
      break;
    }
    if (!absl::StartsWith(words[i], "-") || words[i] == "-") {
      options.operands_.push_back(words[i]);
      continue;
    }
    const size_t equals = words[i].find('=');
    const std::string name = words[i].substr(0, equals);
    const OptionSpec* spec = Find(specs, name);
    if (spec == nullptr) return Unknown(name, specs);
    std::string value;
    if (equals != std::string::npos) {
      if (spec->value == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat(name, " takes no value"));
      }
      value = words[i].substr(equals + 1);
    } else if (spec->value != nullptr) {
      if (i + 1 == words.size()) {
        return absl::InvalidArgumentError(absl::StrCat(
            name, " has no value; expected ", name, " ", spec->value));
      }
      value = words[++i];
    }
    if (!options.values_.emplace(name, value).second) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is given twice"));
    }
  }
  return options;
}

bool Options::Has(absl::string_view name) const {
  return values_.count(std::string(name)) > 0;
}

std::string Options::Value(absl::string_view name) const {
  const auto found = values_.find(std::string(name));
  return found == values_.end() ? "" : found->second;
}

absl::StatusOr<uint64_t> Options::Number(absl::string_view name, uint64_t least,
                                         uint64_t most,
                                         uint64_t fallback) const {
  if (!Has(name)) return fallback;
  uint64_t number = 0;
  if (absl::SimpleAtoi(Value(name), &number) && number >= least &&
      number <= most) {
    return number;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(name, " is \"", Value(name), "\"; expected a whole number, ",
                   least, " to ", most));
}

absl::Status Options::ExpectOperands(size_t count,
                                     absl::string_view wanted) const {
  if (operands_.size() == count) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("expected ", wanted, ", got ", operands_.size(),
                   operands_.size() == 1 ? " operand" : " operands"));
}

}  // namespace simloop::scenarios
