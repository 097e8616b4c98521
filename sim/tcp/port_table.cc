#include "sim/tcp/port_table.h"

#include <algorithm>

#include "loop/check.h"

namespace simloop::sim::tcp {

void PortTable::Holder::SetOnly(PortUse* use) {
  only_ = use;
  only_automatic_ = use->automatic;
}

PortTable::Bucket& PortTable::Holder::Widen() {
  if (!wide_) {
    auto bucket = std::make_unique<Bucket>();
    bucket->uses.push_back(only_);
    bucket->bound = only_automatic_ ? 0 : 1;
    bucket_ = bucket.release();
    wide_ = true;
  }
  return *bucket_;
}

void PortTable::Holder::Clear() {
  if (wide_) delete bucket_;
  only_ = nullptr;
  wide_ = false;
}

PortTable::Holder& PortTable::HolderOf(const PortUse& use) {
  Page* const page = pages_[use.port / kPage].get();
  SIMLOOP_CHECK(page != nullptr, "the port is held");
  Holder& holder = (*page)[use.port % kPage];
  const Bucket* const bucket = holder.bucket();
  const bool stands = bucket == nullptr ? holder.only() == &use
                                        : use.index < bucket->uses.size() &&
                                              bucket->uses[use.index] == &use;
  SIMLOOP_CHECK(stands, "the use stands in the table");
  return holder;
}

// sk_reuseport_match().
bool PortTable::Shares(const Bucket& bucket, const PortUse& use) {
  if (!use.reuse_port || bucket.settled == nullptr) return false;
  switch (bucket.settled->sharing) {
    case Sharing::kNone:
      return false;
    case Sharing::kAll:
      return true;
    case Sharing::kSameAddress:
      return bucket.settled->last.Covers(use.ip);
  }
  return false;
}

// inet_csk_get_port(), inet_csk_bind_conflict().
bool PortTable::Conflicts(const PortUse& use) const {
  const Holder* const holder = Find(use.port);
  if (holder == nullptr || holder->empty()) return false;
  const auto conflicts = [&use](const PortUse* other) {
    if (other == &use || !Overlap(*other, use)) return false;
    const bool reused = use.reuse && other->reuse && !other->listening;
    const bool shared = use.reuse_port && other->reuse_port;
    return !reused && !shared;
  };
  const Bucket* const bucket = holder->bucket();
  if (bucket == nullptr) return conflicts(holder->only());
  return !Shares(*bucket, use) &&
         std::any_of(bucket->uses.begin(), bucket->uses.end(), conflicts);
}

void PortTable::Settle(const PortUse& use) {
  Bucket& bucket = HolderOf(use).Widen();
  if (bucket.settled == nullptr) bucket.settled = std::make_unique<Settled>();
  Settled& settled = *bucket.settled;
  if (bucket.uses.size() == 1) {
    settled.sharing = use.reuse_port ? Sharing::kAll : Sharing::kNone;
  } else if (!use.reuse_port) {
    settled.sharing = Sharing::kNone;
  } else if (!Shares(bucket, use)) {
    settled.sharing = Sharing::kSameAddress;
  }
  settled.last = use;
}

void PortTable::Add(PortUse& use) {
  SIMLOOP_CHECK(use.held(), "a use has a port");
  std::unique_ptr<Page>& page = pages_[use.port / kPage];
  if (page == nullptr) page = std::make_unique<Page>();
  Holder& holder = (*page)[use.port % kPage];
  use.index = 0;
  if (holder.empty()) {
    holder.SetOnly(&use);
    return;
  }
  Bucket& bucket = holder.Widen();
  use.index = static_cast<uint32_t>(bucket.uses.size());
  bucket.uses.push_back(&use);
  if (use.automatic) return;
  ++bucket.bound;
  holder.Count();
}

void PortTable::Replace(const PortUse& before, PortUse& now) {
  Holder& holder = HolderOf(before);
  if (Bucket* const bucket = holder.bucket()) {
    bucket->uses[before.index] = &now;
  } else {
    holder.SetOnly(&now);
  }
}

void PortTable::Remove(PortUse& use) {
  if (!use.held()) return;
  Holder& holder = HolderOf(use);
  Bucket* const bucket = holder.bucket();
  if (bucket == nullptr || bucket->uses.size() == 1) {
    holder.Clear();
  } else {
    bucket->uses[use.index] = bucket->uses.back();
    bucket->uses[use.index]->index = use.index;
    bucket->uses.pop_back();
    if (!use.automatic) {
      --bucket->bound;
      holder.Count();
    }
  }
  use.port = 0;
}

}  // namespace simloop::sim::tcp
