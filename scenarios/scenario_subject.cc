#include "scenarios/scenario_subject.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "scenarios/simulated_stage.h"

namespace simloop::scenarios {
namespace {

// The least time that a packet may take.
absl::Duration Least(const sim::LinkOptions& options) {
  switch (options.distribution) {
    case sim::Latency::kFixed:
    case sim::Latency::kUniform:
      return options.latency;
    case sim::Latency::kNormal:
      break;
    case sim::Latency::kTable:
      return *std::min_element(options.latency_table.begin(),
                               options.latency_table.end());
  }
  return absl::ZeroDuration();
}

// Sets that grow together (Tarjan's union-find, without ranks: there are few).
class Sets final {
 public:
  explicit Sets(size_t count) : parents_(count) {
    std::iota(parents_.begin(), parents_.end(), 0);
  }
  uint32_t Find(size_t of) const {
    while (parents_[of] != of) of = parents_[of];
    return static_cast<uint32_t>(of);
  }
  void Join(size_t a, size_t b) { parents_[Find(a)] = Find(b); }

 private:
  std::vector<uint32_t> parents_;
};

}  // namespace

explore::Trial ScenarioSubject::Run(sim::Scheduler* scheduler,
                                    trace::Sink* sink) {
  SimulatedStage stage(scenario_, scheduler);
  outcome_ =
      Play(scenario_, stage,
           scheduler == nullptr ? RunKind::kCalm : RunKind::kScheduled, sink);
  explore::Trial trial;
  trial.hash = outcome_.hash;
  trial.records = outcome_.records;
  trial.shown = outcome_.shown;
  for (size_t i = 0; i < outcome_.faults.size(); ++i) {
    trial.failures.push_back({outcome_.ways[i], outcome_.faults[i]});
  }
  return trial;
}

std::vector<uint32_t> ScenarioSubject::Sites() {
  for (const Expectation& expectation : scenario_.expectations) {
    const bool order = expectation.kind == Expectation::Kind::kEvents ||
                       expectation.kind == Expectation::Kind::kExactly;
    // Such a one sees which of two hosts was first.
    if (order && expectation.actor.empty() && expectation.lines.size() > 1) {
      return {};
    }
  }
  const size_t nodes = scenario_.hosts.size() + scenario_.routers.size();
  Sets sets(nodes);
  for (const LinkPlan& link : scenario_.links) {
    if (std::min(Least(link.to_a), Least(link.to_b)) <= absl::ZeroDuration()) {
      sets.Join(link.a, link.b);
    }
  }
  for (const StepPlan& step : scenario_.steps) {
    if (step.at) continue;
    sets.Join(scenario_.programs[step.after_program].host,
              scenario_.programs[step.program].host);
  }
  for (const FaultPlan& fault : scenario_.faults) {
    // What it changes may make anything happen at once.
    if (!fault.at || fault.kind == FaultPlan::Kind::kLinkChange) return {};
  }
  std::vector<uint32_t> sites;
  for (size_t i = 0; i < nodes; ++i) sites.push_back(sets.Find(i));
  return sites;
}

}  // namespace simloop::scenarios
