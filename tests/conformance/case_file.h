// Case: a sequence of socket calls and what a kernel answered to them, read
// from a case file (format: README.md).
#ifndef TESTS_CONFORMANCE_CASE_FILE_H_
#define TESTS_CONFORMANCE_CASE_FILE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"

namespace simloop::conformance {

// What a call answers, by name: {"ret": "-1", "errno": "EAGAIN"}. Values are
// texts: a number in decimal, a list as "[a, b]".
using Answer = std::map<std::string, std::string>;

// The bits of poll(2) of each open descriptor: {"l": "", "c": "IN|OUT"}.
using ReadyBits = std::map<std::string, std::string>;

// The arguments of a call, by name.
class Arguments final {
 public:
  Arguments() = default;
  explicit Arguments(const google::protobuf::Struct& fields)
      : fields_(fields) {}

  bool Has(absl::string_view name) const;
  // "" if there is none; a number in decimal.
  std::string Text(absl::string_view name) const;
  // 0 if there is none.
  int64_t Number(absl::string_view name) const;
  // Empty if there is none.
  std::vector<google::protobuf::Value> List(absl::string_view name) const;

  // "fd=c flags=0".
  std::string ToString() const;

 private:
  google::protobuf::Struct fields_;
};

struct Step {
  std::string call;
  Arguments args;
  Answer result;
  // Where readiness was not looked at: none.
  std::optional<ReadyBits> ready;
  // Parts of the result that may differ; "result" or "ready": all of it.
  std::set<std::string> loose;
  // The answer depended on how soon the call was made: not compared.
  bool advisory = false;
};

struct Case {
  std::string name;
  std::string doc;
  // Readiness is looked at after each step, and epoll's order means nothing.
  bool observe = true;
  // What passes after each step.
  absl::Duration settle;
  std::vector<Step> steps;

  // Every "address:port" that an argument names, with a port that is not 0.
  std::vector<std::string> Addresses() const;
};

// The cases of a case file's text. INVALID_ARGUMENT: it is none.
absl::StatusOr<std::vector<Case>> ParseCases(absl::string_view text);
// Reads the file at `path`. NOT_FOUND: it cannot be read.
absl::StatusOr<std::vector<Case>> ReadCases(absl::string_view path);

// A value as Answer has it.
std::string ValueText(const google::protobuf::Value& value);
// "[a, b]".
std::string ListText(const std::vector<std::string>& items);

}  // namespace simloop::conformance

#endif  // TESTS_CONFORMANCE_CASE_FILE_H_
