// Story: a run as a list of moments that have names, by which what happens in
// one run is found in another: "client.write#2", "server's FIN reaches client",
// "client error".
#ifndef EXPLORE_STORY_H_
#define EXPLORE_STORY_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "loop/instant.h"
#include "trace/trace.h"

namespace simloop::explore {

struct Moment {
  enum class Kind { kArrival, kSending, kCall, kTimer, kCallback, kNote };
  Kind kind = Kind::kNote;
  trace::RecordId record = 0;
  loop::Instant time;
  // Where it happens; of an arrival, where it arrives.
  trace::ProcessId process = trace::kNoProcess;
  // Comes once in a story: "client.write#2".
  std::string name;
  // More of it: "client.write(fdB, 18) -> 18".
  std::string text;
};

class Story final {
 public:
  // `trace` must outlive it, and have its processes.
  explicit Story(const trace::Trace& trace);

  const std::vector<Moment>& moments() const { return moments_; }
  // The process on the host of that name; kNoProcess if there is none.
  trace::ProcessId ProcessOn(absl::string_view host) const;
  // The place of the moment of that name; moments().size(): there is none.
  size_t Find(const std::string& name) const;

 private:
  class Teller;

  const trace::Trace& trace_;
  std::vector<Moment> moments_;
  std::map<std::string, size_t> places_;
};

}  // namespace simloop::explore

#endif  // EXPLORE_STORY_H_
