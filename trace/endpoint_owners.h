// EndpointOwners: which program of which process a packet comes from and goes
// to. Packets know addresses only; the owner of an address is learnt from the
// calls of the trace:
//   - bind and getsockname tell a descriptor's port;
//   - the SYN that a connect caused leaves from the caller's port;
//   - accepted connections share their listener's port, and so its owner.
// A port used again belongs to its last owner before the packet.
#ifndef TRACE_ENDPOINT_OWNERS_H_
#define TRACE_ENDPOINT_OWNERS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "trace/trace.h"

namespace simloop::trace {

// One program: what a column of the ladder stands for.
struct Program {
  ProcessId process = kNoProcess;
  loop::Owner owner = 0;

  auto operator<=>(const Program&) const = default;
};

class EndpointOwners final {
 public:
  // `trace` must outlive it.
  explicit EndpointOwners(const Trace& trace);

  // Whose `address` is at record `id`. Where no call tells, the process of
  // that host, with owner 0; nullopt where there is none. `peer` is the other
  // end of the packet.
  std::optional<Program> Find(RecordId id, const loop::Address& address,
                              const loop::Address& peer) const;

 private:
  struct Claim {
    RecordId since = 0;
    Program program;
  };
  void TakeCall(const Record& record, const Call& call);
  void TakeSent(const Record& record, const Packet& packet);
  bool IsHostOf(ProcessId process, const loop::Ip& ip) const;
  void AddClaim(uint16_t port, RecordId since, Program program);

  const Trace& trace_;
  // Who made a descriptor.
  std::map<std::pair<ProcessId, int>, loop::Owner> makers_;
  std::map<uint16_t, std::vector<Claim>> claims_;  // by port, in order
};

}  // namespace simloop::trace

#endif  // TRACE_ENDPOINT_OWNERS_H_
