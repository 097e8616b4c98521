#include "sim/tcp/port_table.h"

#include "loop/check.h"

namespace simloop::sim::tcp {

// sk_reuseport_match().
bool PortTable::Shares(const Bucket& bucket, const PortUse& use) {
  if (!use.reuse_port) return false;
  switch (bucket.sharing) {
    case Bucket::Sharing::kNone:
      return false;
    case Bucket::Sharing::kAll:
      return true;
    case Bucket::Sharing::kSameAddress:
      return bucket.shared.Covers(use.ip);
  }
  return false;
}

// inet_csk_get_port(), inet_csk_bind_conflict().
bool PortTable::Conflicts(const PortUse& use) const {
  const auto found = buckets_.find(use.port);
  if (found == buckets_.end()) return false;
  const Bucket& bucket = found->second;
  if (Shares(bucket, use)) return false;
  for (const PortUse* other : bucket.uses) {
    if (other == &use || !Overlap(*other, use)) continue;
    const bool reused = use.reuse && other->reuse && !other->listening;
    const bool shared = use.reuse_port && other->reuse_port;
    if (!reused && !shared) return true;
  }
  return false;
}

void PortTable::Settle(const PortUse& use) {
  Bucket& bucket = buckets_[use.port];
  using Sharing = Bucket::Sharing;
  if (bucket.uses.size() == 1) {
    bucket.sharing = use.reuse_port ? Sharing::kAll : Sharing::kNone;
  } else {
    if (!use.reuse_port) {
      bucket.sharing = Sharing::kNone;
    } else if (!Shares(bucket, use)) {
      bucket.sharing = Sharing::kSameAddress;
    }
  }
  bucket.shared = use;
}

bool PortTable::Unused(uint16_t port) const {
  const auto found = buckets_.find(port);
  return found == buckets_.end() || found->second.uses.empty();
}

bool PortTable::OnlyAutomatic(uint16_t port) const {
  const auto found = buckets_.find(port);
  if (found == buckets_.end()) return true;
  for (const PortUse* use : found->second.uses) {
    if (!use->automatic) return false;
  }
  return true;
}

void PortTable::Add(PortUse& use) {
  SIMLOOP_CHECK(use.held(), "a use has a port");
  Bucket& bucket = buckets_[use.port];
  if (bucket.uses.empty()) bucket = Bucket();
  use.index = static_cast<uint32_t>(bucket.uses.size());
  bucket.uses.push_back(&use);
}

void PortTable::Remove(PortUse& use) {
  if (!use.held()) return;
  std::vector<PortUse*>& list = buckets_[use.port].uses;
  SIMLOOP_CHECK(use.index < list.size() && list[use.index] == &use,
                "the use stands in the table");
  list[use.index] = list.back();
  list[use.index]->index = use.index;
  list.pop_back();
  use.port = 0;
}

}  // namespace simloop::sim::tcp
