// Host: one machine of a world: its address, its settings (where Linux has
// sysctls and limits), its way to the links, and its TCP.
#ifndef SIM_HOST_H_
#define SIM_HOST_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "loop/address.h"
#include "sim/packet.h"
#include "sim/tcp/stack.h"

namespace simloop::sim {

class Link;
class World;

// Defaults are Linux's. Sizes in bytes.
struct HostOptions {
  std::string name;
  loop::Ipv4 address;
  // net.core.somaxconn.
  int somaxconn = 4096;
  // RLIMIT_NOFILE: descriptors of a process.
  int descriptor_limit = 1024;
  // net.ipv4.ip_local_port_range.
  uint16_t first_ephemeral_port = 32768;
  uint16_t last_ephemeral_port = 60999;
  // net.ipv4.tcp_syn_retries, tcp_synack_retries, tcp_retries2.
  int syn_retries = 6;
  int synack_retries = 5;
  int data_retries = 15;
  // What a connection takes from a program before the peer has it, and what
  // it takes from the peer before the program reads it. The sum is what Linux
  // was seen to admit over loopback with its default tcp_wmem and tcp_rmem.
  size_t send_buffer_bytes = 2'626'560;
  size_t receive_buffer_bytes = 1'212'416;
  // How late, at most, a Scheduler may let a loopback packet arrive, or a
  // ready process run.
  absl::Duration loopback_jitter = absl::ZeroDuration();
  absl::Duration wakeup_jitter = absl::ZeroDuration();
};

class Host final {
 public:
  Host(World& world, const HostOptions& options);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  World& world() const { return world_; }
  const HostOptions& options() const { return options_; }
  const std::string& name() const { return options_.name; }
  loop::Ipv4 address() const { return options_.address; }
  tcp::Stack& tcp() { return tcp_; }

  // Its own address, or one of 127.0.0.0/8.
  bool IsLocal(loop::Ipv4 address) const;
  // Whether a packet to `address` has somewhere to go.
  bool Routes(loop::Ipv4 address) const;
  // The source address of packets to `destination` (RFC 1122 section 3.3.4.3).
  loop::Ipv4 SourceFor(loop::Ipv4 destination) const;

  // Sends a packet by loopback or link; drops it (with a record) if no way
  // leads there. Loopback without delay waits for RunSoftirq().
  void Transmit(Packet& packet);
  // A packet that took time has come.
  void Arrive(Packet& packet);
  // Delivers what loopback holds, and what that sends in turn, until nothing
  // is left: the soft interrupt that Linux runs before a call returns.
  void RunSoftirq();

 private:
  friend class World;
  void AddLink(Link& link) { links_.push_back(&link); }
  Link* LinkTo(loop::Ipv4 address) const;
  void TransmitLoopback(Packet& packet);
  void Receive(Packet& packet);

  World& world_;
  const HostOptions options_;
  std::vector<Link*> links_;
  std::deque<Packet*> loopback_;
  uint32_t loopback_lane_;
  loop::Instant loopback_last_arrival_;
  uint32_t loopback_under_way_ = 0;  // in the event queue
  int64_t loopback_jitter_nanos_;
  bool in_softirq_ = false;
  tcp::Stack tcp_;
};

}  // namespace simloop::sim

#endif  // SIM_HOST_H_
