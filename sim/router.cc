#include "sim/router.h"

#include "sim/host.h"
#include "sim/link.h"
#include "sim/train.h"

namespace simloop::sim {

bool Router::Take(Packet& packet) {
  if (nat_ != nullptr && host_.HasAddress(packet.to_endpoint().ip) &&
      !nat_->Inside(packet.link)) {
    const Nat::Verdict verdict = nat_->TranslateIn(&packet);
    if (!Obey(verdict, packet)) return true;
  }
  if (host_.IsLocal(packet.to_endpoint().ip)) return false;
  Forward(packet);
  return true;
}

bool Router::Obey(Nat::Verdict verdict, Packet& packet) {
  if (verdict == Nat::Verdict::kPass) return true;
  if (verdict == Nat::Verdict::kReset && packet.protocol() == Protocol::kTcp &&
      !packet.segment.has(tcp::kRst)) {
    host_.tcp().TransmitReset(packet.segment);
  }
  host_.Drop(packet, "no mapping");
  return false;
}

void Router::Forward(Packet& packet) {
  if (packet.ttl <= 1) {
    host_.SendError(packet, Icmp::Code::kTimeExceeded, 0);
    host_.Drop(packet, "ttl exceeded");
    return;
  }
  --packet.ttl;
  if (packet.protocol() == Protocol::kUdp) packet.datagram.ttl = packet.ttl;
  ++packet.hops;
  Link* const link = host_.LinkTo(packet.to_endpoint().ip);
  if (link == nullptr) {
    host_.SendError(packet, Icmp::Code::kNetUnreachable, 0);
    host_.Drop(packet, "no route");
    return;
  }
  const uint32_t mtu = link->MtuFrom(host_);
  if (Train::LeastMtu(packet) > mtu) {
    host_.SendError(packet, Icmp::Code::kFragmentationNeeded, mtu);
    host_.Drop(packet, "too big");
    return;
  }
  if (nat_ != nullptr && nat_->Inside(packet.link) && !nat_->Inside(link) &&
      !Obey(nat_->TranslateOut(&packet), packet)) {
    return;
  }
  link->Send(host_, packet);
}

}  // namespace simloop::sim
