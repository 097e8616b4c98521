// The work load churn. Who is done closes, as close(2) does it: both directions
// at once; or, in its other form, ends its own direction and waits for the
// peer's end, which is what a program of Node does that says nothing else.
#include <memory>
#include <vector>

#include "net/server.h"
#include "net/socket.h"
#include "scenarios/bench/bench_world.h"
#include "scenarios/bench/works.h"

namespace simloop::scenarios {
namespace {

constexpr uint16_t kFirstPort = 7000;
// A port of a client is not to be had again for TIME-WAIT's 60 s, so a server
// port is good for about as many connections as there are ephemeral ports.
constexpr uint64_t kConnectionsPerPort = 50'000;

class ChurnRun final {
 public:
  ChurnRun(uint64_t connections, uint64_t clients, bool ends)
      : connections_(connections), clients_(clients), ends_(ends) {
    world_.Star(1);
  }

  void Run() {
    for (uint64_t i = 0; i * kConnectionsPerPort < connections_; ++i) {
      servers_.push_back(net::Server::Create(
          world_.server().net(), [this](const std::shared_ptr<net::Socket>& s) {
            net::Socket* const socket = s.get();
            if (!ends_) socket->on.end([socket] { socket->Destroy(); });
            socket->on.close([this](bool) { OneClosed(); });
            socket->Resume();
          }));
      servers_.back()->Listen(static_cast<uint16_t>(kFirstPort + i), "",
                              static_cast<int>(clients_) + 1);
    }
    for (uint64_t i = 0; i < clients_; ++i) Next();
    world_.Run(absl::Hours(10));
  }

  bool done() const {
    return made_ == connections_ && closed_ == 2 * connections_;
  }
  uint64_t made() const { return made_; }
  sim::World& world() { return world_.world(); }

 private:
  void Next() {
    if (started_ == connections_) return;
    const auto port =
        static_cast<uint16_t>(kFirstPort + started_++ / kConnectionsPerPort);
    net::Socket* const socket =
        net::Connect(world_.client(0).net(), port, BenchWorld::kServer).get();
    socket->on.connect([this, socket] {
      ++made_;
      if (ends_) {
        socket->End();
      } else {
        socket->Destroy();
      }
    });
    socket->on.close([this](bool) {
      OneClosed();
      Next();
    });
  }
  void OneClosed() {
    if (++closed_ == 2 * connections_) world_.world().Stop();
  }

  const uint64_t connections_;
  const uint64_t clients_;
  const bool ends_;
  uint64_t started_ = 0;
  uint64_t made_ = 0;
  uint64_t closed_ = 0;
  BenchWorld world_;
  std::vector<std::shared_ptr<net::Server>> servers_;
};

}  // namespace

Measurement Churn(uint64_t connections, uint64_t clients, bool ends) {
  Measurement result;
  result.work = ends ? "churn end" : "churn";
  result.n = connections;
  result.r = clients;
  ChurnRun run(connections, clients, ends);
  RunMetered(run, clients, &result);
  result.figure = "conn_per_cpu_s";
  result.value = static_cast<double>(run.made()) / result.cpu_seconds;
  return result;
}

}  // namespace simloop::scenarios
