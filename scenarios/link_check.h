// LinkCheck: what the `link` and `router` blocks of a scenario mean, or what is
// wrong with them: ends, delays, probabilities, rates, queues, MTUs, NAT.
#ifndef SCENARIOS_LINK_CHECK_H_
#define SCENARIOS_LINK_CHECK_H_

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/faults.h"
#include "scenarios/field_check.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario.pb.h"

namespace simloop::scenarios {

class LinkCheck final {
 public:
  // `fields` takes the faults and must outlive it. `nodes` are the names of
  // the hosts, and behind them of the routers; `inet6`: which have IPv6.
  LinkCheck(FieldCheck& fields, std::vector<std::string> nodes,
            std::vector<bool> inet6)
      : fields_(fields), nodes_(std::move(nodes)), inet6_(std::move(inet6)) {}

  // The next link of the file.
  LinkPlan Check(const pb::Link& in, const Place& place);
  // The settings that a fault gives the link `plan`.
  void CheckChange(const pb::Link& in, const Place& place, LinkPlan* plan);
  // Which link joins the two; 0, with a fault at `place`, if none does.
  // `swapped`: it was declared the other way round.
  size_t Find(const std::string& a, const std::string& b, const Place& place,
              bool* swapped);
  // What is inside of a router: `plan` is the index-th router of the file,
  // its node the `node`-th. Call it when all links are checked.
  void CheckNat(const pb::Nat& in, const Place& place, size_t node,
                RouterPlan* plan);

 private:
  // Reads the fields of a pb::Link or pb::Way into `out`.
  template <typename Way>
  void CheckWay(const Way& in, const Place& place, bool inet6,
                sim::LinkOptions* out);
  template <typename Way>
  void CheckLatency(const Way& in, const Place& place, sim::LinkOptions* out);
  template <typename Way>
  void CheckQueue(const Way& in, const Place& place, sim::LinkOptions* out);
  void CheckBurst(const pb::BurstLoss& in, const Place& place,
                  sim::BurstLoss* out);
  void Probability(const Place& place, const char* field,
                   const std::string& text, uint32_t* ppb);

  FieldCheck& fields_;
  const std::vector<std::string> nodes_;
  const std::vector<bool> inet6_;
  // By the two ends, the lower index first: the link's index.
  std::map<std::pair<size_t, size_t>, size_t> joined_;
  std::vector<std::pair<size_t, size_t>> ends_;  // as declared
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_LINK_CHECK_H_
