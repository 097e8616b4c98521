// EventList: the events of a run, which are the Notes of its trace, as lines
// and times. What expectations are checked against.
#ifndef SCENARIOS_EVENT_LIST_H_
#define SCENARIOS_EVENT_LIST_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "loop/instant.h"
#include "trace/recorder.h"

namespace simloop::scenarios {

struct RunEvent {
  loop::Instant time;
  std::string actor;
  std::string line;  // "client connect readyState=open"
};

class EventList final : public trace::Sink {
 public:
  void Take(const trace::Record& record) override;
  const std::vector<RunEvent>& events() const { return events_; }

 private:
  std::vector<RunEvent> events_;
};

// Hands each record to several sinks, in order. They must outlive it.
class Tee final : public trace::Sink {
 public:
  explicit Tee(std::vector<trace::Sink*> sinks) : sinks_(std::move(sinks)) {}
  void Take(const trace::Record& record) override {
    for (trace::Sink* sink : sinks_) sink->Take(record);
  }

 private:
  std::vector<trace::Sink*> sinks_;
};

// `text` with each run of blanks made one, and none at the ends.
std::string OneBlank(absl::string_view text);

// Whether `line` is `pattern`, where `*` stands for any text, also none.
bool Matches(absl::string_view pattern, absl::string_view line);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_EVENT_LIST_H_
