// The live back end of the suite: here real time passes.
#include <sys/resource.h>

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "loop/abi.h"
#include "loop/check.h"
#include "loop/linux_kernel.h"
#include "tests/conformance/testbed.h"

namespace simloop::conformance {
namespace {

constexpr int kType = loop::kSockStream | loop::kSockNonblock;
constexpr uint32_t kNetMask = 0xffffff00;
// How many networks are tried before the machine is called full.
constexpr int kAttempts = 100;

// 127.0.0.N becomes N of `network`, a /24.
loop::Ipv4 IntoNetwork(loop::Ipv4 ip, uint32_t network) {
  if ((ip.bits & kNetMask) != 0x7f000000) return ip;
  return {network | (ip.bits & ~kNetMask)};
}

class LiveTestbed final : public Testbed {
 public:
  LiveTestbed(const Case& test, uint32_t network, loop::Fd claim)
      : network_(network), claim_(claim), kernel_(Options(test, network)) {
    const loop::Result<loop::Fd> idle = kernel_.EpollCreate1(0);
    SIMLOOP_CHECK(idle.ok(), loop::ErrnoName(idle.error()));
    idle_ = *idle;
    if (!LimitsDescriptors(test)) return;
    limit_.emplace();
    getrlimit(RLIMIT_NOFILE, &*limit_);
    rlimit few = *limit_;
    few.rlim_cur = kFewDescriptors;
    setrlimit(RLIMIT_NOFILE, &few);
  }
  ~LiveTestbed() override {
    if (limit_.has_value()) setrlimit(RLIMIT_NOFILE, &*limit_);
    static_cast<void>(kernel_.Close(idle_));
    static_cast<void>(kernel_.Close(claim_));
  }

  loop::Kernel& kernel() override { return kernel_; }
  void Pass(absl::Duration time) override {
    // Nothing is ever ready there: it sleeps for as long as it is told.
    loop::EpollEvent event;
    static_cast<void>(
        kernel_.EpollWait(idle_, absl::MakeSpan(&event, 1), time));
  }
  loop::Address ToKernel(const loop::Address& address) const override {
    loop::Address mapped = address;
    mapped.ip = IntoNetwork(address.ip, network_);
    return mapped;
  }
  loop::Address ToCase(const loop::Address& address) const override {
    if ((address.ip.bits & kNetMask) != network_) return address;
    loop::Address mapped = address;
    mapped.ip.bits = 0x7f000000 | (address.ip.bits & ~kNetMask);
    return mapped;
  }

 private:
  // Only where a case binds a port on all addresses is one of them made to
  // stand for all: elsewhere nothing is to stand between it and the kernel.
  static loop::LinuxKernel::Options Options(const Case& test,
                                            uint32_t network) {
    loop::LinuxKernel::Options options;
    for (const std::string& address : test.Addresses()) {
      if (!absl::StartsWith(address, "0.0.0.0:")) continue;
      options.host_address = IntoNetwork(loop::Ipv4::Loopback(), network);
    }
    return options;
  }

  const uint32_t network_;
  const loop::Fd claim_;
  loop::LinuxKernel kernel_;
  loop::Fd idle_;
  std::optional<rlimit> limit_;
};

// Whether all of a case's addresses can be bound now: not if an earlier run
// left TIME-WAIT on them.
bool AllFree(loop::LinuxKernel& kernel, const Case& test, uint32_t network) {
  for (const std::string& text : test.Addresses()) {
    std::optional<loop::Address> address = loop::Address::Parse(text);
    if (!address.has_value() || !address->ip.is_loopback()) continue;
    address->ip = IntoNetwork(address->ip, network);
    const loop::Result<loop::Fd> probe =
        kernel.Socket(loop::Family::kInet, kType, 0);
    if (!probe.ok()) return false;
    const bool free = kernel.Bind(*probe, *address).ok();
    static_cast<void>(kernel.Close(*probe));
    if (!free) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Testbed>> MakeLiveTestbed(const Case& test) {
  loop::LinuxKernel kernel;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const loop::Result<loop::Fd> claim =
        kernel.Socket(loop::Family::kInet, kType, 0);
    if (!claim.ok()) break;
    const loop::Address any_port =
        loop::Address::Inet(loop::Ipv4::Loopback(), 0);
    if (kernel.Bind(*claim, any_port).ok()) {
      // Of a port that is ours while the socket lives: 127.128.0 and up.
      const uint32_t port = kernel.Getsockname(*claim)->port;
      const uint32_t network = 0x7f000000 | port << 8;
      if (AllFree(kernel, test, network)) {
        return std::make_unique<LiveTestbed>(test, network, *claim);
      }
    }
    static_cast<void>(kernel.Close(*claim));
  }
  return absl::ResourceExhaustedError("no loopback addresses are free");
}

}  // namespace simloop::conformance
