// The `serve` command: a program of the table on the kernel of this machine,
// until it is interrupted.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "loop/event_loop.h"
#include "loop/linux_kernel.h"
#include "net/ares_resolver.h"
#include "net/stack.h"
#include "scenarios/argument.h"
#include "scenarios/commands/command.h"
#include "scenarios/log.h"
#include "scenarios/nearest.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

// How soon after a signal that came between two waits it is seen.
constexpr absl::Duration kGlance = absl::Milliseconds(100);
// How long connections may take to finish once the program has been closed.
constexpr absl::Duration kGrace = absl::Seconds(5);

// How many SIGINT and SIGTERM there were. Lock-free, as a signal handler needs.
std::atomic<int> interrupts{0};

class Served final {
 public:
  Served(const ProgramKind& kind, std::map<std::string, std::string> args,
         loop::Discipline discipline)
      : name_(kind.name),
        kernel_(KernelOptions(discipline)),
        loop_(kernel_, clock_, LoopOptions(discipline)),
        stack_(std::make_unique<net::Stack>(loop_, StackOptions())),
        log_(nullptr, 0, loop_) {
    loop_.SetUncaughtHandler(
        [this](std::exception_ptr exception) { Fail(exception); });
    Site::Parts parts;
    parts.name = kind.name;
    parts.args = std::move(args);
    parts.resolve = [](absl::string_view host) {
      return host == kLocalHost ? loop::Ipv4::Loopback()
                                : *loop::Ipv4::Parse(host);
    };
    parts.signal = [this](absl::string_view signal) {
      if (signal == "listening") Announce();
    };
    site_ = std::make_unique<Site>(*stack_, log_, std::move(parts));
    program_ = kind.make(*site_);
  }

  ~Served() {
    stack_.reset();
    program_.reset();
  }

  // What v0.1.96 called, strace(1) is to show; else what costs least.
  static loop::LinuxKernel::Options KernelOptions(loop::Discipline discipline) {
    loop::LinuxKernel::Options options;
    options.receive_and_send = options.closing_removes =
        discipline == loop::Discipline::kModern;
    return options;
  }

  static loop::EventLoop::Options LoopOptions(loop::Discipline discipline) {
    loop::EventLoop::Options options;
    options.discipline = discipline;
    options.gathers = discipline == loop::Discipline::kModern;
    return options;
  }

  // The date is this machine's, and names are those of its network.
  net::Stack::Options StackOptions() {
    net::Stack::Options options;
    options.epoch = absl::Now() - (clock_.Now() - loop::Instant());
    options.spares_calls = true;
    options.resolver = std::make_shared<net::AresResolver>(
        loop_, net::AresResolver::Options());
    return options;
  }

  ExitStatus Run() {
    try {
      program_->Start();
    } catch (...) {
      Fail(std::current_exception());
    }
    loop::Instant deadline = loop::Instant::Infinite();
    while (!failed_ && interrupts < 2 &&
           (deadline.infinite() || clock_.Now() < deadline)) {
      if (interrupts == 1 && deadline.infinite()) {
        deadline = clock_.Now() + kGrace;
        program_->Do("close");
      }
      if (loop_.RunOnce(loop_.Now() + kGlance) ==
          loop::EventLoop::Turn::kDone) {
        break;
      }
    }
    if (failed_) return kFails;
    absl::PrintF("simloop: closed\n");
    return kHolds;
  }

 private:
  void Announce() {
    absl::PrintF("simloop: %s listens on port %s; Ctrl-C closes it\n", name_,
                 site_->Text("port"));
    std::fflush(stdout);
  }

  // A program that cannot go on says so; what one connection did wrong has
  // reached its own listeners before.
  void Fail(std::exception_ptr exception) {
    failed_ = true;
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& thrown) {
      absl::FPrintF(stderr, "simloop: %s: %s\n", name_, thrown.what());
    } catch (...) {
      absl::FPrintF(stderr, "simloop: %s: an unknown exception\n", name_);
    }
  }

  const std::string name_;
  loop::LinuxKernel kernel_;
  loop::MonotonicClock clock_;
  loop::EventLoop loop_;
  std::unique_ptr<net::Stack> stack_;
  Log log_;
  std::unique_ptr<Site> site_;
  std::unique_ptr<Program> program_;
  bool failed_ = false;
};

bool HasCommand(const ProgramKind& kind, absl::string_view name) {
  for (const NameDoc& command : kind.commands) {
    if (name == command.name) return true;
  }
  return false;
}

absl::StatusOr<const ProgramKind*> FindServer(const std::string& name) {
  std::vector<std::string> servers;
  for (const ProgramKind& kind : ProgramKinds()) {
    if (!HasCommand(kind, "close")) continue;
    if (name == kind.name) return &kind;
    servers.push_back(kind.name);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "serve: --program \"", name, "\" is no server", DidYouMean(name, servers),
      "; expected one of ", absl::StrJoin(servers, ", ")));
}

// The operands, each `NAME=VALUE`.
absl::StatusOr<std::map<std::string, std::string>> Given(
    const ProgramKind& kind, const Options& options) {
  std::vector<std::string> names;
  for (const ArgSpec& spec : kind.args) names.push_back(spec.name);
  std::map<std::string, std::string> given;
  for (const std::string& operand : options.operands()) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(operand, absl::MaxSplits('=', 1));
    const std::string& name = parts.first;
    if (operand.find('=') == std::string::npos ||
        std::find(names.begin(), names.end(), name) == names.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "serve: \"", operand, "\" is no argument of ", kind.name,
          DidYouMean(name, names), "; expected NAME=VALUE, NAME one of ",
          absl::StrJoin(names, ", ")));
    }
    if (!given.insert(parts).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("serve: ", name, " is given twice"));
    }
  }
  return given;
}

// The program's defaults, and what the options and operands say.
absl::StatusOr<std::map<std::string, std::string>> Arguments(
    const ProgramKind& kind, const Options& options) {
  const auto given = Given(kind, options);
  if (!given.ok()) return given.status();
  std::map<std::string, std::string> args;
  for (const ArgSpec& spec : kind.args) {
    std::string value = spec.fallback == nullptr ? "" : spec.fallback;
    const std::string name = spec.name;
    const std::string option = name == "port"   ? "--port"
                               : name == "bind" ? "--host"
                                                : name;
    const auto said = given->find(name);
    if (said != given->end()) value = said->second;
    if (options.Has(option)) value = options.Value(option);
    const std::string fault = ArgFault(spec, value, {});
    if (!fault.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("serve: ", option, " \"", value, "\" ", fault));
    }
    args[name] = value;
  }
  return args;
}

ExitStatus RunServe(const Options& options) {
  if (!options.Has("--program") || !options.Has("--port")) {
    return WrongInput(absl::InvalidArgumentError(
        "serve: expected --program NAME and --port N"));
  }
  const absl::StatusOr<const ProgramKind*> kind =
      FindServer(options.Value("--program"));
  if (!kind.ok()) return WrongInput(kind.status());
  const absl::StatusOr<std::map<std::string, std::string>> args =
      Arguments(**kind, options);
  if (!args.ok()) return WrongInput(args.status());
  const std::string discipline =
      options.Has("--discipline") ? options.Value("--discipline") : "modern";
  if (discipline != "modern" && discipline != "v0.1.96") {
    return WrongInput(absl::InvalidArgumentError(
        absl::StrCat("serve: --discipline \"", discipline,
                     "\" is neither; expected modern or v0.1.96")));
  }
  for (const int signal : {SIGINT, SIGTERM}) {
    std::signal(signal, [](int) { ++interrupts; });
  }
  return Served(**kind, *args,
                discipline == "modern" ? loop::Discipline::kModern
                                       : loop::Discipline::kV0196)
      .Run();
}

}  // namespace

Command ServeCommand() {
  return {"serve",
          "[NAME=VALUE...]",
          "Runs a server on the kernel of this machine until SIGINT or "
          "SIGTERM.\n"
          "It then stops listening, lets its connections finish, for five\n"
          "seconds at most, and exits with 0. A second signal ends it at once.\n"
          "NAME=VALUE are arguments of the program: see `simloop programs`.",
          {{"--program", "NAME", "which: see `simloop programs`"},
           {"--port", "N", "the port it listens on"},
           {"--host", "IP", "the address it listens on (default: every one)"},
           {"--discipline", "D", "modern (the default) or v0.1.96"}},
          RunServe};
}

}  // namespace simloop::scenarios
