#include "scenarios/simulated_stage.h"

#include <algorithm>
#include <utility>

#include "sim/host.h"

namespace simloop::scenarios {

SimulatedStage::SimulatedStage(const Scenario& scenario,
                               sim::Scheduler* scheduler)
    : world_(scheduler) {
  for (const sim::HostOptions& options : scenario.hosts) {
    seats_.push_back({&world_.AddHost(options), nullptr});
  }
  for (const LinkPlan& link : scenario.links) {
    world_.AddLink(*seats_[link.a].host, *seats_[link.b].host, link.options);
  }
  for (Seat& seat : seats_) {
    seat.kernel = std::make_unique<sim::Kernel>(*seat.host);
  }
}

loop::Ipv4 SimulatedStage::AddressOf(size_t host) const {
  return seats_[host].host->address();
}

loop::Ipv4 SimulatedStage::LoopbackOf(size_t) const {
  return loop::Ipv4::Loopback();
}

loop::Kernel& SimulatedStage::KernelOf(size_t host) {
  return *seats_[host].kernel;
}

trace::ProcessTracer::ReadyCause SimulatedStage::ReadyCauseOf(size_t host) {
  const sim::Kernel* const kernel = seats_[host].kernel.get();
  return [kernel](loop::Fd fd) { return kernel->ReadyCause(fd); };
}

void SimulatedStage::Adopt(size_t host, Process& process) {
  Seat& seat = seats_[host];
  seat.process = &process;
  seat.kernel->Start([this, &seat] { return Step(seat); });
}

void SimulatedStage::At(loop::Instant at, absl::string_view name,
                        loop::Task task) {
  world_.At(at, name, std::move(task));
}

void SimulatedStage::Wake(size_t host) {
  // No descriptor becomes ready by what a program is told: ticks, timers.
  seats_[host].kernel->Wake();
}

bool SimulatedStage::Step(Seat& seat) {
  const loop::EventLoop::Turn turn =
      seat.process->RunOnce(loop::Instant::Infinite());
  if (seat.process->exited() && AllExited()) world_.Stop();
  return turn == loop::EventLoop::Turn::kRan;
}

bool SimulatedStage::AllExited() const {
  return std::all_of(seats_.begin(), seats_.end(),
                     [](const Seat& seat) { return seat.process->exited(); });
}

Stage::End SimulatedStage::Run(loop::Instant limit) {
  const sim::World::End end = world_.Run(limit);
  for (Seat& seat : seats_) seat.kernel->Halt();
  if (end == sim::World::End::kLivelock) return End::kLivelock;
  if (AllExited()) return End::kExit;
  return end == sim::World::End::kIdle ? End::kQuiet : End::kTimeLimit;
}

}  // namespace simloop::scenarios
