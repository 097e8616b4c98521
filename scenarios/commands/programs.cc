// The `programs` command: what there is to run, from the one table.
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "scenarios/commands/command.h"
#include "scenarios/programs/program_kinds.h"

namespace simloop::scenarios {
namespace {

const char* TypeName(ArgType type) {
  switch (type) {
    case ArgType::kText:
      return "text";
    case ArgType::kPort:
      return "port";
    case ArgType::kCount:
      return "count";
    case ArgType::kDuration:
      return "duration";
    case ArgType::kHost:
      return "host";
    case ArgType::kFlag:
      return "flag";
  }
  return "";
}

void Print(const ProgramKind& kind) {
  absl::PrintF("%s\n  %s\n", kind.name, kind.doc);
  for (const ArgSpec& arg : kind.args) {
    const std::string fallback =
        arg.fallback == nullptr
            ? "must be given"
            : absl::StrCat("default \"", arg.fallback, "\"");
    absl::PrintF("    arg     %-12s %s (%s; %s)\n", arg.name, arg.doc,
                 TypeName(arg.type), fallback);
  }
  for (const NameDoc& command : kind.commands) {
    absl::PrintF("    do      %-12s %s\n", command.name, command.doc);
  }
  for (const NameDoc& signal : kind.signals) {
    absl::PrintF("    signal  %-12s %s\n", signal.name, signal.doc);
  }
}

ExitStatus RunPrograms(const Options& options) {
  const std::vector<std::string>& names = options.operands();
  for (const std::string& name : names) {
    const ProgramKind* kind = FindProgramKind(name);
    if (kind == nullptr) {
      return WrongInput(absl::InvalidArgumentError(
          absl::StrCat("programs: there is no program \"", name,
                       "\"; `simloop programs` "
                       "lists them")));
    }
    Print(*kind);
  }
  if (names.empty()) {
    for (const ProgramKind& kind : ProgramKinds()) Print(kind);
  }
  return kHolds;
}

}  // namespace

Command ProgramsCommand() {
  return {"programs",
          "[NAME]...",
          "Lists the programs that a scenario can run, with their arguments,\n"
          "the commands they understand and the signals they raise.",
          {},
          RunPrograms};
}

}  // namespace simloop::scenarios
