// The live testbed: this machine's kernel, in a network namespace with nothing
// but loopback (network_namespaces(7)) and an empty directory.
#ifndef CONFORMANCE_LIVE_TESTBED_H_
#define CONFORMANCE_LIVE_TESTBED_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "conformance/case_file.h"
#include "conformance/testbed.h"

namespace simloop::conformance {

// Moves this process into a network namespace of its own, with `lo` up and the
// sysctls of `environment`, and keeps it on the `cpu`th of its processors.
// UNAVAILABLE: this machine does not let it, and why.
absl::Status EnterNetworkNamespace(const Environment& environment, size_t cpu);

// An empty directory of its own under $TEST_TMPDIR, $TMPDIR or /tmp, for as
// long as it lives.
class EmptyDirectory final {
 public:
  EmptyDirectory();
  ~EmptyDirectory();
  EmptyDirectory(const EmptyDirectory&) = delete;
  EmptyDirectory& operator=(const EmptyDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// This process and its kernel. There is to be one at a time: it counts the
// process's SIGPIPE.
std::unique_ptr<Testbed> MakeLiveTestbed();

}  // namespace simloop::conformance

#endif  // CONFORMANCE_LIVE_TESTBED_H_
