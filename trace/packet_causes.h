// PacketCauses: why each packet of a trace was sent, in words: the call, the
// packet or the timer that made it so.
#ifndef TRACE_PACKET_CAUSES_H_
#define TRACE_PACKET_CAUSES_H_

#include <string>

#include "trace/descriptor_names.h"
#include "trace/trace.h"

namespace simloop::trace {

class PacketCauses final {
 public:
  // `trace` must outlive it.
  explicit PacketCauses(const Trace& trace);

  // Give it every record, in order, before what it causes.
  void Observe(const Record& record) { names_.Observe(record); }

  // Of a packet's sending:
  //   "client: connect(2) on descriptor 5 (fdB)"
  //   "answer to SYN (packet 3)"
  //   "retransmission of client.connect#1: answer to ACK (packet 9)"
  //   "timer: retransmission of client.connect#1"
  // `connection` is its name, or "" where it is not known; `probe` says that a
  // segment without data has an old sequence number. REQUIRES: it is a
  // packet's.
  std::string Text(const Record& sent, const std::string& connection,
                   bool probe) const;

 private:
  std::string TimerText(const Packet& packet, const std::string& of,
                        bool probe) const;
  std::string CallText(const Record& record, const Call& call) const;
  std::string Who(const Record& record) const;

  const Trace& trace_;
  DescriptorNames names_;
  bool has_calls_ = false;
};

// "SYN ACK (packet 3)".
std::string NumberedPacketText(const Packet& packet);

}  // namespace simloop::trace

#endif  // TRACE_PACKET_CAUSES_H_
