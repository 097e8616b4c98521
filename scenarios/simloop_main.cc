// The simloop command.
#include <string>
#include <vector>

#include "scenarios/commands/command.h"

int main(int argc, char** argv) {
  using namespace simloop::scenarios;  // NOLINT: one function, one file
  return RunCommandLine(
      std::vector<std::string>(argv + 1, argv + argc),
      {RunCommand(), ReplayCommand(), SeedsCommand(), ViewCommand(),
       DiffCommand(), ServeCommand(), ProgramsCommand(), ConformanceCommand(),
       BenchCommand()});
}
