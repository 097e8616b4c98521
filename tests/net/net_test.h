// The fixtures of net's tests: a NodeProcess of each discipline on the kernel
// that the test is instantiated for.
#ifndef TESTS_NET_NET_TEST_H_
#define TESTS_NET_NET_TEST_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "loop/task.h"
#include "tests/net/back_end.h"
#include "tests/net/node_process.h"

namespace simloop::net {

template <loop::Discipline kDiscipline>
class NetTest : public testing::TestWithParam<BackEndFactory> {
 protected:
  const std::unique_ptr<BackEnd> back_end = GetParam().make();
  // Of v0.1.96 there are traces of the loop and the system calls as well.
  NodeProcess process{*back_end, kDiscipline,
                      kDiscipline == loop::Discipline::kV0196};
};

// Without the traces.
template <loop::Discipline kDiscipline>
class PlainNetTest : public testing::TestWithParam<BackEndFactory> {
 protected:
  const std::unique_ptr<BackEnd> back_end = GetParam().make();
  NodeProcess process{*back_end, kDiscipline};
};

using V0196Net = NetTest<loop::Discipline::kV0196>;
using ModernNet = NetTest<loop::Discipline::kModern>;

// Runs `task` so long from now, as setTimeout() of the program would.
inline void After(NodeProcess& process, int ms, loop::Task task) {
  process.loop().SetTimeout(absl::Milliseconds(ms), std::move(task));
}

// The kernels that a test runs on which holds for both.
inline auto BothKernels() {
  return testing::Values(SimulatedBackEnd(), LiveBackEnd());
}

inline std::string NetTestName(
    const testing::TestParamInfo<BackEndFactory>& info) {
  return info.param.name;
}

}  // namespace simloop::net

#endif  // TESTS_NET_NET_TEST_H_
