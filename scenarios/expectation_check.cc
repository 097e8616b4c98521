#include "scenarios/expectation_check.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace simloop::scenarios {
namespace {

// What another machine's scheduler may add to a bound when live.
absl::Duration Granted(absl::Duration to, RunKind run) {
  return run == RunKind::kLive ? 10 * to + absl::Seconds(1) : to;
}

std::string TimeText(loop::Instant time) {
  return absl::FormatDuration(time - loop::Instant());
}

std::vector<const RunEvent*> EventsOf(const std::vector<RunEvent>& events,
                                      const std::string& actor) {
  std::vector<const RunEvent*> found;
  for (const RunEvent& event : events) {
    if (actor.empty() || event.actor == actor) found.push_back(&event);
  }
  return found;
}

std::string InOrder(const Expectation& expectation,
                    const std::vector<RunEvent>& all) {
  const std::vector<const RunEvent*> events = EventsOf(all, expectation.actor);
  size_t next = 0;
  std::string before;
  for (const std::string& pattern : expectation.lines) {
    const std::string wanted = OneBlank(pattern);
    while (next < events.size() && !Matches(wanted, events[next]->line)) {
      ++next;
    }
    if (next == events.size()) {
      const bool elsewhere = std::any_of(events.begin(), events.end(),
                                         [&wanted](const RunEvent* event) {
                                           return Matches(wanted, event->line);
                                         });
      return absl::StrCat(
          "expected `", wanted, "`", before.empty() ? "" : " after ", before,
          elsewhere ? "; it happened, but earlier" : "; it did not happen");
    }
    before = absl::StrCat("`", events[next++]->line, "`");
  }
  return "";
}

std::string Exactly(const Expectation& expectation,
                    const std::vector<RunEvent>& all) {
  const std::vector<const RunEvent*> events = EventsOf(all, expectation.actor);
  const std::vector<std::string>& lines = expectation.lines;
  for (size_t i = 0; i < std::max(events.size(), lines.size()); ++i) {
    const std::string wanted = i < lines.size()
                                   ? absl::StrCat("`", OneBlank(lines[i]), "`")
                                   : "no more";
    const std::string happened =
        i < events.size() ? absl::StrCat("`", events[i]->line, "`") : "nothing";
    if (i < lines.size() && i < events.size() &&
        Matches(OneBlank(lines[i]), events[i]->line)) {
      continue;
    }
    return absl::StrCat("expected event ", i + 1, " to be ", wanted,
                        "; it was ", happened);
  }
  return "";
}

std::string Never(const Expectation& expectation,
                  const std::vector<RunEvent>& events) {
  const std::string pattern = OneBlank(expectation.lines[0]);
  for (const RunEvent& event : events) {
    if (!Matches(pattern, event.line)) continue;
    return absl::StrCat("expected never `", pattern, "`; `", event.line,
                        "` happened at ", TimeText(event.time));
  }
  return "";
}

std::string Within(const Expectation& expectation,
                   const std::vector<RunEvent>& events, RunKind run) {
  const std::string pattern = OneBlank(expectation.lines[0]);
  const absl::Duration to = Granted(expectation.to, run);
  const std::string wanted =
      absl::StrCat("expected `", pattern, "` between ",
                   absl::FormatDuration(expectation.from), " and ",
                   absl::FormatDuration(to));
  for (const RunEvent& event : events) {
    if (!Matches(pattern, event.line)) continue;
    const absl::Duration at = event.time - loop::Instant();
    if (at >= expectation.from && at <= to) return "";
    return absl::StrCat(wanted, "; it happened at ", TimeText(event.time));
  }
  return absl::StrCat(wanted, "; it did not happen");
}

std::string Fault(const Expectation& expectation,
                  const std::vector<RunEvent>& events, RunKind run) {
  switch (expectation.kind) {
    case Expectation::Kind::kEvents:
      return InOrder(expectation, events);
    case Expectation::Kind::kExactly:
      return Exactly(expectation, events);
    case Expectation::Kind::kNever:
      return Never(expectation, events);
    case Expectation::Kind::kWithin:
      return Within(expectation, events, run);
  }
  return "";
}

std::string WayOf(const Expectation& expectation) {
  const std::string of =
      expectation.actor.empty() ? "" : absl::StrCat(" of ", expectation.actor);
  const std::string first =
      expectation.lines.empty() ? "" : OneBlank(expectation.lines[0]);
  const std::string more = expectation.lines.size() < 2 ? "" : ", ...";
  switch (expectation.kind) {
    case Expectation::Kind::kEvents:
      return absl::StrCat("not events", of, " `", first, "`", more);
    case Expectation::Kind::kExactly:
      return absl::StrCat("not exactly", of, " `", first, "`", more);
    case Expectation::Kind::kNever:
      return absl::StrCat("not never `", first, "`");
    case Expectation::Kind::kWithin:
      return absl::StrCat("not within its time `", first, "`");
  }
  return "";
}

}  // namespace

std::vector<std::string> CheckExpectations(const Scenario& scenario,
                                           const std::vector<RunEvent>& events,
                                           RunKind run,
                                           std::vector<std::string>* ways) {
  std::vector<std::string> faults;
  for (const Expectation& expectation : scenario.expectations) {
    if (run == RunKind::kScheduled && !expectation.calm_only.empty()) continue;
    if (run == RunKind::kLive && !expectation.simulated_only.empty()) continue;
    const std::string fault = Fault(expectation, events, run);
    if (fault.empty()) continue;
    if (ways != nullptr) ways->push_back(WayOf(expectation));
    faults.push_back(
        absl::StrCat(scenario.file, ":", expectation.line, ": ", fault));
  }
  return faults;
}

}  // namespace simloop::scenarios
