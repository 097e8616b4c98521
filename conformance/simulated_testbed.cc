// The simulated testbed: one host of a world of its own, calm, and on it one
// process, which replays the case.
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "conformance/run_file.h"
#include "conformance/testbed.h"
#include "sim/host.h"
#include "sim/kernel.h"
#include "sim/world.h"

namespace simloop::conformance {
namespace {

// Of simulated time: no case waits for as long.
constexpr absl::Duration kTimeLimit = absl::Hours(1);

sim::HostOptions Settings() {
  sim::HostOptions options;
  options.name = "host";
  options.address = {0x0a000001};
  return options;
}

class SimulatedTestbed final : public Testbed {
 public:
  SimulatedTestbed(sim::Host& host, sim::Kernel& kernel)
      : host_(host), kernel_(kernel) {}

  loop::Kernel& kernel() override { return kernel_; }
  void Pass(absl::Duration time) override { kernel_.Sleep(time); }
  bool TakeSigpipe() override {
    const uint64_t before = sigpipes_;
    sigpipes_ = kernel_.sigpipes();
    return sigpipes_ != before;
  }
  loop::Result<loop::Fd> Open(const std::string& path, int flags) override {
    return kernel_.OpenRegular(path, flags);
  }
  absl::Status SetSysctl(absl::string_view name,
                         absl::string_view value) override {
    return host_.SetSysctl(name, value);
  }
  absl::Status LimitDescriptors(int free) override {
    kernel_.LimitDescriptors(free);
    return absl::OkStatus();
  }

 private:
  sim::Host& host_;
  sim::Kernel& kernel_;
  uint64_t sigpipes_ = 0;
};

// What the recording machine had, as far as a host has it: a sysctl that is
// not modelled matters only to a case that sets it.
void SetUp(const Environment& environment, sim::Host& host) {
  for (const auto& settings : {environment.machine, environment.sysctls}) {
    for (const auto& [name, value] : settings) {
      static_cast<void>(host.SetSysctl(name, value));
    }
  }
}

}  // namespace

std::vector<Difference> ReplaySimulated(const Case& test,
                                        const Environment& environment) {
  sim::World world;
  sim::Host& host = world.AddHost(Settings());
  SetUp(environment, host);
  sim::Kernel kernel(host);
  SimulatedTestbed testbed(host, kernel);
  Replayer replayer(test, testbed);
  std::vector<Difference> differences;
  bool done = false;
  kernel.StartBlocking([&] {
    differences = replayer.Run();
    done = true;
    world.Stop();
  });
  static_cast<void>(world.Run(world.Now() + kTimeLimit));
  if (!done) {
    const Step& step = test.steps[replayer.step()];
    differences.push_back(
        {replayer.step(), absl::StrCat("step ", replayer.step(), " ",
                                       step.ToString(), ": waits for ever")});
  }
  return differences;
}

}  // namespace simloop::conformance
