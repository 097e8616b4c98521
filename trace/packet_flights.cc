// Pairs the steps of each packet.
#include "trace/packet_flights.h"

#include <variant>

namespace simloop::trace {
PacketFlights::PacketFlights(const Trace& trace) {
  for (RecordId id = 1; id <= trace.size(); ++id) {
    const Record& record = trace.Get(id);
    const auto* packet = std::get_if<Packet>(&record.body);
    if (packet == nullptr) continue;
    Flight& flight = flights_[packet->packet];
    if (packet->step == Packet::Step::kSent) {
      flight.sent = true;
      flight.start = record.time;
    } else {
      flight.ended = true;
      flight.end = record.time;
    }
  }
}

bool PacketFlights::IsInstant(uint64_t packet) const {
  const auto flight = flights_.find(packet);
  return flight != flights_.end() && flight->second.sent &&
         flight->second.ended && flight->second.start == flight->second.end;
}

}  // namespace simloop::trace
