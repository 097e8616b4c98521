// BenchWorld: a client host and a server host, one process with loop and net
// on each, joined by one link of 1 ms, calm and untraced: the ground for the
// benchmarks.
#ifndef TESTS_BENCH_BENCH_WORLD_H_
#define TESTS_BENCH_BENCH_WORLD_H_

#include <optional>

#include "absl/time/time.h"
#include "loop/event_loop.h"
#include "net/stack.h"
#include "sim/kernel.h"
#include "sim/world.h"

namespace simloop::bench {

// The whole stack of one process.
class Process final {
 public:
  Process(sim::World& world, sim::Host& host)
      : kernel_(host), loop_(kernel_, world, {}), net_(loop_) {}

  // The process runs from now on; what it does first was queued before.
  void Start() {
    kernel_.Start([this] {
      return loop_.RunOnce(loop::Instant::Infinite()) ==
             loop::EventLoop::Turn::kRan;
    });
  }
  net::Stack& net() { return net_; }

 private:
  sim::Kernel kernel_;
  loop::EventLoop loop_;
  net::Stack net_;
};

class BenchWorld final {
 public:
  BenchWorld()
      : client_host_(world_.AddHost(Options("client", 0x0a000001))),
        server_host_(world_.AddHost(Options("server", 0x0a000002))) {
    world_.AddLink(client_host_, server_host_, {absl::Milliseconds(1)});
    client_.emplace(world_, client_host_);
    server_.emplace(world_, server_host_);
  }

  sim::World& world() { return world_; }
  Process& client() { return *client_; }
  Process& server() { return *server_; }
  const char* server_address() const { return "10.0.0.2"; }

  void Start() {
    server_->Start();
    client_->Start();
  }
  // Until the world has nothing to do but to wait out TIME_WAIT.
  void Run(absl::Duration limit) { world_.Run(world_.Now() + limit); }

 private:
  static sim::HostOptions Options(const char* name, uint32_t address) {
    sim::HostOptions options;
    options.name = name;
    options.address = {address};
    options.descriptor_limit = 2'000'000;
    options.first_ephemeral_port = 1024;
    options.last_ephemeral_port = 65535;
    return options;
  }

  sim::World world_;
  sim::Host& client_host_;
  sim::Host& server_host_;
  std::optional<Process> client_;
  std::optional<Process> server_;
};

}  // namespace simloop::bench

#endif  // TESTS_BENCH_BENCH_WORLD_H_
