// Stage: where a scenario is played: a simulated world, or this machine. An
// interface because those two are all that a simulated and a live run do not
// share; the director, the processes and their programs know no other
// difference.
#ifndef SCENARIOS_STAGE_H_
#define SCENARIOS_STAGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "loop/address.h"
#include "loop/clock.h"
#include "loop/kernel.h"
#include "loop/task.h"
#include "scenarios/process.h"
#include "scenarios/scenario.h"
#include "sim/name_table.h"
#include "trace/process_tracer.h"
#include "trace/recorder.h"

namespace simloop::scenarios {

class Stage {
 public:
  // What a run came to.
  enum class End {
    kExit,       // all processes have exited
    kQuiet,      // some wait, and nothing is in flight that could wake them
    kTimeLimit,  // the time was up
    kLivelock,   // somebody runs in circles, and time stands still
  };

  virtual ~Stage() = default;

  virtual const loop::Clock& clock() const = 0;
  // What the process of a host reads.
  virtual const loop::Clock& ClockOf(size_t host) = 0;
  // Set before anything runs; not owned.
  virtual void SetRecorder(trace::Recorder* recorder) = 0;

  // Of the index-th host of the scenario: its address for others, its address
  // for itself, and the kernel of its process, which the stage owns.
  virtual loop::Ipv4 AddressOf(size_t host) const = 0;
  virtual loop::Ipv4 LoopbackOf(size_t host) const = 0;
  virtual loop::Kernel& KernelOf(size_t host) = 0;
  virtual trace::ProcessTracer::ReadyCause ReadyCauseOf(size_t host) = 0;

  // Gives the host's process its turns from now on. Called for each host, in
  // order, before Run(); `process` must outlive Run().
  virtual void Adopt(size_t host, Process& process) = 0;
  // Runs `task` at `at`, or, if that has passed, as soon as what runs now has
  // returned. Tasks of one instant keep their order. `name` is the stable name
  // for schedules.
  // `host` is the one that it is about; nullopt: several, or the network.
  virtual void At(loop::Instant at, absl::string_view name,
                  std::optional<size_t> host, loop::Task task) = 0;
  // A task has told the host's process something: it gets a turn.
  virtual void Wake(size_t host) = 0;

  // What names stand for; empty at first.
  virtual sim::NameTable& names() = 0;

  virtual End Run(loop::Instant limit) = 0;
  // Makes Run() answer kLivelock after what happens now. Live: does nothing.
  virtual void Stop() = 0;
  virtual bool simulated() const = 0;

  // --- Faults; a live stage has none ---------------------------------------

  // Runs `task` when so many events have happened.
  virtual void AtEvent(uint64_t count, loop::Task task) = 0;
  // As At(), up to `within` later: the index-th fault.
  virtual void AtWithin(loop::Instant at, absl::Duration within, size_t index,
                        absl::string_view name, std::optional<size_t> host,
                        loop::Task task) = 0;
  // Of the network, and of what a process has of its host: kLinkState,
  // kLinkChange, kPause, kResume, kFreeze, kThaw, kClock.
  virtual void Apply(const FaultPlan& fault) = 0;
  // The host is gone. `end_process` destroys its process, of which nobody
  // hears; then its kernel is gone too. It counts as one that has exited
  // unless it comes back.
  virtual void Crash(size_t host, bool comes_back, loop::Task end_process) = 0;
  // It is back: KernelOf() is a new one, and another process is to be adopted.
  virtual void Restart(size_t host) = 0;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_STAGE_H_
