// Transfer: a client that sends so many bytes to a server over one link and
// closes, and what came of it: for tests of loss, order and speed.
#ifndef TESTS_SIM_TRANSFER_H_
#define TESTS_SIM_TRANSFER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "loop/errno.h"
#include "sim/choice.h"
#include "sim/host.h"
#include "sim/link_options.h"
#include "sim/world.h"

namespace simloop::sim {

struct TransferPlan {
  size_t bytes = 100'000;
  HostOptions client;
  HostOptions server;
  LinkOptions to_server;
  LinkOptions to_client;
  absl::Duration time_limit = absl::Hours(2);
};

struct TransferResult {
  // Came at the server, in order and as they were written.
  size_t received = 0;
  bool intact = true;
  bool end_of_stream = false;
  loop::Errno client_error = loop::Errno::kOk;
  loop::Errno server_error = loop::Errno::kOk;
  // From connect(2) to the end of the stream at the server.
  absl::Duration time;
  // The first byte of data, and the last, at the server: since connect(2).
  absl::Duration first_byte;
  absl::Duration last_byte;
  // When each of the client's segments with data was sent, how many bytes it
  // had, and whether it was sent before.
  struct Sending {
    absl::Duration at;
    uint32_t bytes = 0;
    bool repeated = false;
  };
  std::vector<Sending> sendings = {};
  // The longest that a segment with data was on its way to the server.
  absl::Duration slowest;
  // Segments of the client: in all, and those sent again.
  int segments = 0;
  int repeated = 0;
  World::End end = World::End::kIdle;

  // Bytes a second, from the first of them to the last.
  double rate() const {
    return static_cast<double>(received) /
           absl::ToDoubleSeconds(last_byte - first_byte);
  }
  bool whole(size_t bytes) const {
    return intact && end_of_stream && received == bytes;
  }
};

// `scheduler` decides what the links may do; null: nothing is lost.
TransferResult RunTransfer(const TransferPlan& plan, Scheduler* scheduler);

}  // namespace simloop::sim

#endif  // TESTS_SIM_TRANSFER_H_
