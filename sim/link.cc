#include "sim/link.h"

#include "sim/host.h"
#include "sim/world.h"

namespace simloop::sim {

Link::Link(World& world, Host& a, Host& b, const LinkOptions& to_b,
           const LinkOptions& to_a, uint32_t number)
    : world_(world),
      a_(a),
      b_(b),
      number_(number),
      to_a_(b.AddChannel(*this, a, to_a)),
      to_b_(a.AddChannel(*this, b, to_b)) {}

void Link::SetState(Way way, State state) {
  channel(way).SetState(state);
  if (state == State::kDown) LoseWhatIsUnderWay(channel(way).to());
}

void Link::LoseWhatIsUnderWay(const Host& to) {
  // By index: the pool may grow while an error is sent about one of them.
  for (size_t i = 0; i < world_.packets().size(); ++i) {
    Packet& packet = world_.packets().at(i);
    if (packet.link != this || packet.to != &to || !packet.scheduled()) {
      continue;
    }
    world_.queue().Cancel(packet);
    packet.to->Drop(packet, "link down");
  }
}

}  // namespace simloop::sim
