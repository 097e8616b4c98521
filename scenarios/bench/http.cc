// The work load http.
#include <memory>
#include <vector>

#include "net/http_agent.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "scenarios/bench/bench_world.h"
#include "scenarios/bench/works.h"

namespace simloop::scenarios {
namespace {

using net::http::Agent;
using net::http::IncomingMessage;
using net::http::ServerResponse;

constexpr uint16_t kPort = 8080;
constexpr absl::string_view kBody = "hello world\n";

class HttpRun final {
 public:
  HttpRun(uint64_t clients, uint64_t rounds)
      : clients_(clients), rounds_(rounds) {
    world_.Star(1);
  }

  void Run() {
    server_ = net::http::Server::Create(
        world_.server().net(),
        [](const std::shared_ptr<IncomingMessage>&,
           const std::shared_ptr<ServerResponse>& response) {
          response->SetHeader("Content-Type", "text/plain");
          response->End(kBody);
        });
    server_->on.connection([this](const std::shared_ptr<net::Socket>& s) {
      s->on.close([this](bool) { ++closed_, StopIfOver(); });
    });
    server_->Listen(kPort, "", static_cast<int>(clients_) + 1);
    for (uint64_t i = 0; i < clients_; ++i) {
      agents_.push_back(Agent::Create(world_.client(i).net()));
      left_.push_back(rounds_);
    }
    for (uint64_t i = 0; i < clients_; ++i) Ask(i);
    world_.Run(absl::Seconds(600) +
               static_cast<int64_t>(rounds_) * absl::Milliseconds(10));
  }

  bool done() const {
    return made_ == clients_ * rounds_ && closed_ == clients_;
  }
  uint64_t made() const { return made_; }
  sim::World& world() { return world_.world(); }

 private:
  void Ask(uint64_t i) {
    net::http::RequestOptions options;
    options.host = BenchWorld::kServer;
    options.port = kPort;
    options.agent = agents_[i];
    net::http::Get(world_.client(i).net(), options,
                   [this, i](const std::shared_ptr<IncomingMessage>& response) {
                     IncomingMessage* const message = response.get();
                     message->on.data([this](absl::string_view data) {
                       body_bytes_ += data.size();
                     });
                     message->on.end([this, i] { OnEnd(i); });
                   });
  }
  void OnEnd(uint64_t i) {
    if (body_bytes_ == (made_ + 1) * kBody.size()) ++made_;
    if (--left_[i] > 0) {
      // The connection is free in the next tick.
      world_.client(i).loop().SetImmediate([this, i] { Ask(i); });
    } else {
      world_.client(i).loop().SetImmediate(
          [this, i] { agents_[i]->Destroy(); });
    }
  }
  void StopIfOver() {
    if (closed_ == clients_) world_.world().Stop();
  }

  const uint64_t clients_;
  const uint64_t rounds_;
  uint64_t made_ = 0;
  uint64_t closed_ = 0;
  uint64_t body_bytes_ = 0;
  std::vector<uint64_t> left_;
  BenchWorld world_;
  std::vector<std::shared_ptr<Agent>> agents_;
  std::shared_ptr<net::http::Server> server_;
};

}  // namespace

Measurement Http(uint64_t clients, uint64_t rounds) {
  Measurement result;
  result.work = "http";
  result.n = clients;
  result.r = rounds;
  HttpRun run(clients, rounds);
  RunMetered(run, clients, &result);
  result.figure = "rt_per_cpu_s";
  result.value = static_cast<double>(run.made()) / result.cpu_seconds;
  return result;
}

}  // namespace simloop::scenarios
