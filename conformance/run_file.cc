// Cases in children, and their differences as JSON over the pipe between.
#include "conformance/run_file.h"

#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "conformance/children.h"
#include "conformance/json.h"
#include "conformance/live_testbed.h"

namespace simloop::conformance {
namespace {

// The longest case waits for 70 s of a live kernel's time.
constexpr absl::Duration kLiveDeadline = absl::Seconds(150);
constexpr absl::Duration kSimulatedDeadline = absl::Seconds(60);

std::string Encode(const std::vector<Difference>& differences) {
  std::vector<Json> items;
  for (const Difference& difference : differences) {
    items.push_back(Json::List(
        {Json::Unsigned(difference.step), Json::Text(difference.text)}));
  }
  return Json::List(std::move(items)).ToString();
}

void Decode(ChildEnd end, CaseReport* report) {
  report->error = std::move(end.error);
  if (!report->error.empty()) return;
  const absl::StatusOr<Json> items = Json::Parse(end.output);
  if (!items.ok() || !items->is_list()) {
    report->error = absl::StrCat("no answer but \"", end.output, "\"");
    return;
  }
  for (const Json& item : items->items()) {
    report->differences.push_back(
        {static_cast<size_t>(item.items()[0].Integer()),
         item.items()[1].text()});
  }
}

// In a child, where nothing has to be put back: moves it to where cases are
// replayed. Answers why it cannot; "" if it can.
std::string BecomeTestbed(const Environment& environment, size_t cpu,
                          const EmptyDirectory& directory) {
  const absl::Status entered = EnterNetworkNamespace(environment, cpu);
  if (!entered.ok()) return std::string(entered.message());
  return chdir(directory.path().c_str()) == 0 ? "" : "no directory";
}

std::vector<Difference> ReplayLive(const Case& test,
                                   const Environment& environment, size_t cpu,
                                   const EmptyDirectory& directory) {
  const std::string error = BecomeTestbed(environment, cpu, directory);
  if (!error.empty()) return {{0, error}};
  const std::unique_ptr<Testbed> testbed = MakeLiveTestbed();
  return Replayer(test, *testbed).Run();
}

// The observations of `test`, a list of [result, readiness]; in JSON.
std::string Observe(const Case& test, const Environment& environment,
                    size_t cpu, const EmptyDirectory& directory) {
  if (!BecomeTestbed(environment, cpu, directory).empty()) return "";
  const std::unique_ptr<Testbed> testbed = MakeLiveTestbed();
  Replayer replayer(test, *testbed);
  std::vector<Json> observations;
  for (const Step& step : test.steps) {
    const Observation made = replayer.Make(step);
    observations.push_back(
        Json::List({made.result, made.ready.value_or(Json())}));
  }
  return Json::List(std::move(observations)).ToString();
}

// The parent's, so that those of children that are killed are cleared away.
using Directories = std::vector<std::unique_ptr<EmptyDirectory>>;

Directories MakeDirectories(size_t count) {
  Directories directories(count);
  for (auto& directory : directories) {
    directory = std::make_unique<EmptyDirectory>();
  }
  return directories;
}

// Slow ones first, so that nobody waits for them at the end.
std::vector<size_t> StartingOrder(const std::vector<Case>& cases) {
  std::vector<size_t> order(cases.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_partition(order.begin(), order.end(),
                        [&](size_t index) { return cases[index].slow; });
  return order;
}

}  // namespace

size_t Report::passed() const {
  return static_cast<size_t>(
      std::count_if(cases.begin(), cases.end(),
                    [](const CaseReport& test) { return test.passed(); }));
}

absl::Status LiveKernelIsAvailable(const Environment& environment) {
  absl::Status status = absl::UnavailableError("no answer");
  RunInChildren(
      1, ChildOptions{},
      [&](size_t) {
        return std::string(EnterNetworkNamespace(environment, 0).message());
      },
      [&](size_t, const ChildEnd& end) {
        const std::string message = absl::StrCat(end.output, end.error);
        status = message.empty() ? absl::OkStatus()
                                 : absl::UnavailableError(message);
      });
  return status;
}

absl::StatusOr<Report> RunCases(const CaseFile& file, const RunOptions& options,
                                Progress progress) {
  const bool live = options.kernel == KernelKind::kLive;
  if (live) {
    const absl::Status available = LiveKernelIsAvailable(file.environment);
    if (!available.ok()) return available;
  }
  std::vector<Case> cases;
  for (const Case& test : file.cases) {
    if (options.only == nullptr || options.only(test)) cases.push_back(test);
  }
  Report report;
  for (const Case& test : cases) report.cases.push_back({test.name, {}, ""});
  const std::vector<size_t> order = StartingOrder(cases);
  Directories directories = MakeDirectories(live ? cases.size() : 0);
  size_t done = 0;
  RunInChildren(
      cases.size(), {options.jobs, live ? kLiveDeadline : kSimulatedDeadline},
      [&](size_t place) {
        const Case& test = cases[order[place]];
        if (!live) return Encode(ReplaySimulated(test, file.environment));
        return Encode(ReplayLive(test, file.environment, place,
                                 *directories[order[place]]));
      },
      [&](size_t place, ChildEnd end) {
        Decode(std::move(end), &report.cases[order[place]]);
        if (live) directories[order[place]].reset();
        progress(++done, cases.size());
      });
  return report;
}

absl::StatusOr<std::vector<Case>> RecordLive(const std::vector<Case>& cases,
                                             const Environment& environment,
                                             int jobs) {
  const absl::Status available = LiveKernelIsAvailable(environment);
  if (!available.ok()) return available;
  std::vector<Case> recorded = cases;
  const Directories directories = MakeDirectories(cases.size());
  RunInChildren(
      cases.size(), {jobs, kLiveDeadline},
      [&](size_t i) {
        return Observe(cases[i], environment, i, *directories[i]);
      },
      [&](size_t i, const ChildEnd& end) {
        std::vector<Step>& steps = recorded[i].steps;
        const absl::StatusOr<Json> answers = Json::Parse(end.output);
        if (!answers.ok() || answers->items().size() != steps.size()) {
          steps.clear();
          return;
        }
        for (size_t at = 0; at < steps.size(); ++at) {
          const std::vector<Json>& answer = answers->items()[at].items();
          steps[at].result = answer[0];
          if (answer[1].is_object()) steps[at].ready = answer[1];
        }
      });
  return recorded;
}

absl::StatusOr<Report> RunFile(absl::string_view path,
                               const RunOptions& options, Progress progress) {
  const absl::StatusOr<CaseFile> file = ReadCaseFile(path);
  if (!file.ok()) return file.status();
  return RunCases(*file, options, progress);
}

}  // namespace simloop::conformance
