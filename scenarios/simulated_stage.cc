#include "scenarios/simulated_stage.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/host.h"
#include "sim/link.h"
#include "sim/router.h"

namespace simloop::scenarios {

SimulatedStage::SimulatedStage(const Scenario& scenario,
                               sim::Scheduler* scheduler)
    : world_(scheduler, scenario.time) {
  for (const sim::HostOptions& options : scenario.hosts) {
    seats_.push_back({&world_.AddHost(options), nullptr});
  }
  AddNetwork(scenario);
  for (Seat& seat : seats_) {
    seat.kernel = std::make_unique<sim::Kernel>(*seat.host);
  }
}

void SimulatedStage::AddNetwork(const Scenario& scenario) {
  std::vector<sim::Host*> nodes;
  for (const Seat& seat : seats_) nodes.push_back(seat.host);
  for (const RouterPlan& router : scenario.routers) {
    nodes.push_back(&world_.AddHost(router.options));
    if (router.nat) nodes.back()->router()->SetNat(*router.nat);
  }
  for (const LinkPlan& link : scenario.links) {
    links_.push_back(
        &world_.AddLink(*nodes[link.a], *nodes[link.b], link.to_b, link.to_a));
  }
  for (size_t i = 0; i < scenario.routers.size(); ++i) {
    sim::Host& router = *nodes[scenario.hosts.size() + i];
    for (const size_t inside : scenario.routers[i].inside) {
      for (const sim::Link* link : router.links()) {
        if (&link->a() == nodes[inside] || &link->b() == nodes[inside]) {
          router.router()->nat()->AddInside(*link);
        }
      }
    }
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
                        std::optional<size_t> host, loop::Task task) {
  world_.At(at, name, std::move(task), IndexOf(host));
}

void SimulatedStage::Wake(size_t host) {
  // No descriptor becomes ready by what a program is told: ticks, timers.
  if (seats_[host].process != nullptr) seats_[host].kernel->Wake();
}

void SimulatedStage::AtWithin(loop::Instant at, absl::Duration within,
                              size_t index, absl::string_view name,
                              std::optional<size_t> host, loop::Task task) {
  world_.AtWithin(at, within, name, absl::StrCat("fault#", index + 1),
                  std::move(task), IndexOf(host));
}

uint32_t SimulatedStage::IndexOf(std::optional<size_t> host) const {
  return host ? seats_[*host].host->index() : sim::Event::kEverywhere;
}

void SimulatedStage::Apply(const FaultPlan& fault) {
  using Kind = FaultPlan::Kind;
  using Way = sim::Link::Way;
  if (fault.kind == Kind::kLinkState || fault.kind == Kind::kLinkChange) {
    sim::Link& link = *links_[fault.link];
    for (const Way way : {Way::kToB, Way::kToA}) {
      const bool to_b = way == Way::kToB;
      if (!(to_b ? fault.to_b : fault.to_a)) continue;
      if (fault.kind == Kind::kLinkState) {
        link.SetState(way, fault.state);
      } else {
        link.Change(way, to_b ? fault.to_b_options : fault.to_a_options);
      }
    }
    return;
  }
  Seat& seat = seats_[fault.host];
  if (seat.process == nullptr) return;  // it has crashed
  switch (fault.kind) {
    case Kind::kFreeze:
      seat.host->Freeze();
      [[fallthrough]];
    case Kind::kPause:
      seat.kernel->Pause();
      break;
    case Kind::kThaw:
      seat.host->Thaw();
      [[fallthrough]];
    case Kind::kResume:
      seat.kernel->Resume();
      break;
    case Kind::kClock:
      if (fault.drift_ppm) seat.host->clock().SetDrift(*fault.drift_ppm);
      seat.host->clock().Jump(fault.jump);
      // What it waits for may be due now, or at another time.
      if (!seat.process->exited()) seat.kernel->Wake();
      break;
    default:
      break;
  }
}

void SimulatedStage::Crash(size_t host, bool comes_back,
                           loop::Task end_process) {
  Seat& seat = seats_[host];
  seat.host->PowerOff();
  end_process();
  seat.process = nullptr;
  seat.kernel.reset();
  seat.host->Forget();
  seat.comes_back = comes_back;
  if (AllExited()) world_.Stop();
}

void SimulatedStage::Restart(size_t host) {
  Seat& seat = seats_[host];
  seat.host->PowerOn();
  seat.kernel = std::make_unique<sim::Kernel>(*seat.host);
  seat.comes_back = false;
}

bool SimulatedStage::Step(Seat& seat) {
  const loop::EventLoop::Turn turn =
      seat.process->RunOnce(loop::Instant::Infinite());
  if (seat.process->exited()) {
    seat.kernel->Exit();
    if (AllExited()) world_.Stop();
  }
  return turn == loop::EventLoop::Turn::kRan;
}

bool SimulatedStage::AllExited() const {
  return std::all_of(seats_.begin(), seats_.end(), [](const Seat& seat) {
    return seat.process == nullptr ? !seat.comes_back : seat.process->exited();
  });
}

Stage::End SimulatedStage::Run(loop::Instant limit) {
  const sim::World::End end = world_.Run(limit);
  for (Seat& seat : seats_) {
    if (seat.kernel != nullptr) seat.kernel->Halt();
  }
  if (stopped_ || end == sim::World::End::kLivelock) return End::kLivelock;
  if (AllExited()) return End::kExit;
  return end == sim::World::End::kIdle ? End::kQuiet : End::kTimeLimit;
}

}  // namespace simloop::scenarios
