// PacketFlights: of each packet of a trace, whether it took any time.
#ifndef TRACE_PACKET_FLIGHTS_H_
#define TRACE_PACKET_FLIGHTS_H_

#include <cstdint>
#include <map>

#include "trace/trace.h"

namespace simloop::trace {

class PacketFlights final {
 public:
  explicit PacketFlights(const Trace& trace);

  // Whether `packet` was sent and delivered or dropped at one and the same
  // time.
  bool IsInstant(uint64_t packet) const;

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
