#include "sim/route_table.h"

#include <cstddef>
#include <deque>

#include "sim/host.h"
#include "sim/link.h"
#include "sim/nat.h"
#include "sim/prefetch.h"
#include "sim/router.h"
#include "sim/world.h"

namespace simloop::sim {
namespace {

// Channels that are asked for before they are needed.
constexpr size_t kAhead = 3;

Host& OtherEnd(const Link& link, const Host& end) {
  return &link.a() == &end ? link.b() : link.a();
}

// A router that was come to over `by`, null for the first.
struct Reached {
  const Host* host;
  const Link* by;
  Channel* first;  // by which the way begins
};

// Whether only the outside of `router` may be gone on to.
bool OutsideOnly(const Host& host, const Link* by) {
  const Router* router = host.router();
  return by != nullptr && router != nullptr && router->nat() != nullptr &&
         !router->nat()->Inside(by);
}

}  // namespace

Channel* RouteTable::To(const Host& destination) {
  if (self_.links().size() == 1) {
    Link* const only = self_.links()[0];
    Host& peer = OtherEnd(*only, self_);
    Channel* const way = &only->ChannelOf(self_);
    if (&peer == &destination) return way;
    if (peer.router() == nullptr) return nullptr;
    if (peer.router()->nat() == nullptr) {
      return peer.routes().To(destination) == nullptr ? nullptr : way;
    }
  }
  if (version_ != self_.world().topology()) Build();
  const size_t index = destination.index();
  // Who sends to many often goes through them in order.
  if (index + kAhead < next_.size()) {
    Prefetch(next_[index + kAhead], sizeof(Channel));
  }
  return next_[index];
}

void RouteTable::Build() {
  version_ = self_.world().topology();
  const size_t hosts = self_.world().host_count();
  next_.assign(hosts, nullptr);
  std::vector<bool> passed(2 * hosts);
  std::deque<Reached> open = {{&self_, nullptr, nullptr}};
  while (!open.empty()) {
    const Reached reached = open.front();
    open.pop_front();
    const bool outside_only = OutsideOnly(*reached.host, reached.by);
    for (Link* link : reached.host->links()) {
      if (outside_only && reached.host->router()->nat()->Inside(link)) continue;
      Host& other = OtherEnd(*link, *reached.host);
      if (&other == &self_) continue;
      Channel* const first =
          reached.first == nullptr ? &link->ChannelOf(self_) : reached.first;
      if (next_[other.index()] == nullptr) next_[other.index()] = first;
      if (other.router() == nullptr) continue;
      const size_t side = 2 * other.index() + OutsideOnly(other, link);
      if (passed[side]) continue;
      passed[side] = true;
      open.push_back({&other, link, first});
    }
  }
}

}  // namespace simloop::sim
