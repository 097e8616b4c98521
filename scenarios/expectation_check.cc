#include "scenarios/expectation_check.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
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

bool AnyMatches(const std::string& pattern,
                const std::vector<RunEvent>& events) {
  return std::any_of(events.begin(), events.end(), [&](const RunEvent& event) {
    return Matches(pattern, event.line);
  });
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

std::string Eventually(const Expectation& expectation,
                       const std::vector<RunEvent>& events) {
  const std::string pattern = OneBlank(expectation.lines[0]);
  if (AnyMatches(pattern, events)) return "";
  return absl::StrCat("expected `", pattern,
                      "` sooner or later; it did not happen");
}

std::string Always(const Expectation& expectation,
                   const std::vector<RunEvent>& events) {
  const std::string pattern = OneBlank(expectation.lines[0]);
  for (const RunEvent& event : events) {
    if (event.actor != expectation.actor || Matches(pattern, event.line)) {
      continue;
    }
    return absl::StrCat("expected always `", pattern, "`; `", event.line,
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
    case Expectation::Kind::kUnreachable:
      return Never(expectation, events);
    case Expectation::Kind::kEventually:
      return Eventually(expectation, events);
    case Expectation::Kind::kAlways:
      return Always(expectation, events);
    case Expectation::Kind::kSometimes:
      return "";  // of a search, not of a run
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
    case Expectation::Kind::kEventually:
      return absl::StrCat("not eventually `", first, "`");
    case Expectation::Kind::kAlways:
      return absl::StrCat("not always", of, " `", first, "`");
    case Expectation::Kind::kUnreachable:
      return absl::StrCat("reached `", first, "`");
    case Expectation::Kind::kSometimes:
      return "";
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

std::vector<std::string> WhatIsShown(const Scenario& scenario,
                                     const std::vector<RunEvent>& events) {
  std::vector<std::string> shown;
  for (const Expectation& expectation : scenario.expectations) {
    if (expectation.kind != Expectation::Kind::kSometimes) continue;
    const std::string pattern = OneBlank(expectation.lines[0]);
    shown.push_back(absl::StrCat(AnyMatches(pattern, events) ? "" : "?", "`",
                                 pattern, "`"));
  }
  for (const RunEvent& event : events) {
    absl::string_view line = event.line;
    if (absl::ConsumePrefix(&line, "assert sometimes ")) {
      shown.emplace_back(line);
    } else if (absl::ConsumePrefix(&line, "assert perhaps ")) {
      shown.push_back(absl::StrCat("?", line));
    }
  }
  return shown;
}

std::vector<std::string> CheckAssertions(const Scenario& scenario,
                                         const std::vector<RunEvent>& events,
                                         std::vector<std::string>* ways) {
  std::vector<std::string> faults;
  std::vector<std::string> owed;
  const auto add = [&](absl::string_view way) {
    ways->emplace_back(way);
    faults.push_back(absl::StrCat(scenario.file, ": ", way));
  };
  for (const RunEvent& event : events) {
    absl::string_view line = event.line;
    if (absl::ConsumePrefix(&line, "assert fails ")) {
      add(absl::StrCat("asserted ", line));
    } else if (absl::ConsumePrefix(&line, "assert eventually ")) {
      owed.emplace_back(line);
    } else if (absl::ConsumePrefix(&line, "assert happened ")) {
      owed.erase(std::remove(owed.begin(), owed.end(), std::string(line)),
                 owed.end());
    }
  }
  for (const std::string& name : owed) {
    add(absl::StrCat("asserted eventually ", name));
  }
  return faults;
}

}  // namespace simloop::scenarios
