// BenchWorld: the ground of the work loads: a server host and one client host
// or many, each with one process (kernel, loop, net), joined by links of 1 ms;
// calm and untraced.
#ifndef SCENARIOS_BENCH_BENCH_WORLD_H_
#define SCENARIOS_BENCH_BENCH_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "loop/event_loop.h"
#include "net/stack.h"
#include "sim/kernel.h"
#include "sim/world.h"

namespace simloop::scenarios {

// All that one process is made of.
class BenchProcess final {
 public:
  BenchProcess(sim::World& world, sim::Host& host)
      : host_(host),
        kernel_(host),
        loop_(kernel_, world, {}),
        net_(loop_, WithoutIpv6()) {}

  // It runs from now on.
  void Start() {
    kernel_.Start([this] {
      return loop_.RunOnce(loop::Instant::Infinite()) ==
             loop::EventLoop::Turn::kRan;
    });
  }
  loop::Kernel& kernel() { return kernel_; }
  loop::EventLoop& loop() { return loop_; }
  net::Stack& net() { return net_; }
  loop::Ipv4 address() const { return host_.address(); }

 private:
  static net::Stack::Options WithoutIpv6() {
    net::Stack::Options options;
    options.ipv6 = false;
    return options;
  }

  sim::Host& host_;
  sim::Kernel kernel_;
  loop::EventLoop loop_;
  net::Stack net_;
};

class BenchWorld final {
 public:
  // The address of the server of a `Star()`.
  static constexpr char kServer[] = "10.0.0.1";

  // What a link of a work load is: 10 Gbit/s, 1 ms each way, no queue limit.
  static sim::LinkOptions Line();

  BenchWorld() = default;
  // The hosts lose their power first: else each connection would say good-bye,
  // all at one instant.
  ~BenchWorld();

  // A server, and so many clients on hosts of their own, each linked to it.
  void Star(size_t clients);
  // So many hosts, each linked to each other.
  void Mesh(size_t hosts);

  sim::World& world() { return world_; }
  BenchProcess& process(size_t index) { return *processes_[index]; }
  BenchProcess& server() { return *processes_[0]; }
  // The process of the `index`-th client connection: they go round the clients.
  BenchProcess& client(size_t index) {
    return *processes_[1 + index % (processes_.size() - 1)];
  }
  size_t size() const { return processes_.size(); }

  // Starts all processes, and takes events until Stop(), the end of all, or
  // `limit` of virtual time.
  void Run(absl::Duration limit);

 private:
  void AddHost();

  sim::World world_;
  std::vector<sim::Host*> hosts_;
  std::vector<std::unique_ptr<BenchProcess>> processes_;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_BENCH_BENCH_WORLD_H_
