// TcpConversations: what TCP's headers say that records leave out, worked out
// from the sequence of a trace's packets: options, as Linux orders them, time
// stamps and the last one heard (RFC 7323), windows as they are scaled, and the
// name of each connection in schedules.
#ifndef TRACE_TCP_CONVERSATIONS_H_
#define TRACE_TCP_CONVERSATIONS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "loop/address.h"
#include "loop/instant.h"
#include "trace/record.h"

namespace simloop::trace {

class TcpConversations final {
 public:
  // The shift of every window: what Linux asks for with its default tcp_rmem.
  static constexpr int kWindowShift = 7;

  struct Headers {
    std::string options;
    uint16_t window = 0;         // as it is written
    uint32_t payload_bytes = 0;  // the most that one packet carries
    std::string name;            // "client.connect#1"; "" where it is not known
    bool probe = false;  // it asks for an answer: an old sequence number
  };

  // `host` sends `packet` at `time`; both ends are on it if `loopback`. Each
  // packet once, in order.
  Headers Sent(const Packet& packet, loop::Instant time,
               const std::string& host, bool loopback);
  // It has arrived.
  void Delivered(const Packet& packet);

 private:
  // Host of a loopback, source, destination.
  using Key = std::tuple<std::string, loop::Endpoint, loop::Endpoint>;
  // One direction of a conversation: what its sender has said.
  struct Direction {
    bool synchronised = false;  // its SYN is known
    uint16_t mss = 0;           // its SYN's
    uint32_t iss = 0;
    uint32_t next = 0;      // behind the highest sequence number sent
    uint32_t last_ack = 0;  // the last acknowledgment sent
    uint32_t recent = 0;    // TS.Recent: the peer's time stamp to echo
    std::string name;
    // Whose packets it answers, where those have come; it is not the other way
    // round where addresses are translated on the way.
    std::optional<Key> peer;
  };
  struct Flight {
    Key key;  // its direction
    uint32_t stamp;
    uint32_t seq;
  };

  void TakeSyn(Direction& direction, const Packet& packet, uint32_t seq,
               const std::string& host);

  std::map<Key, Direction> directions_;
  std::map<uint64_t, Flight> flights_;  // by packet number, under way
  // How often each host has called, and was called.
  std::map<std::string, int> connects_;
  std::map<std::string, int> arrivals_;
};

}  // namespace simloop::trace

#endif  // TRACE_TCP_CONVERSATIONS_H_
