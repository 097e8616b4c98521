// The work load bulk.
#include <algorithm>
#include <memory>
#include <string>

#include "net/server.h"
#include "net/socket.h"
#include "scenarios/bench/bench_world.h"
#include "scenarios/bench/works.h"

namespace simloop::scenarios {
namespace {

constexpr uint16_t kPort = 7001;
constexpr uint64_t kWriteBytes = 65536;

class BulkRun final {
 public:
  explicit BulkRun(uint64_t bytes)
      : bytes_(bytes), left_(bytes), piece_(kWriteBytes, 'x') {
    world_.Star(1);
  }

  void Run() {
    server_ = net::Server::Create(
        world_.server().net(), [this](const std::shared_ptr<net::Socket>& s) {
          s->on.data([this](absl::string_view data) { got_ += data.size(); });
          s->on.close([this](bool) { OneClosed(); });
        });
    server_->Listen(kPort);
    socket_ =
        net::Connect(world_.client(0).net(), kPort, BenchWorld::kServer).get();
    socket_->on.connect([this] { Pump(); });
    socket_->on.drain([this] { Pump(); });
    socket_->on.close([this](bool) { OneClosed(); });
    world_.Run(absl::Hours(10));
  }

  bool done() const { return got_ == bytes_ && closed_ == 2; }
  sim::World& world() { return world_.world(); }

 private:
  // Until the kernel has no room: then 'drain' goes on.
  void Pump() {
    bool room = true;
    while (room && left_ > 0) {
      const uint64_t count = std::min(left_, kWriteBytes);
      left_ -= count;
      room = socket_->Write(absl::string_view(piece_).substr(0, count));
    }
    if (left_ == 0) socket_->End();
  }
  void OneClosed() {
    if (++closed_ == 2) world_.world().Stop();
  }

  const uint64_t bytes_;
  uint64_t left_;
  uint64_t got_ = 0;
  int closed_ = 0;
  const std::string piece_;
  BenchWorld world_;
  std::shared_ptr<net::Server> server_;
  net::Socket* socket_ = nullptr;  // keeps itself
};

}  // namespace

Measurement Bulk(uint64_t bytes) {
  Measurement result;
  result.work = "bulk";
  result.n = bytes;
  BulkRun run(bytes);
  RunMetered(run, 1, &result);
  result.figure = "cpu_s_per_gb";
  result.value = result.cpu_seconds / (static_cast<double>(bytes) / 1e9);
  return result;
}

}  // namespace simloop::scenarios
