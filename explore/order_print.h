// OrderPrint: a decorator that makes one number of all that a run's hosts can
// tell it by: of each site (Subject::Sites()) its events, in their order, with
// their times, and the decisions within them, up to the last time that a
// process of it ran. Runs that differ only in how events of different sites mix
// have one print.
#ifndef EXPLORE_ORDER_PRINT_H_
#define EXPLORE_ORDER_PRINT_H_

#include <cstdint>
#include <vector>

#include "sim/choice.h"

namespace simloop::explore {

class OrderPrint final : public sim::Scheduler {
 public:
  // Both must outlive it.
  OrderPrint(sim::Scheduler& scheduler, const std::vector<uint32_t>& sites)
      : scheduler_(scheduler), sites_(sites) {}

  uint32_t Pick(const sim::Choice& choice) override;
  void OnEvent(const sim::Event& event) override;
  uint64_t print() const;

 private:
  struct Line {
    uint64_t all = 0;
    uint64_t seen = 0;  // up to the last time that a process ran
  };

  void Add(uint64_t what);

  sim::Scheduler& scheduler_;
  const std::vector<uint32_t>& sites_;
  std::vector<Line> lines_;  // by site
  // The event that happens now: whose it is, and whether a process runs.
  uint32_t site_ = UINT32_MAX;
  bool runs_ = false;
};

}  // namespace simloop::explore

#endif  // EXPLORE_ORDER_PRINT_H_
