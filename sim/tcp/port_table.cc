#include "sim/tcp/port_table.h"

#include "loop/check.h"

namespace simloop::sim::tcp {

bool PortTable::Conflicts(const PortUse& use) const {
  const auto found = uses_.find(use.port);
  if (found == uses_.end()) return false;
  for (const PortUse* other : found->second) {
    if (other == &use) continue;
    if (!other->Covers(use.ip) && !use.Covers(other->ip)) continue;
    const bool reused = use.reuse && other->reuse && !other->listening;
    const bool shared = use.reuse_port && other->reuse_port;
    if (!reused && !shared) return true;
  }
  return false;
}

bool PortTable::Unused(uint16_t port) const {
  const auto found = uses_.find(port);
  return found == uses_.end() || found->second.empty();
}

bool PortTable::OnlyAutomatic(uint16_t port) const {
  const auto found = uses_.find(port);
  if (found == uses_.end()) return true;
  for (const PortUse* use : found->second) {
    if (!use->automatic) return false;
  }
  return true;
}

void PortTable::Add(PortUse& use) {
  SIMLOOP_CHECK(use.held(), "a use has a port");
  std::vector<PortUse*>& list = uses_[use.port];
  use.index = static_cast<uint32_t>(list.size());
  list.push_back(&use);
}

void PortTable::Remove(PortUse& use) {
  if (!use.held()) return;
  std::vector<PortUse*>& list = uses_[use.port];
  SIMLOOP_CHECK(use.index < list.size() && list[use.index] == &use,
                "the use stands in the table");
  list[use.index] = list.back();
  list[use.index]->index = use.index;
  list.pop_back();
  use.port = 0;
}

}  // namespace simloop::sim::tcp
