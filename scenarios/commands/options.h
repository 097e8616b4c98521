// Options: the words after a command's name, read: `--name`, `--name value`,
// `--name=value`, and what is left, the operands.
#ifndef SCENARIOS_COMMANDS_OPTIONS_H_
#define SCENARIOS_COMMANDS_OPTIONS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace simloop::scenarios {

struct OptionSpec {
  const char* name;   // "--seed"
  const char* value;  // "N"; null: it takes none
  const char* doc;
};

class Options final {
 public:
  // InvalidArgumentError for an option that `specs` does not have (it names
  // the nearest), a value that is missing or not wanted, and an option given
  // twice. After "--" all is operands.
  static absl::StatusOr<Options> Parse(const std::vector<std::string>& words,
                                       const std::vector<OptionSpec>& specs);

  const std::vector<std::string>& operands() const { return operands_; }
  bool Has(absl::string_view name) const;
  // "" if it was not given.
  std::string Value(absl::string_view name) const;
  // A whole number between `least` and `most`; `fallback` if it was not given.
  absl::StatusOr<uint64_t> Number(absl::string_view name, uint64_t least,
                                  uint64_t most, uint64_t fallback) const;
  // InvalidArgumentError if there are not exactly `count` operands; `wanted`
  // says what they are: "one scenario file".
  absl::Status ExpectOperands(size_t count, absl::string_view wanted) const;

 private:
  std::vector<std::string> operands_;
  std::map<std::string, std::string> values_;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_COMMANDS_OPTIONS_H_
