// Recordings: the case files of data/, how many cases each has, and the cases
// that the simulated kernel still answers otherwise than Linux did.
#ifndef TESTS_CONFORMANCE_RECORDINGS_H_
#define TESTS_CONFORMANCE_RECORDINGS_H_

#include <array>
#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace simloop::conformance {

struct Recording {
  absl::string_view name;  // without ".json"
  size_t cases;
  // Of how many cases one is replayed on this machine's kernel too: 1 for all,
  // 0 for none. All of them would take minutes.
  size_t live_every;
};

inline constexpr Recording kRecordings[] = {
    {"linux-oracle", 206, 1}, {"linux-oracle-random", 100, 1},
    {"tcp_ipv4", 167, 1},     {"random_tcp_ipv4", 80, 1},
    {"wide", 1501, 15},       {"focus", 360, 0},
    {"random_gen", 30, 0},    {"random_wide", 120, 0},
};

inline std::string PathOf(const Recording& recording) {
  return absl::StrCat("tests/conformance/data/", recording.name, ".json");
}

// A case of which not all answers are Linux's. docs/kernel.md lists each.
struct KnownDifference {
  absl::string_view recording;
  absl::string_view name;
  absl::string_view reason;
};

inline constexpr std::array<KnownDifference, 1> kKnownDifferences = {{
    {"none", "none", "none"},
}};

inline bool IsKnownDifference(absl::string_view recording,
                              absl::string_view name) {
  for (const KnownDifference& known : kKnownDifferences) {
    if (known.recording == recording && known.name == name) return true;
  }
  return false;
}

}  // namespace simloop::conformance

#endif  // TESTS_CONFORMANCE_RECORDINGS_H_
