// Pairs the steps of each packet.
#include "trace/packet_flights.h"

#include <algorithm>
#include <variant>

namespace simloop::trace {
namespace {

bool IsSentInCall(const Record& record, const Record& call) {
  const auto* packet = std::get_if<Packet>(&record.body);
  return packet != nullptr && packet->step == Packet::Step::kSent &&
         record.time == call.time &&
         (record.cause == call.cause || record.cause == 0);
}

}  // namespace

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

std::vector<RecordId> PacketFlights::ReadingOrder(const Trace& trace) {
  std::vector<RecordId> order;
  size_t run = 0;  // where in `order` the packets before this record begin
  for (RecordId id = 1; id <= trace.size(); ++id) {
    order.push_back(id);
    const Record& record = trace.Get(id);
    if (std::holds_alternative<Packet>(record.body) ||
        std::holds_alternative<Choice>(record.body)) {
      continue;
    }
    if (std::holds_alternative<Call>(record.body)) {
      const auto first = std::find_if(
          order.begin() + static_cast<std::ptrdiff_t>(run), order.end() - 1,
          [&](RecordId sent) { return IsSentInCall(trace.Get(sent), record); });
      std::rotate(first, order.end() - 1, order.end());
    }
    run = order.size();
  }
  return order;
}

}  // namespace simloop::trace
