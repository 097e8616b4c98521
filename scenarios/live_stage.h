// LiveStage: plays a scenario on the kernel of this machine, in one thread:
// each host is a loopback address of its own, and all loops are waited for
// together. Latencies, jitters and the settings of hosts are the machine's.
#ifndef SCENARIOS_LIVE_STAGE_H_
#define SCENARIOS_LIVE_STAGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "loop/linux_kernel.h"
#include "scenarios/scenario.h"
#include "scenarios/stage.h"

namespace simloop::scenarios {

class LiveStage final : public Stage {
 public:
  // As many hosts as fit into one /24.
  static constexpr size_t kMostHosts = 250;

  // REQUIRES: no more hosts than that.
  explicit LiveStage(const Scenario& scenario);
  ~LiveStage() override;

  const loop::Clock& clock() const override { return clock_; }
  void SetRecorder(trace::Recorder*) override {}
  loop::Ipv4 AddressOf(size_t host) const override;
  loop::Ipv4 LoopbackOf(size_t host) const override { return AddressOf(host); }
  loop::Kernel& KernelOf(size_t host) override { return *seats_[host].kernel; }
  trace::ProcessTracer::ReadyCause ReadyCauseOf(size_t) override {
    return nullptr;
  }
  void Adopt(size_t host, Process& process) override;
  void At(loop::Instant at, absl::string_view name, std::optional<size_t> host,
          loop::Task task) override;
  // Every process gets a turn after a task.
  void Wake(size_t) override {}
  sim::NameTable& names() override { return names_; }
  End Run(loop::Instant limit) override;
  void Stop() override {}
  bool simulated() const override { return false; }
  const loop::Clock& ClockOf(size_t) override { return clock_; }
  // Faults are refused before a live run begins (commands/run.cc).
  void AtEvent(uint64_t, loop::Task) override {}
  void AtWithin(loop::Instant, absl::Duration, size_t, absl::string_view,
                std::optional<size_t>, loop::Task) override {}
  void Apply(const FaultPlan&) override {}
  void Crash(size_t, bool, loop::Task) override {}
  void Restart(size_t) override {}

 private:
  struct Seat {
    std::unique_ptr<loop::LinuxKernel> kernel;
    Process* process = nullptr;
  };
  struct Appointment {
    loop::Instant at;
    loop::Task task;
  };

  bool RunDue();
  bool RunTurns();
  bool AllExited() const;
  loop::Instant NextWakeup() const;
  bool Wait(absl::Duration timeout);

  loop::MonotonicClock clock_;
  sim::NameTable names_{nullptr};
  loop::Ipv4 network_;  // its .0
  std::vector<Seat> seats_;
  // An epoll of the loops' epolls.
  loop::LinuxKernel waiter_;
  loop::Fd epoll_;
  std::vector<Appointment> timeline_;  // in the order they are due
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_LIVE_STAGE_H_
