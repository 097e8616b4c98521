// Gate: what the records of a run go through until the run is over, and who
// looks at them there: the list of events, the sanitizers. What is torn down
// afterwards is no part of the run.
#ifndef SCENARIOS_GATE_H_
#define SCENARIOS_GATE_H_

#include <string>
#include <utility>
#include <vector>

#include "explore/sanitizer.h"
#include "loop/instant.h"
#include "scenarios/event_list.h"
#include "scenarios/scenario.h"
#include "scenarios/stage.h"
#include "trace/recorder.h"

namespace simloop::scenarios {

class Gate final : public trace::Sink {
 public:
  // `sink` takes the records too; it may be null. A sanitizer may stop `stage`.
  Gate(trace::Sink* sink, const Scenario& scenario, Stage& stage)
      : sink_(sink), stage_(stage), sanitizers_(scenario.without) {
    std::vector<std::string> hosts;
    for (const sim::HostOptions& host : scenario.hosts) {
      hosts.push_back(host.name);
    }
    sanitizers_.SetHosts(std::move(hosts));
  }
  void Take(const trace::Record& record) override {
    if (closed_) return;
    events_.Take(record);
    if (sink_ != nullptr) sink_->Take(record);
    time_ = record.time;
    if (!stage_.simulated()) return;
    sanitizers_.Take(record);
    if (sanitizers_.wants_stop()) stage_.Stop();
  }
  bool WantsPayloads() const override {
    return sink_ != nullptr && sink_->WantsPayloads();
  }
  // The run is over. `quiet`: nothing was in flight.
  void Close(bool quiet) {
    closed_ = true;
    sanitizers_.End(quiet);
  }

  const EventList& events() const { return events_; }
  const explore::SanitizerSet& sanitizers() const { return sanitizers_; }
  // Of the last record.
  loop::Instant time() const { return time_; }

 private:
  trace::Sink* sink_;
  Stage& stage_;
  EventList events_;
  explore::SanitizerSet sanitizers_;
  bool closed_ = false;
  loop::Instant time_;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_GATE_H_
