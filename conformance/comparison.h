// The rule by which a recorded answer and a new one are compared (README.md).
#ifndef CONFORMANCE_COMPARISON_H_
#define CONFORMANCE_COMPARISON_H_

#include "conformance/case_file.h"
#include "conformance/json.h"

namespace simloop::conformance {

// Whether `got` is `expected`: equal, or one of the values of a recorded
// {"varies": [...]}, anywhere inside.
bool Matches(const Json& expected, const Json& got);

// Whether `got` is the step's result, but for what is loose in it. Where
// `observe`, epoll events are compared as a set.
bool ResultMatches(const Step& step, const Json& got, bool observe);
// Whether `got` is the step's readiness; so is any, where none was recorded.
bool ReadyMatches(const Step& step, const Json& got);

}  // namespace simloop::conformance

#endif  // CONFORMANCE_COMPARISON_H_
