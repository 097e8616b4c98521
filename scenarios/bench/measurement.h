// Measurement: what one run of a work load came to, and its line of JSON.
#ifndef SCENARIOS_BENCH_MEASUREMENT_H_
#define SCENARIOS_BENCH_MEASUREMENT_H_

#include <cstdint>
#include <string>

#include "scenarios/live_usage.h"

namespace simloop::scenarios {

struct Measurement {
  const char* peer = "simloop";  // or "floor": who did the work
  std::string work;
  uint64_t n = 0;           // connections, bytes, hosts: the first argument
  uint64_t r = 0;           // rounds, clients, seconds: the second
  const char* figure = "";  // the main field: "rt_per_cpu_s"
  double value = 0;
  double wall_seconds = 0;
  double cpu_seconds = 0;
  uint64_t events = 0;  // of the simulated world
  double simulated_seconds = 0;
  size_t resident_bytes = 0;  // at the end
  double bytes_per_connection = 0;
  bool done = false;  // all of the work was done

  // {"peer": "simloop", "work": "pingpong", ...}
  std::string Json() const;
};

// Spans the timed part of a work load: from its construction to Stop().
class Meter final {
 public:
  Meter() : began_(Usage::Now()) {}
  // Fills in times and memory; `connections` of 0: none were held.
  void Stop(Measurement* measurement, uint64_t connections) const;

 private:
  const Usage began_;
};

// Runs a work load and fills in all but its names and its main field. A Run has
// Run(), world() and done().
template <typename Run>
void RunMetered(Run& run, uint64_t connections, Measurement* result) {
  const Meter meter;
  run.Run();
  meter.Stop(result, connections);
  result->events = run.world().events();
  result->simulated_seconds = 1e-9 * run.world().Now().nanos();
  result->done = run.done();
}

}  // namespace simloop::scenarios

#endif  // SCENARIOS_BENCH_MEASUREMENT_H_
