// SimulatedStage: plays a scenario in a sim::World, under virtual time.
#ifndef SCENARIOS_SIMULATED_STAGE_H_
#define SCENARIOS_SIMULATED_STAGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/stage.h"
#include "sim/choice.h"
#include "sim/kernel.h"
#include "sim/world.h"

namespace simloop::scenarios {

class SimulatedStage final : public Stage {
 public:
  // `scheduler` is not owned; null is the calm run.
  SimulatedStage(const Scenario& scenario, sim::Scheduler* scheduler);

  const loop::Clock& clock() const override { return world_; }
  void SetRecorder(trace::Recorder* recorder) override {
    world_.SetRecorder(recorder);
  }
  loop::Ipv4 AddressOf(size_t host) const override;
  loop::Ipv4 LoopbackOf(size_t host) const override;
  loop::Kernel& KernelOf(size_t host) override;
  trace::ProcessTracer::ReadyCause ReadyCauseOf(size_t host) override;
  void Adopt(size_t host, Process& process) override;
  void At(loop::Instant at, absl::string_view name, std::optional<size_t> host,
          loop::Task task) override;
  void Wake(size_t host) override;
  sim::NameTable& names() override { return names_; }
  End Run(loop::Instant limit) override;
  void Stop() override {
    stopped_ = true;
    world_.Stop();
  }
  bool simulated() const override { return true; }
  const loop::Clock& ClockOf(size_t host) override {
    return seats_[host].host->clock();
  }
  void AtEvent(uint64_t count, loop::Task task) override {
    world_.AtEvent(count, std::move(task));
  }
  void AtWithin(loop::Instant at, absl::Duration within, size_t index,
                absl::string_view name, std::optional<size_t> host,
                loop::Task task) override;
  void Apply(const FaultPlan& fault) override;
  void Crash(size_t host, bool comes_back, loop::Task end_process) override;
  void Restart(size_t host) override;

 private:
  struct Seat {
    sim::Host* host;
    std::unique_ptr<sim::Kernel> kernel;
    Process* process = nullptr;  // null: it has crashed
    bool comes_back = false;
  };

  void AddNetwork(const Scenario& scenario);
  uint32_t IndexOf(std::optional<size_t> host) const;
  bool Step(Seat& seat);
  bool AllExited() const;

  sim::World world_;
  sim::NameTable names_{&world_};
  std::vector<Seat> seats_;
  std::vector<sim::Link*> links_;
  bool stopped_ = false;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_SIMULATED_STAGE_H_
