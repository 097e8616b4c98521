// Choice: one place where a real kernel or network could have gone several
// ways, and Scheduler: the oracle that is asked which. sim/ asks; the answers
// are made in explore/.
#ifndef SIM_CHOICE_H_
#define SIM_CHOICE_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace simloop::sim {

class Event;

enum class ChoiceKind : uint8_t {
  kOrder,   // which of the events that may go first does
  kDelay,   // how much of the link's jitter a packet takes (RFC 2330 sec. 10)
  kWakeup,  // how late a ready process is put on the processor (sched(7))
  // What a link does to a packet, where its LinkOptions say that it may:
  kLoss,       // whether it is lost (RFC 7680)
  kBurst,      // whether the line turns bad, or good again (Gilbert-Elliott)
  kDuplicate,  // whether it comes twice (RFC 5560)
  kCorrupt,    // whether its checksum is wrong (RFC 1071)
  kReorder,    // whether those behind it overtake it (RFC 4737)
  kFault,      // when, of its span, a fault of the scenario happens
  kLookup,     // which of a name's addresses comes first (RFC 1794)
  kPort,       // which free ephemeral port is taken (ip(7), RFC 6056)
  // Where a host grants them (HostOptions::freedoms):
  kReady,     // which ready entry epoll_wait(2) reports first
  kTransfer,  // how much a stream moves: read(2), write(2), "fewer bytes"
  kSignal,    // whether a signal interrupts a wait: EINTR (signal(7))
  kAbort,     // whether accept(2) gives up a reset connection: ECONNABORTED
  kBacklog,   // whether connect(2) of a Unix socket finds room: EAGAIN
  kMemory,    // whether there is memory: ENOBUFS (socket(2), send(2))
};

// "order", "delay", "wakeup", "port", "ready", ...
absl::string_view ChoiceKindName(ChoiceKind kind);

struct Choice {
  ChoiceKind kind;
  // The decision's stable name: "client.connect#1/syn delay". It names the
  // cause and which time it is, never a position in the run as a whole. No
  // name comes twice in a run.
  absl::string_view name;
  // How many ways there are, at least 2. Way 0 is the calm run's.
  uint32_t alternatives;
  // How probable it is that the answer is not 0, in parts per billion, where
  // whoever asks knows: a loss of 1 % is 10,000,000. A scheduler that draws
  // lots keeps to it; the other ways share it alike. 0: as the kind has it.
  uint32_t weight_ppb = 0;
  // Of kOrder: the events, one for each way.
  absl::Span<Event* const> events = {};
  // Of kOrder: an event that happens before time passes, whatever is picked;
  // kNoneDue if time may pass before any of them.
  static constexpr uint32_t kNoneDue = UINT32_MAX;
  uint32_t due = 0;
};

// How the times are decided that a world leaves open: by shares drawn as soon
// as they begin, or by the order in which things happen (sim/agenda.h).
enum class TimeMode : uint8_t { kDrawn, kAnyOrder };

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  // Answers which alternative is taken: less than choice.alternatives.
  // Deterministic: the same sequence of choices gets the same answers.
  virtual uint32_t Pick(const Choice& choice) = 0;
  // Is told of each event of the run, right before it happens.
  virtual void OnEvent(const Event& event) {}
};

}  // namespace simloop::sim

#endif  // SIM_CHOICE_H_
