#include "scenarios/commands/command.h"

#include <cstdio>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "scenarios/nearest.h"

namespace simloop::scenarios {
namespace {

constexpr OptionSpec kHelp = {"--help", nullptr, "print this"};

void PrintCommands(const std::vector<Command>& commands, FILE* out) {
  absl::FPrintF(out,
                "simloop: runs network programs on a simulated kernel, and on "
                "the real one\n\n");
  for (const Command& command : commands) {
    const absl::string_view doc = command.doc;
    absl::FPrintF(out, "  simloop %-11s %-9s %s\n", command.name,
                  command.operands, doc.substr(0, doc.find('\n')));
  }
  absl::FPrintF(out,
                "\n`simloop help COMMAND` says more. Exit status: 0 all "
                "expectations hold,\n1 one does not, 2 the input is wrong, 3 "
                "nondeterminism was detected.\n");
}

void PrintCommand(const Command& command, FILE* out) {
  absl::FPrintF(out, "simloop %s [OPTION]... %s\n\n%s\n", command.name,
                command.operands, command.doc);
  absl::FPrintF(out, "\nOptions:\n");
  std::vector<OptionSpec> options = command.options;
  options.push_back(kHelp);
  for (const OptionSpec& option : options) {
    const std::string left = option.value == nullptr
                                 ? option.name
                                 : absl::StrCat(option.name, " ", option.value);
    absl::FPrintF(out, "  %-20s %s\n", left, option.doc);
  }
}

const Command* FindCommand(const std::vector<Command>& commands,
                           const std::string& name) {
  for (const Command& command : commands) {
    if (name == command.name) return &command;
  }
  std::vector<std::string> names = {"help"};
  for (const Command& command : commands) names.push_back(command.name);
  WrongInput(absl::InvalidArgumentError(
      absl::StrCat("there is no command \"", name.substr(0, 40), "\"",
                   DidYouMean(name, names), "; expected one of ",
                   absl::StrJoin(names, ", "))));
  return nullptr;
}

}  // namespace

ExitStatus WrongInput(const absl::Status& status) {
  absl::FPrintF(stderr, "simloop: %s\n", std::string(status.message()));
  return kWrongInput;
}

int RunCommandLine(const std::vector<std::string>& words,
                   const std::vector<Command>& commands) {
  if (words.empty()) {
    PrintCommands(commands, stderr);
    return kWrongInput;
  }
  const bool help =
      words[0] == "help" || words[0] == "--help" || words[0] == "-h";
  if (help && words.size() == 1) {
    PrintCommands(commands, stdout);
    return kHolds;
  }
  const Command* command = FindCommand(commands, words[help ? 1 : 0]);
  if (command == nullptr) return kWrongInput;
  if (help) {
    PrintCommand(*command, stdout);
    return kHolds;
  }
  std::vector<OptionSpec> specs = command->options;
  specs.push_back(kHelp);
  const absl::StatusOr<Options> options = Options::Parse(
      std::vector<std::string>(words.begin() + 1, words.end()), specs);
  if (!options.ok()) {
    return WrongInput(absl::InvalidArgumentError(
        absl::StrCat(command->name, ": ", options.status().message())));
  }
  if (options->Has("--help")) {
    PrintCommand(*command, stdout);
    return kHolds;
  }
  return command->run(*options);
}

}  // namespace simloop::scenarios
