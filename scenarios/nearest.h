// Nearest: of the names there are, the one that was probably meant.
#ifndef SCENARIOS_NEAREST_H_
#define SCENARIOS_NEAREST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace simloop::scenarios {

// The candidate with the smallest edit distance (Levenshtein) to `name`, the
// first of equals; "" if none is near enough to be a slip of the hand.
std::string Nearest(absl::string_view name,
                    const std::vector<std::string>& candidates);

// `; did you mean "server"?`, or "" where nothing is near.
std::string DidYouMean(absl::string_view name,
                       const std::vector<std::string>& candidates);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_NEAREST_H_
