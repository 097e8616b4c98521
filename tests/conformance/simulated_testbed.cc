// The testbed of a simulated kernel: one host of a world of its own, calm.
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "sim/host.h"
#include "sim/kernel.h"
#include "sim/world.h"
#include "tests/conformance/testbed.h"

namespace simloop::conformance {
namespace {

int Int(absl::string_view text) {
  int number = 0;
  static_cast<void>(absl::SimpleAtoi(text, &number));
  return number;
}

sim::HostOptions Settings(const Case& test) {
  sim::HostOptions options;
  options.name = "host";
  options.address = {0x0a000001};
  if (LimitsDescriptors(test)) options.descriptor_limit = kFewDescriptors;
  for (const Step& step : test.steps) {
    if (step.call != "sysctl") break;
    const std::string name = step.args.Text("name");
    const std::string value = step.args.Text("value");
    if (name == "net.core.somaxconn") options.somaxconn = Int(value);
    if (name == "net.ipv4.ip_local_port_range") {
      const std::vector<std::string> range =
          absl::StrSplit(value, ' ', absl::SkipEmpty());
      options.first_ephemeral_port = static_cast<uint16_t>(Int(range.front()));
      options.last_ephemeral_port = static_cast<uint16_t>(Int(range.back()));
    }
  }
  return options;
}

class SimulatedTestbed final : public Testbed {
 public:
  explicit SimulatedTestbed(const Case& test)
      : host_(world_.AddHost(Settings(test))), kernel_(host_) {}

  loop::Kernel& kernel() override { return kernel_; }
  void Pass(absl::Duration time) override {
    const loop::Instant until = world_.Now() + time;
    // Time is that of the last event: one more, so that all of it passes.
    world_.At(until, "settled", [this] { world_.Stop(); });
    static_cast<void>(world_.Run(until));
  }
  loop::Address ToKernel(const loop::Address& address) const override {
    return address;
  }
  loop::Address ToCase(const loop::Address& address) const override {
    return address;
  }

 private:
  sim::World world_;
  sim::Host& host_;
  sim::Kernel kernel_;
};

}  // namespace

bool LimitsDescriptors(const Case& test) {
  for (const Step& step : test.steps) {
    if (step.call == "rlimit_nofile") return true;
  }
  return false;
}

std::unique_ptr<Testbed> MakeSimulatedTestbed(const Case& test) {
  return std::make_unique<SimulatedTestbed>(test);
}

}  // namespace simloop::conformance
