// PacketFlights: of each packet of a trace, where it was sent and where it
// ended; and the order in which a person reads them.
#ifndef TRACE_PACKET_FLIGHTS_H_
#define TRACE_PACKET_FLIGHTS_H_

#include <cstdint>
#include <map>
#include <vector>

#include "trace/trace.h"

namespace simloop::trace {

class PacketFlights final {
 public:
  explicit PacketFlights(const Trace& trace);

  // Whether `packet` was sent and delivered or dropped at one and the same
  // time.
  bool IsInstant(uint64_t packet) const;

  // All records in order, but for one thing: a call is recorded when it
  // answers, so the packets it sends are recorded before it. Here they come
  // after. Such packets have the call's cause, or none, and nothing but
  // packets and choices lies between them and the call.
  static std::vector<RecordId> ReadingOrder(const Trace& trace);

 private:
  struct Flight {
    bool sent = false;
    bool ended = false;
    loop::Instant start;
    loop::Instant end;
  };

  std::map<uint64_t, Flight> flights_;
};

}  // namespace simloop::trace

#endif  // TRACE_PACKET_FLIGHTS_H_
