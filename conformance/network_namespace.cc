// A network namespace of this process's own (network_namespaces(7)), and with
// it, where it may have none, a user namespace (user_namespaces(7)).
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "conformance/live_testbed.h"

namespace simloop::conformance {
namespace {

// What a recording machine had, where the file does not say.
constexpr const char* kUsualSysctls[][2] = {
    {"net.ipv4.tcp_congestion_control", "reno"},
    {"net.ipv4.tcp_rmem", "4096 131072 6291456"},
    {"net.ipv4.tcp_wmem", "4096 16384 4194304"},
    {"net.ipv4.tcp_syncookies", "1"},
    {"net.ipv4.tcp_fastopen", "1"},
    {"net.ipv4.tcp_abort_on_overflow", "0"},
    {"net.ipv4.tcp_tw_reuse", "2"},
    {"net.ipv4.ip_local_port_range", "32768 60999"},
    {"net.core.somaxconn", "4096"},
    {"net.unix.max_dgram_qlen", "10"},
    {"net.ipv6.bindv6only", "0"},
};

absl::Status Refused(absl::string_view what) {
  return absl::UnavailableError(
      absl::StrCat("no network namespace: ", what, ": ", strerror(errno)));
}

bool WriteFile(const char* path, const std::string& text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool written =
      write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(fd);
  return written;
}

absl::Status Unshare() {
  if (unshare(CLONE_NEWNET) == 0) return absl::OkStatus();
  const uid_t user = getuid();
  const gid_t group = getgid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return Refused("unshare");
  WriteFile("/proc/self/setgroups", "deny");
  if (!WriteFile("/proc/self/uid_map", absl::StrCat("0 ", user, " 1")) ||
      !WriteFile("/proc/self/gid_map", absl::StrCat("0 ", group, " 1"))) {
    return Refused("uid_map");
  }
  return absl::OkStatus();
}

// netdevice(7).
absl::Status RaiseLoopback() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request = {};
  memcpy(request.ifr_name, "lo", sizeof "lo");
  request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
  const bool raised = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  const absl::Status status = raised ? absl::OkStatus() : Refused("lo");
  close(fd);
  return status;
}

// The timing of a case is that of one processor. Where it may not choose, it
// does without.
void KeepTo(size_t cpu) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  size_t skip = cpu % static_cast<size_t>(CPU_COUNT(&allowed));
  for (size_t i = 0; i < CPU_SETSIZE; ++i) {
    if (!CPU_ISSET(i, &allowed) || skip-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(i, &one);
    sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

}  // namespace

absl::Status EnterNetworkNamespace(const Environment& environment, size_t cpu) {
  KeepTo(cpu);
  absl::Status status = Unshare();
  if (status.ok()) status = RaiseLoopback();
  if (!status.ok()) return status;
  const std::unique_ptr<Testbed> testbed = MakeLiveTestbed();
  for (const auto& [name, value] : kUsualSysctls) {
    status.Update(testbed->SetSysctl(name, value));
  }
  for (const auto& [name, value] : environment.sysctls) {
    status.Update(testbed->SetSysctl(name, value));
  }
  return status;
}

}  // namespace simloop::conformance
