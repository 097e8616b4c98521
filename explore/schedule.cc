#include "explore/schedule.h"

#include <set>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"

namespace simloop::explore {
namespace {

constexpr absl::string_view kFirstLine = "# simloop schedule 1";
constexpr absl::string_view kDecide = "decide";
constexpr absl::string_view kAt = " at ";
// A longer line is noise, not a schedule; an error shows no more of it.
constexpr size_t kShown = 40;

// A line of a file, for errors.
struct Place {
  absl::string_view file;
  size_t line;

  absl::Status Error(size_t column, absl::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ":", line, ":", column, ": ", what));
  }
};

std::string Quoted(absl::string_view text) {
  std::string shown = absl::CHexEscape(text.substr(0, kShown));
  if (text.size() > kShown) absl::StrAppend(&shown, "...");
  return absl::StrCat("\"", shown, "\"");
}

absl::Status ParseDecision(absl::string_view line, const Place& place,
                           std::set<std::string>* names, Schedule* schedule) {
  const absl::string_view rest = line.substr(kDecide.size() + 1);
  const size_t equals = rest.rfind(" = ");
  if (equals == absl::string_view::npos || equals == 0) {
    return place.Error(
        kDecide.size() + 2,
        absl::StrCat("expected `decide NAME = PICK`, got ", Quoted(line)));
  }
  const absl::string_view name = rest.substr(0, equals);
  absl::string_view number = rest.substr(equals + 3);
  Decision decision;
  decision.name = std::string(name.data(), name.size());
  const size_t at = number.find(kAt);
  if (at != absl::string_view::npos) {
    const absl::string_view time = number.substr(at + kAt.size());
    absl::Duration since_start;
    if (!absl::ParseDuration(time, &since_start)) {
      return place.Error(
          kDecide.size() + 2 + equals + 3 + at + kAt.size(),
          absl::StrCat("expected a time since the start, such as \"1.5ms\", "
                       "got ",
                       Quoted(time)));
    }
    decision.at = loop::Instant() + since_start;
    number = number.substr(0, at);
  }
  if (!absl::SimpleAtoi(number, &decision.pick)) {
    return place.Error(kDecide.size() + 2 + equals + 3,
                       absl::StrCat("expected the number of an alternative, "
                                    "0 or more, got ",
                                    Quoted(number)));
  }
  if (!names->insert(decision.name).second) {
    return place.Error(kDecide.size() + 2,
                       absl::StrCat("decided twice: ", Quoted(name),
                                    "; expected each name once"));
  }
  schedule->decisions.push_back(std::move(decision));
  return absl::OkStatus();
}

}  // namespace

bool CountsTurns(absl::string_view name) {
  const size_t dot = name.find('.');
  if (dot == absl::string_view::npos) return false;
  const absl::string_view what = name.substr(dot + 1);
  return absl::StartsWith(what, "wake#") || absl::StartsWith(what, "epoll#") ||
         absl::StartsWith(what, "wait#");
}

absl::string_view Schedule::Get(absl::string_view key) const {
  for (const Header& header : headers) {
    if (key == absl::string_view(header.key)) return header.value;
  }
  return "";
}

void Schedule::Set(absl::string_view key, absl::string_view value,
                   size_t line) {
  for (Header& header : headers) {
    if (key == absl::string_view(header.key)) {
      header.value = std::string(value.data(), value.size());
      header.line = line;
      return;
    }
  }
  headers.push_back({std::string(key.data(), key.size()),
                     std::string(value.data(), value.size()), line});
}

std::string ScheduleText(const Schedule& schedule) {
  std::string text = absl::StrCat(kFirstLine, "\n");
  for (const Schedule::Header& header : schedule.headers) {
    absl::StrAppend(&text, header.key, " ", header.value, "\n");
  }
  for (const Decision& decision : schedule.decisions) {
    absl::StrAppend(&text, kDecide, " ", decision.name, " = ", decision.pick);
    if (decision.at) {
      absl::StrAppend(&text, kAt,
                      absl::FormatDuration(*decision.at - loop::Instant()));
    }
    absl::StrAppend(&text, "\n");
  }
  return text;
}

absl::StatusOr<Schedule> ParseSchedule(absl::string_view text,
                                       absl::string_view file) {
  Schedule schedule;
  std::set<std::string> names;
  Place place{file, 0};
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++place.line;
    line = absl::StripTrailingAsciiWhitespace(line);
    if (place.line == 1) {
      if (line == kFirstLine) continue;
      return place.Error(1, absl::StrCat("not a schedule: expected the line \"",
                                         kFirstLine, "\", got ", Quoted(line)));
    }
    if (line.empty() || line[0] == '#') continue;
    const size_t space = line.find(' ');
    if (space == absl::string_view::npos || space == 0) {
      return place.Error(
          1, absl::StrCat("expected `decide NAME = PICK` or `KEY VALUE`, got ",
                          Quoted(line)));
    }
    const absl::string_view key = line.substr(0, space);
    if (key != kDecide) {
      schedule.Set(key, line.substr(space + 1), place.line);
      continue;
    }
    const absl::Status status = ParseDecision(line, place, &names, &schedule);
    if (!status.ok()) return status;
  }
  return schedule;
}

}  // namespace simloop::explore
