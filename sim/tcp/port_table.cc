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

PortTable::Bucket& PortTable::Holder::Widen() {
  if (bucket == nullptr) {
    bucket = std::make_unique<Bucket>();
    bucket->uses.push_back(only);
  }
  return *bucket;
}

// inet_csk_get_port(), inet_csk_bind_conflict().
bool PortTable::Conflicts(const PortUse& use) const {
  const auto found = holders_.find(use.port);
  if (found == holders_.end()) return false;
  const Holder& holder = found->second;
  if (holder.bucket != nullptr && Shares(*holder.bucket, use)) return false;
  for (const PortUse* other : holder.uses()) {
    if (other == &use || !Overlap(*other, use)) continue;
    const bool reused = use.reuse && other->reuse && !other->listening;
    const bool shared = use.reuse_port && other->reuse_port;
    if (!reused && !shared) return true;
  }
  return false;
}

void PortTable::Settle(const PortUse& use) {
  Bucket& bucket = holders_.find(use.port)->second.Widen();
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

bool PortTable::Unused(uint16_t port) const { return !holders_.contains(port); }

bool PortTable::OnlyAutomatic(uint16_t port) const {
  const auto found = holders_.find(port);
  if (found == holders_.end()) return true;
  for (const PortUse* use : found->second.uses()) {
    if (!use->automatic) return false;
  }
  return true;
}

void PortTable::Add(PortUse& use) {
  SIMLOOP_CHECK(use.held(), "a use has a port");
  Holder& holder = holders_[use.port];
  use.index = 0;
  if (holder.only == nullptr) {
    holder.only = &use;
    return;
  }
  std::vector<PortUse*>& uses = holder.Widen().uses;
  use.index = static_cast<uint32_t>(uses.size());
  uses.push_back(&use);
}

PortTable::HolderMap::iterator PortTable::Find(const PortUse& use) {
  const auto found = holders_.find(use.port);
  SIMLOOP_CHECK(found != holders_.end(), "the port is held");
  const absl::Span<PortUse* const> uses = found->second.uses();
  SIMLOOP_CHECK(use.index < uses.size() && uses[use.index] == &use,
                "the use stands in the table");
  return found;
}

void PortTable::Replace(const PortUse& before, PortUse& now) {
  Holder& holder = Find(before)->second;
  if (holder.only == &before) holder.only = &now;
  if (holder.bucket != nullptr) holder.bucket->uses[before.index] = &now;
}

void PortTable::Remove(PortUse& use) {
  if (!use.held()) return;
  const auto found = Find(use);
  if (found->second.uses().size() == 1) {
    holders_.erase(found);
  } else {
    std::vector<PortUse*>& list = found->second.bucket->uses;
    list[use.index] = list.back();
    list[use.index]->index = use.index;
    list.pop_back();
  }
  use.port = 0;
}

}  // namespace simloop::sim::tcp
