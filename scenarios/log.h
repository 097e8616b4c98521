// Log: where a program says what happened to it, as Node's test programs do:
// an actor, an event, and what is to say about it. What it says becomes Notes
// of the trace; every list of events is a view of those.
#ifndef SCENARIOS_LOG_H_
#define SCENARIOS_LOG_H_

#include <set>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "loop/event_loop.h"
#include "trace/recorder.h"

namespace simloop::scenarios {

class Log final {
 public:
  // `recorder` and `loop` must outlive the log. `recorder` may be null: then
  // nobody listens.
  Log(trace::Recorder* recorder, trace::ProcessId process,
      const loop::EventLoop& loop)
      : recorder_(recorder), process_(process), loop_(loop) {}

  // Whether anybody listens: what costs to say need not be said otherwise.
  bool on() const { return recorder_ != nullptr; }

  // `Write("client", "data", "\"hello\"")`. Recorded under the loop's current
  // owner.
  // The same, the first time that it is said. Not when nobody listens.
  void WriteOnce(absl::string_view actor, absl::string_view event,
                 absl::string_view detail) {
    if (recorder_ == nullptr) return;
    std::string what(event);
    what.append(" ").append(detail.data(), detail.size());
    if (said_.insert(std::move(what)).second) Write(actor, event, detail);
  }

  void Write(absl::string_view actor, absl::string_view event,
             absl::string_view detail = "") {
    if (recorder_ == nullptr) return;
    recorder_->Add(process_, loop_.owner(), trace::Note{actor, event, detail});
  }

 private:
  trace::Recorder* recorder_;
  trace::ProcessId process_;
  const loop::EventLoop& loop_;
  std::set<std::string> said_;
};

// `text` as JSON.stringify() shows a string: quoted, with escapes.
std::string Quote(absl::string_view text);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_LOG_H_
