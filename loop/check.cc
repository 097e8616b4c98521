// The cold half of SIMLOOP_CHECK.
#include "loop/check.h"

#include <cstdio>
#include <cstdlib>

namespace simloop::loop {

void CheckFailed(const char* file, int line, const char* condition,
                 absl::string_view what) {
  std::fprintf(stderr, "%s:%d: CHECK failed: %s: %.*s\n", file, line, condition,
               static_cast<int>(what.size()), what.data());
  std::fflush(stderr);
  std::abort();
}

}  // namespace simloop::loop
