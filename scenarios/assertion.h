// Assertions of programs: what must hold in every run, and what some run must
// show. They are notes of the trace; the director makes faults of those that do
// not hold, and a search tells those that never held.
//
//   Always(site, sent <= limit, "no more is sent than allowed");
//   Never(site, answered_twice, "an answer comes twice");
//   Sometimes(site, retried, "a request is tried again");
//   Eventually(site, "the client is served");  ...  Happened(site, the same);
//   Unreachable(site, "an answer without a question");
#ifndef SCENARIOS_ASSERTION_H_
#define SCENARIOS_ASSERTION_H_

#include <string>

#include "absl/strings/string_view.h"
#include "scenarios/log.h"
#include "scenarios/site.h"

namespace simloop::scenarios {

// `holds`, whenever this is called.
inline void Always(Site& site, bool holds, absl::string_view name) {
  if (holds) return;
  site.log().WriteOnce("assert", "fails",
                       std::string("always ").append(name.data(), name.size()));
}

// Not `happens`, whenever this is called.
inline void Never(Site& site, bool happens, absl::string_view name) {
  if (!happens) return;
  site.log().WriteOnce("assert", "fails",
                       std::string("never ").append(name.data(), name.size()));
}

// Never called.
inline void Unreachable(Site& site, absl::string_view name) {
  site.log().WriteOnce(
      "assert", "fails",
      std::string("unreachable ").append(name.data(), name.size()));
}

// `holds` at least once, in some run of a search.
inline void Sometimes(Site& site, bool holds, absl::string_view name) {
  site.log().WriteOnce("assert", holds ? "sometimes" : "perhaps", name);
}

// Happened() is called with the same name before the run ends.
inline void Eventually(Site& site, absl::string_view name) {
  site.log().Write("assert", "eventually", name);
}
inline void Happened(Site& site, absl::string_view name) {
  site.log().Write("assert", "happened", name);
}

}  // namespace simloop::scenarios

#endif  // SCENARIOS_ASSERTION_H_
