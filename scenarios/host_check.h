// HostCheck: what the `host` blocks of a scenario mean, or what is wrong with
// them: addresses, settings, sysctls, freedoms.
#ifndef SCENARIOS_HOST_CHECK_H_
#define SCENARIOS_HOST_CHECK_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "loop/ip.h"
#include "scenarios/faults.h"
#include "scenarios/field_check.h"
#include "scenarios/scenario.pb.h"
#include "sim/host.h"

namespace simloop::scenarios {

class HostCheck final {
 public:
  // `fields` takes the faults and must outlive it.
  explicit HostCheck(FieldCheck& fields) : fields_(fields) {}

  // The next host of the file. Where something is wrong, the default stands.
  sim::HostOptions Check(const pb::Host& in, const Place& place);
  // The next router, behind all hosts.
  sim::HostOptions CheckRouter(const pb::Router& in, const Place& place);
  // Of the hosts so far, in the order of the file.
  const std::vector<std::string>& names() const { return names_; }

 private:
  void CheckName(const std::string& name, const Place& place);
  void CheckSettings(const pb::Host& in, const Place& place,
                     sim::HostOptions* out);
  loop::Ipv4 Address(const std::string& text, loop::Ipv4 automatic,
                     const Place& place);
  std::optional<loop::Ip> Address6(const std::string& text, const Place& place);
  void TakeAddress(loop::Ip address, const char* field, const Place& place);
  // Sets them as a running host does, and takes its settings over.
  void CheckSysctls(const pb::Host& in, const Place& place,
                    sim::HostOptions* out);
  // As Faults want it, what SetSysctl() has answered.
  void AddSysctlFault(const pb::Sysctl& in, const Place& place,
                      const absl::Status& status);

  FieldCheck& fields_;
  std::vector<std::string> names_;
  std::vector<std::string> router_names_;
  std::set<loop::Ip> addresses_;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_HOST_CHECK_H_
