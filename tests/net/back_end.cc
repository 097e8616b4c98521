// The kernels on which net is tested.
#include "tests/net/back_end.h"

#include <cstdlib>

#include "gtest/gtest.h"
#include "loop/linux_kernel.h"
#include "sim/kernel.h"
#include "sim/world.h"

namespace simloop::net {
namespace {

class Live final : public BackEnd {
 public:
  loop::Kernel& kernel() override { return kernel_; }
  const loop::Clock& clock() override { return clock_; }
  void Work(absl::Duration time) override {
    const loop::Instant end = clock_.Now() + time;
    while (clock_.Now() < end) {
    }
  }
  void Run(loop::EventLoop& loop) override { loop.Run(); }

 private:
  loop::LinuxKernel kernel_;
  loop::MonotonicClock clock_;
};

class Simulated final : public BackEnd {
 public:
  explicit Simulated(int descriptors = 0, bool gathers = false)
      : gathers_(gathers),
        host_(world_.AddHost(Machine(descriptors))),
        kernel_(host_) {}

  loop::Kernel& kernel() override { return kernel_; }
  const loop::Clock& clock() override { return host_.clock(); }
  bool gathers() const override { return gathers_; }
  // A program takes no time of the world: its clock jumps.
  void Work(absl::Duration time) override { host_.clock().Jump(time); }
  void Run(loop::EventLoop& loop) override {
    bool over = false;
    kernel_.Start([&] {
      const loop::EventLoop::Turn turn =
          loop.RunOnce(loop::Instant::Infinite());
      over = turn == loop::EventLoop::Turn::kDone;
      return turn == loop::EventLoop::Turn::kRan;
    });
    (void)world_.Run(loop::Instant::Infinite());
    kernel_.Halt();
    EXPECT_TRUE(over) << "the process waits for what will never happen";
  }

 private:
  static sim::HostOptions Machine(int descriptors) {
    sim::HostOptions options;
    options.name = "host";
    options.address = *loop::Ipv4::Parse("10.0.0.1");
    if (descriptors > 0) options.descriptor_limit = descriptors;
    return options;
  }

  const bool gathers_;
  sim::World world_;
  sim::Host& host_;
  sim::Kernel kernel_;
};

}  // namespace

BackEndFactory SimulatedBackEnd() {
  // gathered_programs_test.sh.
  static const bool gathers = std::getenv("SIMLOOP_TEST_GATHERS") != nullptr;
  return {"Simulated",
          [] { return std::unique_ptr<BackEnd>(new Simulated(0, gathers)); }};
}

BackEndFactory GatheringBackEnd() {
  return {"Gathering", [] {
            return std::unique_ptr<BackEnd>(new Simulated(0, /*gathers=*/true));
          }};
}

std::unique_ptr<BackEnd> SimulatedWith(int descriptors) {
  return std::make_unique<Simulated>(descriptors);
}

BackEndFactory LiveBackEnd() {
  return {"Live", [] { return std::unique_ptr<BackEnd>(new Live); }};
}

}  // namespace simloop::net
