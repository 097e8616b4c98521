// The work load idle.
#include <memory>
#include <vector>

#include "net/server.h"
#include "net/socket.h"
#include "scenarios/bench/bench_world.h"
#include "scenarios/bench/works.h"

namespace simloop::scenarios {
namespace {

constexpr uint16_t kFirstPort = 7000;
// As many as a client has ephemeral ports, about.
constexpr uint64_t kConnectionsPerPort = 50'000;
// They come in bursts, one each millisecond.
constexpr uint64_t kBurst = 100;

class IdleRun final {
 public:
  explicit IdleRun(uint64_t connections) : connections_(connections) {
    world_.Star(1);
  }

  void Run() {
    for (uint64_t i = 0; i * kConnectionsPerPort < connections_; ++i) {
      servers_.push_back(net::Server::Create(
          world_.server().net(), [this](const std::shared_ptr<net::Socket>& s) {
            s->on.data([](absl::string_view) {});
            OneEstablished();
          }));
      servers_.back()->Listen(static_cast<uint16_t>(kFirstPort + i), "", 4096);
    }
    Burst();
    world_.Run(absl::Hours(10));
  }

  bool done() const { return established_ == 2 * connections_; }
  sim::World& world() { return world_.world(); }

 private:
  void Burst() {
    for (uint64_t i = 0; i < kBurst && started_ < connections_; ++i) {
      const auto port =
          static_cast<uint16_t>(kFirstPort + started_++ / kConnectionsPerPort);
      net::Socket* const socket =
          net::Connect(world_.client(0).net(), port, BenchWorld::kServer).get();
      socket->on.connect([this] { OneEstablished(); });
      socket->on.data([](absl::string_view) {});
    }
    if (started_ == connections_) return;
    world_.client(0).loop().SetTimeout(absl::Milliseconds(1),
                                       [this] { Burst(); });
  }
  void OneEstablished() {
    if (++established_ == 2 * connections_) world_.world().Stop();
  }

  const uint64_t connections_;
  uint64_t started_ = 0;
  uint64_t established_ = 0;
  BenchWorld world_;
  std::vector<std::shared_ptr<net::Server>> servers_;
};

}  // namespace

Measurement Idle(uint64_t connections) {
  Measurement result;
  result.work = "idle";
  result.n = connections;
  IdleRun run(connections);
  RunMetered(run, connections, &result);
  result.figure = "conn_per_cpu_s";
  result.value = static_cast<double>(connections) / result.cpu_seconds;
  return result;
}

}  // namespace simloop::scenarios
