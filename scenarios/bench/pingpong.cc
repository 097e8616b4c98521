// The work load pingpong.
#include <memory>
#include <string>
#include <vector>

#include "net/server.h"
#include "net/socket.h"
#include "scenarios/bench/bench_world.h"
#include "scenarios/bench/works.h"

namespace simloop::scenarios {
namespace {

constexpr uint16_t kPort = 7000;
const std::string& Message() {
  static const std::string message(64, 'x');
  return message;
}

class PingPongRun final {
 public:
  PingPongRun(uint64_t clients, uint64_t rounds, bool star)
      : clients_(clients), rounds_(rounds) {
    world_.Star(star ? clients : 1);
  }

  void Run() {
    server_ = net::Server::Create(
        world_.server().net(), [this](const std::shared_ptr<net::Socket>& s) {
          net::Socket* const socket = s.get();
          socket->on.data(
              [socket](absl::string_view data) { socket->Write(data); });
          socket->on.close([this](bool) { OneClosed(); });
        });
    server_->Listen(kPort, "", static_cast<int>(clients_) + 1);
    left_.resize(clients_, rounds_);
    for (uint64_t i = 0; i < clients_; ++i) Connect(i);
    // Two milliseconds a round, and room for retransmissions.
    world_.Run(absl::Seconds(600) +
               static_cast<int64_t>(rounds_) * absl::Milliseconds(10));
  }

  bool done() const {
    return made_ == clients_ * rounds_ && closed_ == 2 * clients_;
  }
  uint64_t made() const { return made_; }
  sim::World& world() { return world_.world(); }

 private:
  void Connect(uint64_t i) {
    net::Socket* const socket =
        net::Connect(world_.client(i).net(), kPort, BenchWorld::kServer).get();
    socket->on.connect([socket] { socket->Write(Message()); });
    socket->on.data([this, socket, i](absl::string_view data) {
      // An echo may come in pieces; these are too small for it.
      if (data.size() != Message().size()) return;
      ++made_;
      if (--left_[i] > 0) {
        socket->Write(data);
      } else {
        socket->End();
      }
    });
    socket->on.close([this](bool) { OneClosed(); });
  }

  // What TIME-WAIT has left to do is not waited for.
  void OneClosed() {
    if (++closed_ == 2 * clients_) world_.world().Stop();
  }

  const uint64_t clients_;
  const uint64_t rounds_;
  uint64_t made_ = 0;
  uint64_t closed_ = 0;
  std::vector<uint64_t> left_;
  BenchWorld world_;
  std::shared_ptr<net::Server> server_;
};

}  // namespace

Measurement PingPong(uint64_t clients, uint64_t rounds, bool star) {
  Measurement result;
  result.work = star ? "pingpong star" : "pingpong";
  result.n = clients;
  result.r = rounds;
  PingPongRun run(clients, rounds, star);
  RunMetered(run, clients, &result);
  result.figure = "rt_per_cpu_s";
  result.value = static_cast<double>(run.made()) / result.cpu_seconds;
  return result;
}

}  // namespace simloop::scenarios
