// Testbed: a kernel that a case is replayed on, with the time and the
// addresses that belong to it. An interface because the simulated and the live
// one differ in all three.
#ifndef TESTS_CONFORMANCE_TESTBED_H_
#define TESTS_CONFORMANCE_TESTBED_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "loop/address.h"
#include "loop/kernel.h"
#include "tests/conformance/case_file.h"

namespace simloop::conformance {

class Testbed {
 public:
  virtual ~Testbed() = default;
  virtual loop::Kernel& kernel() = 0;
  // Lets `time` go by, with all that happens in it.
  virtual void Pass(absl::Duration time) = 0;
  // A case's address (127.0.0.N, 0.0.0.0) as this kernel has it, and back.
  virtual loop::Address ToKernel(const loop::Address& address) const = 0;
  virtual loop::Address ToCase(const loop::Address& address) const = 0;
};

// A world of one host. The case's sysctls, which stand before all else, are
// its settings.
std::unique_ptr<Testbed> MakeSimulatedTestbed(const Case& test);

// This machine. It has no network of its own: the case's 127.0.0.N become
// addresses of 127.0.0.0/8 that nobody else uses. RESOURCE_EXHAUSTED: there
// are none.
absl::StatusOr<std::unique_ptr<Testbed>> MakeLiveTestbed(const Case& test);

// Whether the case lowers the number of descriptors: a testbed then starts
// with few, so that they can be used up.
bool LimitsDescriptors(const Case& test);
// How many it starts with.
inline constexpr int kFewDescriptors = 64;

}  // namespace simloop::conformance

#endif  // TESTS_CONFORMANCE_TESTBED_H_
