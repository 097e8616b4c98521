// FaultCheck: what a `fault` block of a scenario means, or what is wrong with
// it; its time is scenario_check's.
#ifndef SCENARIOS_FAULT_CHECK_H_
#define SCENARIOS_FAULT_CHECK_H_

#include <string>
#include <vector>

#include "scenarios/faults.h"
#include "scenarios/field_check.h"
#include "scenarios/link_check.h"
#include "scenarios/name_check.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario.pb.h"

namespace simloop::scenarios {

class FaultCheck final {
 public:
  // All must outlive it.
  FaultCheck(FieldCheck& fields, LinkCheck& links, NameCheck& names,
             const std::vector<std::string>& hosts, const Scenario& scenario)
      : fields_(fields),
        links_(links),
        names_(names),
        hosts_(hosts),
        plans_(scenario.links),
        name_plans_(scenario.names) {}

  FaultPlan Check(const pb::Fault& in, const Place& place);

 private:
  void Host(FaultPlan::Kind kind, const char* what, const std::string& name,
            const Place& place, FaultPlan* out);
  void Ends(const char* what, const std::string& a, const std::string& b,
            const Place& place, FaultPlan* out);
  void Cut(const pb::Cut& in, const Place& place, FaultPlan* out);
  void Change(const pb::Link& in, const Place& place, FaultPlan* out);
  void Clock(const pb::ClockChange& in, const Place& place, FaultPlan* out);

  FieldCheck& fields_;
  LinkCheck& links_;
  NameCheck& names_;
  const std::vector<std::string>& hosts_;
  const std::vector<LinkPlan>& plans_;
  const std::vector<NamePlan>& name_plans_;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_FAULT_CHECK_H_
