// Loopback: at once when nothing is late, and in order when something is.

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "loop/abi.h"
#include "sim/choice.h"
#include "sim/host.h"
#include "sim/kernel.h"
#include "sim/world.h"
#include "tests/sim/packet_log.h"
#include "trace/recorder.h"

namespace simloop::sim {
namespace {

using testing::ElementsAre;

constexpr int kType = loop::kSockStream | loop::kSockNonblock;
constexpr loop::Ipv4 kAddress{0x0a000001};

// Lets packets of one name be as late as can be, and no others.
class Delay final : public Scheduler {
 public:
  explicit Delay(absl::string_view name) : name_(name) {}
  uint32_t Pick(const Choice& choice) override {
    return choice.name == name_ ? choice.alternatives - 1 : 0;
  }

 private:
  std::string name_;
};

class Loopback : public testing::Test {
 protected:
  explicit Loopback(absl::string_view late = "none")
      : scheduler_(late), world_(&scheduler_), recorder_(world_, &log_) {
    world_.SetRecorder(&recorder_);
    HostOptions options;
    options.name = "host";
    options.address = kAddress;
    options.loopback_jitter = absl::Milliseconds(7);
    kernel_ = std::make_unique<Kernel>(world_.AddHost(options));
    listener_ = *kernel_->Socket(loop::Family::kInet, kType, 0);
    const loop::Address at = loop::Address::Inet(loop::Ipv4::Loopback(), 7001);
    EXPECT_TRUE(kernel_->Bind(listener_, at).ok());
    EXPECT_TRUE(kernel_->Listen(listener_, 4).ok());
    near_ = *kernel_->Socket(loop::Family::kInet, kType, 0);
    static_cast<void>(kernel_->Connect(near_, at));
  }

  Delay scheduler_;
  PacketLog log_;
  World world_;
  trace::Recorder recorder_;
  std::unique_ptr<Kernel> kernel_;
  loop::Fd listener_;
  loop::Fd near_;
};

TEST_F(Loopback, ArrivesBeforeTheCallReturns) {
  const auto accepted = kernel_->Accept4(listener_, loop::kSockNonblock);
  ASSERT_TRUE(accepted.ok());
  EXPECT_EQ(*kernel_->Send(near_, absl::MakeConstSpan("hello", 5), 0), 5u);
  char bytes[8];
  EXPECT_EQ(*kernel_->Read(accepted->fd, absl::MakeSpan(bytes)), 5u);
}

class LateLoopback : public Loopback {
 protected:
  LateLoopback() : Loopback("host.connect#1/data delay") {}
};

// "one" leaves at 0 and takes 7 ms. "two" is written at 7 ms just before that,
// would take no time, and still comes second.
TEST_F(LateLoopback, KeepsTheOrderOfPackets) {
  const int on = 1;
  EXPECT_TRUE(kernel_
                  ->Setsockopt(near_, loop::kIpprotoTcp, loop::kTcpNodelay,
                               absl::MakeConstSpan(
                                   reinterpret_cast<const char*>(&on), 4))
                  .ok());
  world_.At(loop::Instant() + absl::Milliseconds(7), "two", [&] {
    static_cast<void>(
        kernel_->Send(near_, absl::MakeConstSpan("second", 6), 0));
  });
  EXPECT_EQ(*kernel_->Send(near_, absl::MakeConstSpan("one", 3), 0), 3u);
  static_cast<void>(world_.Run(loop::Instant() + absl::Seconds(1)));
  EXPECT_THAT(log_.With("len=3"), ElementsAre("0 sent 32768>7001 ACK len=3",
                                              "7ms came 32768>7001 ACK len=3"));
  std::vector<std::string> came;
  for (const std::string& line : log_.With("7ms came 32768>7001")) {
    came.push_back(line.substr(line.size() - 5));
  }
  EXPECT_THAT(came, ElementsAre("len=3", "len=6"));
}

}  // namespace
}  // namespace simloop::sim
