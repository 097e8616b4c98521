// GroupOf: what the names of like decisions have in common.
#ifndef EXPLORE_CHOICE_GROUP_H_
#define EXPLORE_CHOICE_GROUP_H_

#include "absl/strings/string_view.h"

namespace simloop::explore {

// "client.connect" of "client.connect#1/syn delay", "server.wake" of
// "server.wake#4~2 order".
inline absl::string_view GroupOf(absl::string_view name) {
  return name.substr(0, name.find('#'));
}

}  // namespace simloop::explore

#endif  // EXPLORE_CHOICE_GROUP_H_
