// The `window` command: for which values of a duration a scenario fails.
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "scenarios/commands/command.h"
#include "scenarios/fail_window.h"
#include "scenarios/loader.h"
#include "scenarios/parameter.h"

namespace simloop::scenarios {
namespace {

constexpr int64_t kChartColumns = 64;
constexpr int64_t kMapRows = 24;

// What is varied, and between which values.
struct Axis {
  Parameter parameter;
  int64_t from = 0;
  int64_t to = 0;

  // The index-th of `count` values.
  int64_t At(int64_t index, int64_t count) const {
    const int64_t span = to - from;
    return from + span / (count - 1) * index +
           span % (count - 1) * index / (count - 1);
  }
};

std::string TimeText(int64_t nanos) {
  return absl::FormatDuration(absl::Nanoseconds(nanos));
}

// The part of --from or --to that is the index-th axis's.
absl::Status ReadBound(const Options& options, const char* name, size_t index,
                       int64_t* bound) {
  const std::vector<std::string> parts =
      absl::StrSplit(options.Value(name), ',');
  if (!options.Has(name) || index >= parts.size()) return absl::OkStatus();
  absl::Duration value;
  if (!absl::ParseDuration(parts[index], &value) ||
      value < absl::ZeroDuration() || value > absl::Hours(24)) {
    return absl::InvalidArgumentError(
        absl::StrCat("window: ", name, " is \"", parts[index].substr(0, 40),
                     "\", expected a duration from 0 to 24h, as \"2.5ms\""));
  }
  *bound = absl::ToInt64Nanoseconds(value);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Axis>> ReadAxes(const Options& options,
                                           const Scenario& scenario) {
  const std::vector<std::string> names =
      absl::StrSplit(options.Value("--vary"), ',');
  if (!options.Has("--vary") || names.size() > 2) {
    return absl::InvalidArgumentError(
        "window: expected --vary NAME, or --vary NAME,NAME");
  }
  std::vector<Axis> axes;
  for (size_t i = 0; i < names.size(); ++i) {
    absl::StatusOr<Parameter> parameter = FindParameter(scenario, names[i]);
    if (!parameter.ok()) return parameter.status();
    Axis axis{*std::move(parameter), 0, 0};
    axis.to = std::max<int64_t>(
        4 * absl::ToInt64Nanoseconds(axis.parameter.value), 10'000'000);
    for (const auto& [option, bound] :
         {std::pair<const char*, int64_t*>{"--from", &axis.from},
          std::pair<const char*, int64_t*>{"--to", &axis.to}}) {
      const absl::Status status = ReadBound(options, option, i, bound);
      if (!status.ok()) return status;
    }
    if (axis.to <= axis.from) {
      return absl::InvalidArgumentError(
          absl::StrCat("window: ", names[i], " goes from ", TimeText(axis.from),
                       " to ", TimeText(axis.to), "; expected more than that"));
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

ExitStatus PrintWindow(const Scenario& scenario, const Axis& axis) {
  FailWindow window(scenario, axis.parameter);
  const std::vector<FailWindow::Span> spans = window.Find(axis.from, axis.to);
  absl::PrintF("%s: %s (now %s) from %s to %s, in the calm run; %d runs\n",
               scenario.file, axis.parameter.name,
               absl::FormatDuration(axis.parameter.value), TimeText(axis.from),
               TimeText(axis.to), window.runs());
  for (const FailWindow::Span& span : spans) {
    absl::PrintF("fails from %s to %s\n", TimeText(span.from),
                 TimeText(span.to));
  }
  if (spans.empty()) absl::PrintF("never fails\n");
  std::string chart(kChartColumns, '.');
  for (int64_t i = 0; i < kChartColumns; ++i) {
    // A column is what is nearer to it than to the next.
    const int64_t from = axis.At(i, kChartColumns);
    const int64_t to =
        i + 1 < kChartColumns ? axis.At(i + 1, kChartColumns) - 1 : axis.to;
    for (const FailWindow::Span& span : spans) {
      if (span.from <= to && span.to >= from) chart[i] = '#';
    }
  }
  absl::PrintF("%s [%s] %s\n", TimeText(axis.from), chart, TimeText(axis.to));
  return spans.empty() ? kHolds : kFails;
}

ExitStatus PrintMap(Scenario scenario, const Axis& x, const Axis& y) {
  absl::PrintF("%s: # fails, in the calm run; %s to the right, %s upwards\n",
               scenario.file, x.parameter.name, y.parameter.name);
  bool fails = false;
  for (int64_t row = kMapRows; row-- > 0;) {
    y.parameter.set(&scenario, absl::Nanoseconds(y.At(row, kMapRows)));
    std::string line(kChartColumns, '.');
    for (int64_t i = 0; i < kChartColumns; ++i) {
      x.parameter.set(&scenario, absl::Nanoseconds(x.At(i, kChartColumns)));
      if (FailsCalm(scenario)) line[i] = '#';
    }
    fails = fails || line.find('#') != std::string::npos;
    absl::PrintF("%14s |%s|\n", TimeText(y.At(row, kMapRows)), line);
  }
  absl::PrintF("%14s  %-*s%s\n", "", static_cast<int>(kChartColumns - 8),
               TimeText(x.from), TimeText(x.to));
  return fails ? kFails : kHolds;
}

ExitStatus RunWindow(const Options& options) {
  const absl::Status operands =
      options.ExpectOperands(1, "window: one scenario file");
  if (!operands.ok()) return WrongInput(operands);
  const absl::StatusOr<Scenario> scenario = LoadScenario(options.operands()[0]);
  if (!scenario.ok()) return WrongInput(scenario.status());
  const absl::StatusOr<std::vector<Axis>> axes = ReadAxes(options, *scenario);
  if (!axes.ok()) return WrongInput(axes.status());
  if (axes->size() == 2) return PrintMap(*scenario, (*axes)[0], (*axes)[1]);
  return PrintWindow(*scenario, (*axes)[0]);
}

}  // namespace

Command WindowCommand() {
  return {
      "window",
      "FILE",
      "Finds the values of a duration for which a scenario fails.\n"
      "Of one duration the intervals, exact to the nanosecond for the calm\n"
      "run; of two, a map. Exit status 1 if there are any.",
      {{"--vary", "NAME",
        "link.latency, PROGRAM.ARG, PROGRAM.start, step#N.at ...;\n"
        "                       two of them with a comma between"},
       {"--from", "D", "the least (default 0)"},
       {"--to", "D", "the most (default four times what the file has)"}},
      RunWindow};
}

}  // namespace simloop::scenarios
