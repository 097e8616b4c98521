// Scenario: a scenario file that was read and found right, in plain values. It
// is what the director stages; scenario.proto is how people write it.
#ifndef SCENARIOS_SCENARIO_H_
#define SCENARIOS_SCENARIO_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "loop/discipline.h"
#include "scenarios/program.h"
#include "sim/choice.h"
#include "sim/host.h"
#include "sim/link.h"
#include "sim/name_table.h"
#include "sim/nat.h"

namespace simloop::scenarios {

// Fields mean what those of the same name in scenario.proto do.
struct RouterPlan {
  sim::HostOptions options;
  std::optional<sim::NatOptions> nat;
  std::vector<size_t> inside;  // as LinkPlan's ends
};

struct LinkPlan {
  size_t a;  // indices into Scenario::hosts, and behind them, ::routers
  size_t b;
  sim::LinkOptions to_b;
  sim::LinkOptions to_a;
};

struct NamePlan {
  std::string name;
  std::vector<std::string> addresses;  // hosts' names, or addresses
  sim::NameRecord record;              // but for the addresses
};

// Something that breaks or is mended.
struct FaultPlan {
  enum class Kind {
    kLinkState,
    kLinkChange,
    kCrash,
    kRestart,
    kPause,
    kResume,
    kFreeze,
    kThaw,
    kClock,
    kLookup,
  };
  Kind kind = Kind::kCrash;
  bool OfLink() const {
    return kind == Kind::kLinkState || kind == Kind::kLinkChange;
  }
  // "partition", and "client server": what its event says.
  std::string what;
  std::string whom;

  // One of the three: a time, a number of events, or a signal of a program.
  std::optional<absl::Duration> at;
  std::optional<uint64_t> at_event;
  size_t after_program = 0;
  std::string after_signal;
  absl::Duration within;

  size_t host = 0;  // an index into Scenario::hosts
  size_t link = 0;  // into Scenario::links
  bool to_b = true;
  bool to_a = true;
  sim::Link::State state = sim::Link::State::kUp;
  sim::LinkOptions to_b_options;
  sim::LinkOptions to_a_options;
  absl::Duration jump;
  std::optional<int32_t> drift_ppm;
  NamePlan lookup;
};

struct ProgramPlan {
  size_t host;  // an index into Scenario::hosts
  std::string name;
  const ProgramKind* kind;
  // Each argument of the kind, its default where the file gives none.
  std::map<std::string, std::string> args;
};

// Something that the director does: starts a program, or tells it something.
struct StepPlan {
  // One of the two: a time, or a signal of a program.
  std::optional<absl::Duration> at;
  size_t after_program = 0;  // indices into Scenario::programs
  std::string after_signal;
  size_t program = 0;
  std::string command;  // "" starts it
};

struct Expectation {
  enum class Kind {
    kEvents,
    kExactly,
    kNever,
    kWithin,
    kEventually,
    kSometimes,
    kAlways,
    kUnreachable,
  };
  Kind kind = Kind::kEvents;
  std::string actor;               // "" for all
  std::vector<std::string> lines;  // patterns; one but for the first two
  absl::Duration from;
  absl::Duration to = absl::InfiniteDuration();
  std::string calm_only;       // the reason, or ""
  std::string simulated_only;  // the reason, or ""
  int line = 0;                // where in the file, from 1
};

enum class End { kExit, kQuiet };

struct Scenario {
  std::string file;  // as it was named
  // Of its runs, and not in the file: --time, or a schedule's line `time`.
  sim::TimeMode time = sim::TimeMode::kDrawn;
  std::string doc;
  loop::Discipline discipline = loop::Discipline::kModern;
  absl::Duration time_limit;
  std::vector<sim::HostOptions> hosts;
  bool sets_sysctls = false;  // of one of them
  std::vector<RouterPlan> routers;
  std::vector<LinkPlan> links;
  std::vector<NamePlan> names;
  std::vector<ProgramPlan> programs;
  // First the start of each program, in their order, then the timeline.
  std::vector<StepPlan> steps;
  std::vector<FaultPlan> faults;
  // No machine can be told to do this: it has faults, a NAT that forgets, or
  // kernel settings of its own.
  bool needs_simulation() const {
    bool nat = false;
    for (const RouterPlan& router : routers) nat = nat || router.nat;
    return nat || sets_sysctls || !faults.empty();
  }
  std::vector<Expectation> expectations;
  std::vector<std::string> without;  // sanitizers
  End end = End::kExit;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_SCENARIO_H_
