// Command: one word that `simloop` understands, and what it does.
#ifndef SCENARIOS_COMMANDS_COMMAND_H_
#define SCENARIOS_COMMANDS_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "scenarios/commands/exit_status.h"
#include "scenarios/commands/options.h"

namespace simloop::scenarios {

struct Command {
  const char* name;
  const char* operands;  // "FILE"
  const char* doc;       // one sentence, then what there is to know
  std::vector<OptionSpec> options;
  ExitStatus (*run)(const Options& options);
};

// Each in its own file.
Command RunCommand();
Command ReplayCommand();
Command SeedsCommand();
Command SearchCommand();
Command MergeCommand();
Command ShrinkCommand();
Command ExplainCommand();
Command WindowCommand();
Command ViewCommand();
Command DiffCommand();
Command ServeCommand();
Command ProgramsCommand();
Command ConformanceCommand();
Command BenchCommand();

// Prints "simloop: what is wrong" to stderr and answers kWrongInput.
ExitStatus WrongInput(const absl::Status& status);

// Runs `simloop WORDS...`; answers the process's exit status.
int RunCommandLine(const std::vector<std::string>& words,
                   const std::vector<Command>& commands);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_COMMANDS_COMMAND_H_
