// NameCheck: what a `name` block of a scenario means, or what is wrong with it.
#ifndef SCENARIOS_NAME_CHECK_H_
#define SCENARIOS_NAME_CHECK_H_

#include <string>
#include <vector>

#include "scenarios/field_check.h"
#include "scenarios/scenario.h"
#include "scenarios/scenario.pb.h"

namespace simloop::scenarios {

class NameCheck final {
 public:
  // Both must outlive it.
  NameCheck(FieldCheck& fields, const std::vector<std::string>& hosts)
      : fields_(fields), hosts_(hosts) {}

  NamePlan Check(const pb::Name& in, const Place& place);
  // Of a fault: what is not given is as it was declared.
  NamePlan CheckChange(const pb::Name& in, const Place& place,
                       const std::vector<NamePlan>& plans);
  const std::vector<std::string>& names() const { return names_; }

 private:
  void Fields(const pb::Name& in, const Place& place, NamePlan* out);

  FieldCheck& fields_;
  const std::vector<std::string>& hosts_;
  std::vector<std::string> names_;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_NAME_CHECK_H_
