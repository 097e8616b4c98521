// The `search` command: looks for schedules under which a scenario fails.
#include "explore/search.h"

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "explore/recording_scheduler.h"
#include "explore/replay_scheduler.h"
#include "explore/trying.h"
#include "scenarios/commands/command.h"
#include "scenarios/commands/report.h"
#include "scenarios/commands/search_order.h"
#include "scenarios/commands/search_report.h"
#include "scenarios/live_search.h"
#include "scenarios/loader.h"
#include "scenarios/saved_schedule.h"
#include "scenarios/scenario_subject.h"
#include "scenarios/search_record.h"
#include "scenarios/self_check.h"
#include "scenarios/time_mode.h"

namespace simloop::scenarios {
namespace {

// So many attempts are run in a process started anew.
constexpr uint64_t kElsewhere = 2;

volatile sig_atomic_t interrupted = 0;

// Goes on from what the folder has.
absl::Status Resume(SearchOrder* order, explore::Strategy* strategy) {
  const absl::StatusOr<SearchRecord> before = SearchRecord::Load(order->folder);
  if (!before.ok()) return before.status();
  SearchRecord& record = order->record;
  if (before->scenario != record.scenario ||
      before->strategy != record.strategy || before->seed != record.seed ||
      before->bound != record.bound || before->time != record.time ||
      before->shard.index != record.shard.index ||
      before->shard.count != record.shard.count) {
    return absl::InvalidArgumentError(absl::StrCat(
        order->folder, "/search.txt: is another search: ", before->scenario,
        " --strategy ", before->strategy, " --time ",
        TimeModeName(before->time), " --seed ", before->seed, " --bound ",
        before->bound, " --shard ", before->shard.index, "/",
        before->shard.count, "; expected the same with --resume"));
  }
  record.tally = before->tally;
  const absl::Status status = strategy->SetState(before->state);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat(order->folder, "/search.txt: ", status.message()));
}

// One line of stderr, on a terminal alone.
class Progress final {
 public:
  Progress(uint64_t wanted, uint64_t before)
      : terminal_(isatty(STDERR_FILENO) != 0),
        wanted_(wanted),
        before_(before) {}
  ~Progress() {
    if (terminal_) absl::FPrintF(stderr, "\r\033[K");
  }

  void Show(absl::Duration since_start, const explore::SearchTally& tally) {
    if (!terminal_) return;
    const double seconds = absl::ToDoubleSeconds(since_start);
    const double rate = static_cast<double>(tally.runs - before_) / seconds;
    const double left = static_cast<double>(wanted_ - tally.runs) / rate;
    absl::FPrintF(stderr,
                  "\r\033[K[%-20s] %d of %d runs, %.0f/s, %d failed in %d "
                  "ways, %.0f s left",
                  std::string(tally.runs * 20 / wanted_, '='), tally.runs,
                  wanted_, rate, tally.failed, tally.found.size(), left);
  }

 private:
  const bool terminal_;
  const uint64_t wanted_;
  const uint64_t before_;
};

// Saves the schedules of what was found since `known`; answers what is wrong
// with their runs: "" if they fail again as they did.
absl::StatusOr<std::string> SaveFound(const SearchOrder& order, size_t known,
                                      const Scenario& scenario,
                                      const explore::Strategy& strategy,
                                      ScenarioSubject* subject) {
  const std::vector<explore::Found>& found = order.record.tally.found;
  for (size_t i = known; i < found.size(); ++i) {
    // A run that ends its process cannot be run here.
    const bool crashed = found[i].way.rfind("crashed", 0) == 0 ||
                         found[i].way.rfind("no end", 0) == 0;
    ScenarioRun run;
    trace::Trace trace;
    if (crashed) {
      run.decisions = DecisionsOfCrash(*subject, strategy, found[i].first,
                                       order.live.deadline);
    } else {
      run.decisions =
          explore::RunAttempt(*subject, strategy, found[i].first, &trace)
              .decisions;
      run.outcome = subject->outcome();
      trace.SetProcesses(run.outcome.processes);
      if (run.outcome.ways.empty() || run.outcome.ways[0] != found[i].way) {
        return absl::StrCat("run ", found[i].first.number,
                            " failed: ", found[i].way, "; run again, it ",
                            run.outcome.ways.empty()
                                ? "holds"
                                : absl::StrCat("fails: ", run.outcome.ways[0]));
      }
    }
    const absl::Status status =
        SaveSchedule(FoundPath(order.folder, i + 1), scenario, {}, run, trace);
    if (!status.ok()) return status;
  }
  return "";
}

// The second half of the self-check: the calm run, the first attempts, and
// what was found, in a process started anew. "" if they are the same runs.
std::string CheckElsewhere(const Scenario& scenario,
                           const explore::Strategy& strategy,
                           const SearchRecord& record,
                           ScenarioSubject* subject) {
  std::vector<explore::Attempt> attempts;
  for (uint64_t i = 0; i < kElsewhere; ++i) {
    attempts.push_back({record.shard.index + i * record.shard.count, {}});
  }
  std::string report = FindDifference(scenario, *subject, {}, 1);
  for (const explore::Attempt& attempt : attempts) {
    if (!report.empty()) return report;
    report = FindDifference(
        scenario, *subject,
        explore::RunAttempt(*subject, strategy, attempt, nullptr).decisions, 1);
  }
  return report;
}

// Where an attempt whose two runs had two hashes parts from itself.
std::string Locate(const Scenario& scenario, const explore::Strategy& strategy,
                   const explore::Attempt& attempt, ScenarioSubject* subject) {
  const std::string report = FindDifference(
      scenario, *subject,
      explore::RunAttempt(*subject, strategy, attempt, nullptr).decisions, 50);
  if (!report.empty()) return report;
  return absl::StrCat("run ", attempt.number,
                      " had two hashes once, and the same ever since");
}

explore::StrategyOptions StrategyOptionsOf(const SearchRecord& record,
                                           ScenarioSubject* subject) {
  explore::StrategyOptions options;
  options.name = record.strategy;
  options.seed = record.seed;
  options.shard = record.shard;
  if (record.bound != 0) options.bound = static_cast<uint32_t>(record.bound);
  options.sites = subject->Sites();
  const explore::Schedule calm;
  explore::ReplayScheduler replay(calm);
  explore::RecordingScheduler counting(replay);
  subject->Run(&counting, nullptr);
  options.choices = counting.asked();
  return options;
}

ExitStatus SearchScenario(SearchOrder order, const Scenario& scenario) {
  ScenarioSubject subject(scenario);
  SearchRecord& record = order.record;
  const std::unique_ptr<explore::Strategy> strategy =
      explore::MakeStrategy(StrategyOptionsOf(record, &subject));
  if (order.resume) {
    const absl::Status resumed = Resume(&order, strategy.get());
    if (!resumed.ok()) return WrongInput(resumed);
  }
  const size_t known = record.tally.found.size();
  std::string unequal;
  if (order.live.check_one_in != 0) {
    unequal = CheckElsewhere(scenario, *strategy, record, &subject);
  }
  explore::Search search(*strategy, {record.runs, order.until_failure},
                         record.tally);
  if (unequal.empty()) {
    Progress progress(record.runs, record.tally.runs);
    signal(SIGINT, [](int number) {
      interrupted = 1;
      signal(number, SIG_DFL);  // the second one ends it
    });
    RunSearch(
        subject, *strategy, order.live,
        [&](absl::Duration since_start) {
          progress.Show(since_start, search.tally());
          return interrupted == 0;
        },
        &search);
  }
  record.tally = search.tally();
  record.exhausted = search.exhausted();
  record.state = strategy->State();
  if (unequal.empty() && record.tally.unequal) {
    unequal = Locate(scenario, *strategy, *record.tally.unequal, &subject);
  }
  if (order.wants_folder || record.tally.failed > 0) {
    std::error_code error;
    std::filesystem::create_directories(order.folder, error);
    const absl::StatusOr<std::string> other =
        SaveFound(order, known, scenario, *strategy, &subject);
    if (!other.ok()) return WrongInput(other.status());
    if (unequal.empty()) unequal = *other;
    const absl::Status saved = record.Save(order.folder);
    if (!saved.ok()) return WrongInput(saved);
  }
  const ExitStatus status = PrintSearch(record, order.folder);
  if (interrupted != 0) {
    absl::PrintF("interrupted; --resume --out %s goes on\n",
                 ShellWord(order.folder));
  }
  if (unequal.empty()) return status;
  absl::PrintF("nondeterminism: %s\n", unequal);
  return kNondeterminism;
}

ExitStatus RunSearchCommand(const Options& options) {
  absl::StatusOr<SearchOrder> order = ReadSearchOrder(options);
  if (!order.ok()) return WrongInput(order.status());
  absl::StatusOr<Scenario> scenario = LoadScenario(order->record.scenario);
  if (!scenario.ok()) return WrongInput(scenario.status());
  scenario->time = order->record.time;
  return SearchScenario(*std::move(order), *scenario);
}

}  // namespace

Command SearchCommand() {
  return {
      "search",
      "FILE",
      "Looks for schedules under which a scenario fails.\n"
      "Each way to fail is kept once, as a schedule to replay, shrink and\n"
      "explain. What is found depends on no number of jobs. docs/search.md\n"
      "says what the strategies do.",
      {
          {"--strategy", "S",
           "random (the default), swarm, pct, coverage or exhaustive"},
          {"--time", "T",
           "how times are decided: drawn (the default) or any-order"},
          {"--runs", "N", "so many runs (default 10000; exhaustive 1000000)"},
          {"--seed", "N", "the first run's seed (default 1)"},
          {"--bound", "N", "exhaustive: at most N decisions that are not calm"},
          {"--until-failure", nullptr, "stop at the first failure"},
          {"--jobs", "N", "so many processes (default: one a processor)"},
          {"--shard", "I/N", "the I-th of N parts of the search, from 0"},
          {"--out", "DIR", "keep what is found there (default NAME.search)"},
          {"--resume", nullptr, "go on from what --out has"},
          {"--check", "N",
           "run one of N schedules twice (default 50; 0: none)"},
      },
      RunSearchCommand};
}

}  // namespace simloop::scenarios
