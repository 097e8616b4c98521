// Schedule: the decisions of one run that differ from the calm one, by name,
// and its text form: a readable file that can be edited by hand.
#ifndef EXPLORE_SCHEDULE_H_
#define EXPLORE_SCHEDULE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "loop/instant.h"

namespace simloop::explore {

// `name` took alternative `pick`. `name` ends with the kind of choice:
// "client.connect#1/syn delay".
struct Decision {
  std::string name;
  uint32_t pick = 0;
  // When it was taken, of a decision about a turn of a process: a program that
  // has one timer more has other numbers of turns, and the same times. Which
  // run it is does not depend on it.
  std::optional<loop::Instant> at = std::nullopt;
  bool operator==(const Decision& other) const {
    return name == other.name && pick == other.pick;
  }
};

// Whether `name` counts turns of a process: "client.wake#4 order",
// "client.epoll#4 ready", "client.wait#2 signal".
bool CountsTurns(absl::string_view name);

struct Schedule {
  // Facts about the run it was saved from, as `key value` lines: what they
  // mean is the writer's ("scenario", "seed", "hash").
  struct Header {
    std::string key;
    std::string value;
    size_t line = 0;  // of the file that it was read from, from 1
  };
  std::vector<Header> headers;
  // In the order in which they were taken.
  std::vector<Decision> decisions;

  // The value of the first header `key`; empty if there is none.
  absl::string_view Get(absl::string_view key) const;
  void Set(absl::string_view key, absl::string_view value, size_t line = 0);
};

// The text form:
//
//   # simloop schedule 1
//   scenario scenarios/catalog/net/echo.txtpb
//   decide client.connect#1/syn delay = 3
//   decide client.wake#6 wakeup = 4 at 4.857142ms
//
// One item a line; blank lines and lines that begin with # are passed over,
// but the first line is as above.
std::string ScheduleText(const Schedule& schedule);

// Reads it. An error says "file:line:column: what is wrong and what was
// expected"; `file` is what to call the text.
absl::StatusOr<Schedule> ParseSchedule(absl::string_view text,
                                       absl::string_view file);

}  // namespace simloop::explore

#endif  // EXPLORE_SCHEDULE_H_
