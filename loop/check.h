// SIMLOOP_CHECK: ends the process where the program's own structure is broken,
// in every build. Never for what a kernel answered or a person wrote.
#ifndef LOOP_CHECK_H_
#define LOOP_CHECK_H_

#include "absl/base/optimization.h"
#include "absl/strings/string_view.h"

namespace simloop::loop {

// Prints "file:line: CHECK failed: condition: what" and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition,
                              absl::string_view what);

}  // namespace simloop::loop

#define SIMLOOP_CHECK(condition, what) \
  (ABSL_PREDICT_TRUE(condition)        \
       ? static_cast<void>(0)          \
       : ::simloop::loop::CheckFailed(__FILE__, __LINE__, #condition, what))

#endif  // LOOP_CHECK_H_
