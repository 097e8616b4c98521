// Message: what a search and its workers write to each other: attempts one
// way, observations the other, as bytes.
#ifndef EXPLORE_MESSAGE_H_
#define EXPLORE_MESSAGE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "explore/strategy.h"

namespace simloop::explore {

std::string AttemptsMessage(const std::vector<Attempt>& attempts);
// REQUIRES: `message` is one of AttemptsMessage().
std::vector<Attempt> ReadAttempts(absl::string_view message);

std::string ObservationsMessage(const std::vector<Observation>& observations);
// REQUIRES: `message` is one of ObservationsMessage().
std::vector<Observation> ReadObservations(absl::string_view message);

}  // namespace simloop::explore

#endif  // EXPLORE_MESSAGE_H_
