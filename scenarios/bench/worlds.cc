// The work load worlds: what a search pays for each schedule before anything
// of interest happens.
#include "net/socket.h"
#include "scenarios/bench/bench_world.h"
#include "scenarios/bench/works.h"

namespace simloop::scenarios {

Measurement Worlds(uint64_t worlds) {
  Measurement result;
  result.work = "worlds";
  result.n = worlds;
  uint64_t refused = 0;
  const Meter meter;
  for (uint64_t i = 0; i < worlds; ++i) {
    BenchWorld world;
    world.Star(1);
    net::Socket* const socket =
        net::Connect(world.client(0).net(), 7000, BenchWorld::kServer).get();
    socket->on.error([&refused](const net::Error&) { ++refused; });
    world.Run(absl::Seconds(1));
    result.events += world.world().events();
    result.simulated_seconds += 1e-9 * world.world().Now().nanos();
  }
  meter.Stop(&result, 0);
  result.figure = "cpu_us_per_world";
  result.value = 1e6 * result.cpu_seconds / static_cast<double>(worlds);
  result.done = refused == worlds;
  return result;
}

}  // namespace simloop::scenarios
