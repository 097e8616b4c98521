// BackEnd: what kernel and clock a test of net runs on, and how its loop is
// run there. The tests are instantiated once for each.
#ifndef TESTS_NET_BACK_END_H_
#define TESTS_NET_BACK_END_H_

#include <memory>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "loop/clock.h"
#include "loop/event_loop.h"
#include "loop/kernel.h"

namespace simloop::net {

class BackEnd {
 public:
  virtual ~BackEnd() = default;
  virtual loop::Kernel& kernel() = 0;
  virtual const loop::Clock& clock() = 0;
  // The program computes for so long, inside a callback.
  virtual void Work(absl::Duration time) = 0;
  // Until nothing is left that could call back.
  virtual void Run(loop::EventLoop& loop) = 0;
  // Whether a modern loop gathers there (EventLoop::Options::gathers).
  virtual bool gathers() const { return false; }
};

struct BackEndFactory {
  std::string name;  // in the names of the tests
  std::unique_ptr<BackEnd> (*make)();
};

inline std::ostream& operator<<(std::ostream& out, const BackEndFactory& f) {
  return out << f.name;
}

// The kernel of this machine, on its loopback interface.
BackEndFactory LiveBackEnd();
// A simulated host of its own, calm, whose clock never waits.
BackEndFactory SimulatedBackEnd();
// The same, with a loop that gathers what it reads and writes.
BackEndFactory GatheringBackEnd();
// Such a host whose process may have `descriptors`, RLIMIT_NOFILE.
std::unique_ptr<BackEnd> SimulatedWith(int descriptors);

}  // namespace simloop::net

#endif  // TESTS_NET_BACK_END_H_
