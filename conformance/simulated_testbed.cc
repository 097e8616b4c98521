// The simulated testbed: one host of a world of its own, calm, and on it one
// process, which replays the case.
#include <cstdint>

#include "absl/functional/function_ref.h"
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
// The recorder ran with no limit to speak of; none of its cases comes near.
constexpr int kDescriptorLimit = 65536;

sim::HostOptions Settings() {
  sim::HostOptions options;
  options.name = "host";
  options.address = {0x0a000001};
  options.descriptor_limit = kDescriptorLimit;
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

// Runs `body` as a process of a host of a world of its own; answers whether it
// came to its end.
bool RunProcess(const Environment& environment,
                absl::FunctionRef<void(SimulatedTestbed&, sim::Kernel&)> body) {
  sim::World world;
  sim::Host& host = world.AddHost(Settings());
  SetUp(environment, host);
  sim::Kernel kernel(host);
  SimulatedTestbed testbed(host, kernel);
  bool done = false;
  kernel.StartBlocking([&] {
    body(testbed, kernel);
    done = true;
    world.Stop();
  });
  static_cast<void>(world.Run(world.Now() + kTimeLimit));
  return done;
}

}  // namespace

std::vector<Difference> ReplaySimulated(const Case& test,
                                        const Environment& environment) {
  std::vector<Difference> differences;
  size_t step = 0;
  const bool done =
      RunProcess(environment, [&](SimulatedTestbed& testbed, sim::Kernel&) {
        Replayer replayer(test, testbed);
        differences = replayer.Run(&step);
      });
  if (!done) {
    differences.push_back(
        {step, absl::StrCat("step ", step, " ", test.steps[step].ToString(),
                            ": waits for ever")});
  }
  return differences;
}

SimulatedAnswers AskSimulated(const Case& test,
                              const Environment& environment) {
  SimulatedAnswers answers;
  RunProcess(environment, [&](SimulatedTestbed& testbed, sim::Kernel& kernel) {
    Replayer replayer(test, testbed);
    for (const Step& step : test.steps) {
      answers.steps.push_back(replayer.Make(step));
    }
    for (const auto& [name, fd] : replayer.descriptors().open()) {
      static_cast<void>(kernel.Close(fd));
    }
    answers.open_descriptors = kernel.open_descriptors();
  });
  return answers;
}

}  // namespace simloop::conformance
