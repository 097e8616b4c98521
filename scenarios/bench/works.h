// The work loads of `simloop bench`, each through the whole stack: a program
// written against net, its loop, epoll, the simulated kernel, TCP, links.
// docs/benchmarks.md says what each does and which part of it is timed.
#ifndef SCENARIOS_BENCH_WORKS_H_
#define SCENARIOS_BENCH_WORKS_H_

#include <cstdint>

#include "scenarios/bench/measurement.h"

namespace simloop::scenarios {

// `clients` connect at time 0; each makes `rounds` round trips of 64 bytes,
// and closes. `star`: each is a host of its own.
Measurement PingPong(uint64_t clients, uint64_t rounds, bool star);
// One client writes `bytes` in writes of 64 KiB, and closes.
Measurement Bulk(uint64_t bytes);
// `clients` connect, close at once, and connect again, until `connections`
// were made. `ends`: they end their own direction, and the server then its.
Measurement Churn(uint64_t connections, uint64_t clients, bool ends);
// So many established connections with nothing to do.
Measurement Idle(uint64_t connections);
// `clients` with a connection each that they keep; `rounds` GETs of 12 bytes.
Measurement Http(uint64_t clients, uint64_t rounds);
// So many hosts, each linked to each other; each pair exchanges one datagram a
// second.
Measurement Mesh(uint64_t hosts, uint64_t seconds, bool spread);
// So many worlds of two hosts, each made, run through one refused connect, and
// destroyed.
Measurement Worlds(uint64_t worlds);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_BENCH_WORKS_H_
