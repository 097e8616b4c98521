// The kernels on which net is tested.
#include "tests/net/back_end.h"

#include "loop/linux_kernel.h"

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

}  // namespace

BackEndFactory LiveBackEnd() {
  return {"Live", [] { return std::unique_ptr<BackEnd>(new Live); }};
}

}  // namespace simloop::net
