// Signals, files and limits of this process.
#include "conformance/live_testbed.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "loop/check.h"
#include "loop/linux_kernel.h"

namespace simloop::conformance {
namespace {

constexpr rlim_t kMostDescriptors = 4096;

volatile sig_atomic_t sigpipes = 0;

void CountSigpipe(int) { sigpipes = sigpipes + 1; }

class LiveTestbed final : public Testbed {
 public:
  LiveTestbed() {
    struct sigaction action = {};
    action.sa_handler = CountSigpipe;
    sigaction(SIGPIPE, &action, nullptr);  // which the kernel had ignored
  }

  loop::Kernel& kernel() override { return kernel_; }

  void Pass(absl::Duration time) override {
    timespec rest = absl::ToTimespec(time);
    while (nanosleep(&rest, &rest) < 0 && errno == EINTR) continue;
  }

  bool TakeSigpipe() override {
    const bool raised = sigpipes > 0;
    sigpipes = 0;
    return raised;
  }

  loop::Result<loop::Fd> Open(const std::string& path, int flags) override {
    const int fd = open(path.c_str(), flags, 0600);
    if (fd < 0) return static_cast<loop::Errno>(errno);
    return loop::Fd{fd};
  }

  absl::Status SetSysctl(absl::string_view name,
                         absl::string_view value) override {
    const std::string path =
        absl::StrCat("/proc/sys/", absl::StrReplaceAll(name, {{".", "/"}}));
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    const bool set = fd >= 0 && write(fd, value.data(), value.size()) ==
                                    static_cast<ssize_t>(value.size());
    const int error = errno;
    if (fd >= 0) close(fd);
    if (set) return absl::OkStatus();
    return absl::UnavailableError(
        absl::StrCat(path, ": cannot be set: ", strerror(error)));
  }

  absl::Status LimitDescriptors(int free) override {
    int limit = -1;
    while (free >= 0) {
      struct stat unused;
      if (fstat(++limit, &unused) < 0) --free;
    }
    rlimit limits;
    getrlimit(RLIMIT_NOFILE, &limits);
    limits.rlim_cur = static_cast<rlim_t>(std::max(0, limit));
    limits.rlim_max = std::min(limits.rlim_max, kMostDescriptors);
    if (setrlimit(RLIMIT_NOFILE, &limits) == 0) return absl::OkStatus();
    return absl::UnavailableError(
        absl::StrCat("cannot limit descriptors: ", strerror(errno)));
  }

 private:
  loop::LinuxKernel kernel_;
};

}  // namespace

EmptyDirectory::EmptyDirectory() {
  const char* parent = getenv("TEST_TMPDIR");
  if (parent == nullptr) parent = getenv("TMPDIR");
  if (parent == nullptr) parent = "/tmp";
  path_ = absl::StrCat(parent, "/conformance.XXXXXX");
  SIMLOOP_CHECK(mkdtemp(path_.data()) != nullptr, path_);
}

EmptyDirectory::~EmptyDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::unique_ptr<Testbed> MakeLiveTestbed() {
  return std::make_unique<LiveTestbed>();
}

}  // namespace simloop::conformance
