// The simloop command.
#include <malloc.h>

#include <string>
#include <vector>

#include "scenarios/commands/command.h"

int main(int argc, char** argv) {
  using namespace simloop::scenarios;  // NOLINT: one function, one file
  // What a world or a stream gives back is taken again at once: a page that
  // goes to the system and comes again costs more than all else about it.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  mallopt(M_TOP_PAD, 4 << 20);
  return RunCommandLine(
      std::vector<std::string>(argv + 1, argv + argc),
      {RunCommand(), ReplayCommand(), SeedsCommand(), SearchCommand(),
       MergeCommand(), ShrinkCommand(), ExplainCommand(), WindowCommand(),
       ViewCommand(), DiffCommand(), ServeCommand(), ProgramsCommand(),
       ConformanceCommand(), BenchCommand()});
}
