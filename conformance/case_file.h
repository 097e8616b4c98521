// Case: a sequence of socket calls and what a kernel answered to them, read
// from a case file (format: README.md).
#ifndef CONFORMANCE_CASE_FILE_H_
#define CONFORMANCE_CASE_FILE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "conformance/json.h"

namespace simloop::conformance {

struct Step {
  std::string call;
  Json args;    // an object
  Json result;  // an object
  // The bits of poll(2) of each open descriptor: {"l": "", "c": "IN|OUT"}.
  // Where readiness was not looked at: none.
  std::optional<Json> ready;
  // Parts of the result that may differ; "result" or "ready": all of it.
  std::vector<std::string> loose;
  // The answer depended on how soon the call was made: not compared.
  bool settle_sensitive = false;

  // "recv(fd=c, len=10, flags=0)".
  std::string ToString() const;
};

struct Case {
  std::string name;
  std::string doc;
  // It waits for a timer of TCP: up to 70 s of a live kernel's time.
  bool slow = false;
  // Readiness is looked at after each step, and epoll's order means nothing.
  bool observe = true;
  // What passes after each step.
  absl::Duration settle;
  std::vector<Step> steps;
};

// The machine that the cases were recorded on.
struct Environment {
  using Settings = std::vector<std::pair<std::string, std::string>>;

  // {"net.core.somaxconn", "4096"}: what each case begins with.
  Settings sysctls;
  // Those that are no network namespace's but the whole machine's.
  Settings machine;
};

struct CaseFile {
  Environment environment;
  std::vector<Case> cases;
};

// Reads a case file's text. INVALID_ARGUMENT, with `path`, line and column
// before what was expected there, if it is none.
absl::StatusOr<CaseFile> ParseCaseFile(absl::string_view text,
                                       absl::string_view path);
// Reads the file at `path`. NOT_FOUND: it cannot be read.
absl::StatusOr<CaseFile> ReadCaseFile(absl::string_view path);

}  // namespace simloop::conformance

#endif  // CONFORMANCE_CASE_FILE_H_
