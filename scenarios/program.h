// Program: something that runs in a process and uses the network, written
// against net/ as a user would. ProgramKind is what a scenario may say of it.
#ifndef SCENARIOS_PROGRAM_H_
#define SCENARIOS_PROGRAM_H_

#include <memory>
#include <vector>

#include "absl/strings/string_view.h"

namespace simloop::scenarios {

class Site;

class Program {
 public:
  // Called only when its loop has ended or is about to be destroyed; must
  // leave no watcher or timer behind.
  virtual ~Program() = default;
  // Runs once, under the program's owner (loop/observer.h).
  virtual void Start() = 0;
  // Does a command of its kind; called with no other.
  virtual void Do(absl::string_view command) {}
};

// How an argument's text is read.
enum class ArgType {
  kText,      // anything
  kPort,      // 1 to 65535
  kCount,     // 0 to 1,000,000,000
  kDuration,  // absl::ParseDuration's form, not negative
  kHost,      // a host of the scenario, "local" (the program's own host, over
              // loopback), a dotted quad, or "" (not given)
  kFlag,      // "true" or "false"
};

struct ArgSpec {
  const char* name;
  ArgType type;
  const char* fallback;  // null: must be given
  const char* doc;
};

struct NameDoc {
  const char* name;
  const char* doc;
};

struct ProgramKind {
  const char* name;
  const char* doc;
  std::vector<ArgSpec> args;
  std::vector<NameDoc> commands;
  std::vector<NameDoc> signals;
  // `site` outlives the program.
  std::unique_ptr<Program> (*make)(Site& site);
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_PROGRAM_H_
