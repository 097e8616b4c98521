// The work load mesh: the cheapest that a message between processes can be and
// still go through a program, its loop, epoll, the kernel and a link: a UDP
// datagram of 64 bytes. Each second each pair exchanges one, by turns the one
// way and the other. The hosts do so all at the same time, as programs do that
// were started together and have a timer a second, or at times spread over the
// second.
#include <cstring>
#include <memory>
#include <vector>

#include "loop/abi.h"
#include "loop/io_watcher.h"
#include "loop/timer.h"
#include "scenarios/bench/bench_world.h"
#include "scenarios/bench/works.h"

namespace simloop::scenarios {
namespace {

constexpr uint16_t kPort = 7000;
constexpr int64_t kSecond = 1'000'000'000;

// One host's program.
class Station final {
 public:
  Station(BenchWorld& world, size_t index, uint64_t seconds, bool spread)
      : world_(world),
        index_(index),
        seconds_(seconds),
        loop_(world.process(index).loop()),
        reader_(loop_, [this](loop::Interest) { Read(); }),
        timer_(loop_, [this] { Send(); }) {
    loop::Kernel& kernel = loop_.kernel();
    fd_ = *kernel.Socket(loop::Family::kInet,
                         loop::kSockDgram | loop::kSockNonblock, 0);
    // All others may send at once.
    const int room = 1 << 20;
    const auto set =
        kernel.Setsockopt(fd_, loop::kSolSocket, loop::kSoRcvbuf,
                          {reinterpret_cast<const char*>(&room), sizeof room});
    SIMLOOP_CHECK(set.ok(), "a buffer has a size");
    const auto bound =
        kernel.Bind(fd_, loop::Address::Inet(loop::Ipv4::Any(), kPort));
    SIMLOOP_CHECK(bound.ok(), "the port is free");
    reader_.Set(fd_, loop::kReadable);
    reader_.Start();
    const int64_t nanos = spread
                              ? kSecond / static_cast<int64_t>(world.size()) *
                                    static_cast<int64_t>(index)
                              : 0;
    timer_.Start(absl::Nanoseconds(nanos));
  }

  uint64_t received() const { return received_; }

 private:
  void Send() {
    loop::Kernel& kernel = loop_.kernel();
    char message[64] = {};
    std::memcpy(message, &second_, sizeof second_);
    loop::Address to = loop::Address::Inet(loop::Ipv4::Any(), kPort);
    for (size_t i = 0; i < world_.size(); ++i) {
      // Of a pair the one with the lower number begins.
      const bool first = i > index_;
      if (i == index_ || first != (second_ % 2 == 0)) continue;
      to.ip = world_.process(i).address();
      const auto sent = kernel.Sendto(fd_, absl::MakeConstSpan(message), 0, to);
      SIMLOOP_CHECK(sent.ok(), "a datagram always has room");
    }
    if (++second_ < seconds_) timer_.Start(absl::Seconds(1));
  }
  void Read() {
    char message[64];
    while (loop_.kernel().Recv(fd_, absl::MakeSpan(message), 0).ok()) {
      ++received_;
    }
  }

  BenchWorld& world_;
  const size_t index_;
  const uint64_t seconds_;
  loop::EventLoop& loop_;
  loop::Fd fd_;
  loop::IoWatcher reader_;
  loop::Timer timer_;
  uint64_t second_ = 0;
  uint64_t received_ = 0;
};

}  // namespace

Measurement Mesh(uint64_t hosts, uint64_t seconds, bool spread) {
  Measurement result;
  result.work = "mesh";
  result.n = hosts;
  result.r = seconds;
  BenchWorld world;
  world.Mesh(hosts);
  std::vector<std::unique_ptr<Station>> stations;
  for (uint64_t i = 0; i < hosts; ++i) {
    stations.push_back(std::make_unique<Station>(world, i, seconds, spread));
  }
  const Meter meter;
  // The last have arrived a millisecond after the end.
  world.Run(static_cast<int64_t>(seconds) * absl::Seconds(1) +
            absl::Milliseconds(2));
  meter.Stop(&result, hosts * (hosts - 1) / 2);
  uint64_t received = 0;
  for (const auto& station : stations) received += station->received();
  result.figure = "messages_per_cpu_s";
  result.value = static_cast<double>(received) / result.cpu_seconds;
  result.events = world.world().events();
  result.simulated_seconds = 1e-9 * world.world().Now().nanos();
  result.done = received == hosts * (hosts - 1) / 2 * seconds;
  return result;
}

}  // namespace simloop::scenarios
