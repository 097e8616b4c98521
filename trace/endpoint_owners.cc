// Follows ports through the calls of a trace.
#include "trace/endpoint_owners.h"

#include <algorithm>
#include <variant>

namespace simloop::trace {

EndpointOwners::EndpointOwners(const Trace& trace) : trace_(trace) {
  for (RecordId id = 1; id <= trace.size(); ++id) {
    const Record& record = trace.Get(id);
    if (const auto* call = std::get_if<Call>(&record.body)) {
      TakeCall(record, *call);
    } else if (const auto* packet = std::get_if<Packet>(&record.body)) {
      TakeSent(record, *packet);
    }
  }
}

void EndpointOwners::TakeCall(const Record& record, const Call& call) {
  const bool ok = call.error == loop::Errno::kOk;
  const Program program{record.process, record.owner};
  switch (call.call) {
    case Syscall::kSocket:
    case Syscall::kAccept4:
    case Syscall::kDup:
    case Syscall::kDup2:
      if (ok) {
        makers_[{record.process, call.other.number}] = record.owner;
      }
      return;
    case Syscall::kBind:
      if (ok && call.address.port != 0) {
        AddClaim(call.address.port, record.id, program);
      }
      return;
    case Syscall::kGetsockname:
      if (ok && call.address.port != 0) {
        const auto maker = makers_.find({record.process, call.fd.number});
        AddClaim(call.address.port, record.id,
                 {record.process,
                  maker == makers_.end() ? record.owner : maker->second});
      }
      return;
    default:
      return;
  }
}

void EndpointOwners::TakeSent(const Record& record, const Packet& packet) {
  if (packet.step != Packet::Step::kSent || record.cause == 0) return;
  const Record& cause = trace_.Get(record.cause);
  const auto* call = std::get_if<Call>(&cause.body);
  if (call == nullptr) return;
  // A datagram's sender may be bound by sending (udp(7)).
  if (call->call == Syscall::kConnect || packet.protocol == loop::kIpprotoUdp) {
    AddClaim(packet.from.port, record.id, {cause.process, cause.owner});
  }
}

bool EndpointOwners::IsHostOf(ProcessId process, const loop::Ip& ip) const {
  if (ip.is_loopback() || ip.is_any()) return true;
  return process < trace_.processes().size() &&
         trace_.processes()[process].address.ip == ip;
}

void EndpointOwners::AddClaim(uint16_t port, RecordId since, Program program) {
  std::vector<Claim>& claims = claims_[port];
  if (claims.empty() || claims.back().program != program) {
    claims.push_back({since, program});
  }
}

std::optional<Program> EndpointOwners::Find(RecordId id,
                                            const loop::Address& address,
                                            const loop::Address& peer) const {
  const auto claims = claims_.find(address.port);
  if (claims != claims_.end()) {
    for (auto claim = claims->second.rbegin(); claim != claims->second.rend();
         ++claim) {
      if (claim->since <= id && IsHostOf(claim->program.process, address.ip)) {
        return claim->program;
      }
    }
  }
  for (size_t i = trace_.processes().size(); i-- > 0;) {
    const ProcessId process = static_cast<ProcessId>(i);
    if (trace_.processes()[i].address.ip == address.ip) {
      return Program{process, 0};
    }
  }
  // Over loopback both ends are one host's.
  if (address.ip.is_loopback() && peer != address) {
    if (std::optional<Program> other = Find(id, peer, peer)) {
      return Program{other->process, 0};
    }
  }
  return std::nullopt;
}

}  // namespace simloop::trace
