// RouteTable: which link of a host leads to each other host: the fewest links,
// and of ways as short the one whose links were added first. Static, as routes
// of ip-route(8) are: a link that is down is not routed around.
#ifndef SIM_ROUTE_TABLE_H_
#define SIM_ROUTE_TABLE_H_

#include <cstdint>
#include <vector>

namespace simloop::sim {

class Channel;
class Host;

class RouteTable final {
 public:
  explicit RouteTable(const Host& self) : self_(self) {}

  // The host's end of it. Null if no way leads there. Only routers pass packets
  // on, and what is inside a NAT is not seen from outside. Constant time but
  // for the first call after a host or link was added.
  Channel* To(const Host& destination);

 private:
  void Build();

  const Host& self_;
  // By Host::index(). Not made for a host that has one link only.
  std::vector<Channel*> next_;
  uint64_t version_ = 0;  // of the world's topology; 0: never made
};

}  // namespace simloop::sim

#endif  // SIM_ROUTE_TABLE_H_
