// The kernels on which net is tested.
#include "tests/net/back_end.h"

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
  void Run(loop::EventLoop& loop) override { loop.Run(); }

 private:
  loop::LinuxKernel kernel_;
  loop::MonotonicClock clock_;
};

class Simulated final : public BackEnd {
 public:
  Simulated() : kernel_(world_.AddHost(Machine())) {}

  loop::Kernel& kernel() override { return kernel_; }
  const loop::Clock& clock() override { return world_; }
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
  static sim::HostOptions Machine() {
    sim::HostOptions options;
    options.name = "host";
    options.address = *loop::Ipv4::Parse("10.0.0.1");
    return options;
  }

  sim::World world_;
  sim::Kernel kernel_;
};

}  // namespace

BackEndFactory SimulatedBackEnd() {
  return {"Simulated", [] { return std::unique_ptr<BackEnd>(new Simulated); }};
}

BackEndFactory LiveBackEnd() {
  return {"Live", [] { return std::unique_ptr<BackEnd>(new Live); }};
}

}  // namespace simloop::net
