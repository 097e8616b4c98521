// Testbed: a kernel that a case is replayed on, with what belongs to it that is
// no call of its own. An interface because the simulated and the live one have
// nothing of that in common.
#ifndef CONFORMANCE_TESTBED_H_
#define CONFORMANCE_TESTBED_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "loop/kernel.h"

namespace simloop::conformance {

class Testbed {
 public:
  virtual ~Testbed() = default;
  virtual loop::Kernel& kernel() = 0;
  // Lets `time` go by, with all that happens in it.
  virtual void Pass(absl::Duration time) = 0;
  // Whether a call raised SIGPIPE (signal(7)) since this was asked last.
  virtual bool TakeSigpipe() = 0;
  // open(2) of a regular file, with the mode 0600.
  virtual loop::Result<loop::Fd> Open(const std::string& path, int flags) = 0;
  // Writes the file of /proc/sys (proc(5)) that `name` is the name of:
  // "net.core.somaxconn". What it says of values it does not take is its own.
  virtual absl::Status SetSysctl(absl::string_view name,
                                 absl::string_view value) = 0;
  // Lowers RLIMIT_NOFILE (getrlimit(2)) so that `free` more descriptors can be
  // made.
  virtual absl::Status LimitDescriptors(int free) = 0;
};

}  // namespace simloop::conformance

#endif  // CONFORMANCE_TESTBED_H_
