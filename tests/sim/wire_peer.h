// WirePeer: a kernel under test and, at the other end of its link, no machine
// but the test itself: it sends any segment at any time, and sees each one that
// the kernel sends, with its time.
//
//   the kernel 10.0.0.1 ------ 0 ms ------ the test 10.0.0.2
#ifndef TESTS_SIM_WIRE_PEER_H_
#define TESTS_SIM_WIRE_PEER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "loop/abi.h"
#include "loop/address.h"
#include "sim/host.h"
#include "sim/kernel.h"
#include "sim/link.h"
#include "sim/tcp/segment.h"
#include "sim/world.h"
#include "trace/recorder.h"

namespace simloop::sim {

// One segment of the peer. Numbers count from both initial ones, as in a
// trace: a SYN is 0, the first byte 1.
struct Said {
  uint8_t flags = tcp::kAck;
  uint32_t seq = 1;
  uint32_t bytes = 0;
  uint32_t ack = 1;
  uint32_t window = 65535;
  std::vector<tcp::SackBlock> sack = {};
  // RFC 7323; 0: the segment has no time stamps.
  uint32_t stamp = 0;
  uint32_t echo = 0;
};

class WirePeer : public testing::Test, private trace::Sink {
 private:
  struct Sent {
    loop::Instant at;
    tcp::Segment segment;
  };
  void Take(const trace::Record& record) override;
  Host& AddHost(const char* name, loop::Ipv4 address, HostOptions options);
  // With its numbers up to `end`.
  std::string Line(const Sent& sent, tcp::Sequence end) const;

  // It hears to the end: a kernel that goes closes what it has.
  std::vector<Sent> heard_;
  size_t told_ = 0;            // so many of them by Heard()
  tcp::Sequence initial_ = 0;  // the kernel's
  uint16_t port_ = kPort;      // the kernel's

 protected:
  static constexpr loop::Ipv4 kKernel{0x0a000001};
  static constexpr loop::Ipv4 kPeer{0x0a000002};
  static constexpr uint16_t kPort = 7001;
  static constexpr uint16_t kPeerPort = 40000;
  static constexpr tcp::Sequence kPeerInitial = 5000;
  // A segment carries so much: the SYN's option, less the time stamps.
  static constexpr uint32_t kMss = 1000;

  WirePeer() : WirePeer(HostOptions()) {}
  explicit WirePeer(HostOptions options);

  // Runs the world until `at`, all that happens then included.
  void RunTo(absl::Duration at);
  void RunTo(int64_t millis) { RunTo(absl::Milliseconds(millis)); }

  // The segment arrives now.
  void Say(const Said& said);
  // A SYN, or with `ack` its answer. `sack`: RFC 2018's option.
  void SaySyn(bool ack, bool sack = true, uint32_t window = 65535);
  // What the kernel sent since it was asked last, one line a segment:
  // "100ms 1:2001 ack 1 sack 3001:4001", [seq, end). Data that went out as
  // several segments at one instant is one line: how large a burst is, is no
  // matter of the peer's.
  std::vector<std::string> Heard();
  // The last of them, as it was.
  const tcp::Segment& last() const { return heard_.back().segment; }

  // The number behind it.
  uint32_t LastEnd() const { return last().end() - initial_; }

  // A listener, on kPort.
  loop::Fd Listen();
  // A connection that the peer makes to `listener`, from now to `rtt` later.
  // What was sent for it is not heard.
  loop::Fd Accept(loop::Fd listener, absl::Duration rtt, bool sack = true);
  // The same with a listener of its own.
  loop::Fd Accepted(int64_t rtt_millis, bool sack = true) {
    return Accept(Listen(), absl::Milliseconds(rtt_millis), sack);
  }
  loop::Fd NewSocket();
  // connect(2) to the peer's kPeerPort, under way: its SYN is not heard.
  loop::Fd Connect() { return Connect(NewSocket()); }
  loop::Fd Connect(loop::Fd fd);
  // How much send(2) took.
  size_t Write(loop::Fd fd, size_t bytes, int flags = 0);
  // How much recv(2) gave; 0 also for none.
  size_t Read(loop::Fd fd, size_t bytes);

  World world_;
  trace::Recorder recorder_;
  Host& host_;
  Host& absent_;  // the peer's address; it is switched off
  Link& link_;
  Kernel kernel_;
};

}  // namespace simloop::sim

#endif  // TESTS_SIM_WIRE_PEER_H_
