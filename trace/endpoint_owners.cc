// Follows ports through the calls of a trace.
#include "trace/endpoint_owners.h"

#include <algorithm>
#include <variant>

namespace simloop::trace {
namespace {

constexpr uint8_t kSyn = 0x02;
constexpr uint8_t kAck = 0x10;

// connect(2) to 0.0.0.0 goes to this host.
bool Reaches(const loop::Address& asked, const loop::Address& to) {
  return asked.port == to.port && (asked.ip == to.ip || asked.ip.is_any());
}

}  // namespace

EndpointOwners::EndpointOwners(const Trace& trace) : trace_(trace) {
  for (RecordId id = 1; id <= trace.size(); ++id) {
    const Record& record = trace.Get(id);
    if (const auto* call = std::get_if<Call>(&record.body)) {
      TakeCall(record, *call);
    } else if (const auto* packet = std::get_if<Packet>(&record.body)) {
      if (packet->step == Packet::Step::kSent &&
          (packet->flags & (kSyn | kAck)) == kSyn && packet->reason.empty()) {
        TakeSyn({id, packet->from, packet->to});
      }
    }
  }
}

void EndpointOwners::TakeCall(const Record& record, const Call& call) {
  const bool ok = call.error == loop::Errno::kOk;
  const Program program{record.process, record.owner};
  switch (call.call) {
    case Syscall::kSocket:
    case Syscall::kAccept4:
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
    case Syscall::kConnect: {
      if (!ok && call.error != loop::Errno::kEINPROGRESS) return;
      // The SYN of this connect was recorded just before it, if at all.
      const auto syn =
          std::find_if(syns_.rbegin(), syns_.rend(), [&](const Syn& s) {
            return Reaches(call.address, s.to) &&
                   IsHostOf(record.process, s.from.ip);
          });
      if (syn == syns_.rend()) {
        connects_.push_back({program, call.address});
      } else {
        AddClaim(syn->from.port, syn->id, program);
        syns_.erase(std::next(syn).base());
      }
      return;
    }
    default:
      return;
  }
}

void EndpointOwners::TakeSyn(const Syn& syn) {
  const auto connect =
      std::find_if(connects_.begin(), connects_.end(), [&](const Connect& c) {
        return Reaches(c.to, syn.to) &&
               IsHostOf(c.program.process, syn.from.ip);
      });
  if (connect == connects_.end()) {
    syns_.push_back(syn);
  } else {
    AddClaim(syn.from.port, syn.id, connect->program);
    connects_.erase(connect);
  }
}

bool EndpointOwners::IsHostOf(ProcessId process, loop::Ipv4 ip) const {
  if (ip.is_loopback() || ip.is_any()) return true;
  return process < trace_.processes().size() &&
         trace_.processes()[process].address.ip == ip;
}

void EndpointOwners::AddClaim(uint16_t port, RecordId since, Program program) {
  std::vector<Claim>& claims = claims_[port];
  claims.push_back({since, program});
  std::stable_sort(
      claims.begin(), claims.end(),
      [](const Claim& a, const Claim& b) { return a.since < b.since; });
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
