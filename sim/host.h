// Host: one machine of a world: its address, its settings (where Linux has
// sysctls and limits), its way to the links, and its TCP and UDP.
#ifndef SIM_HOST_H_
#define SIM_HOST_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "loop/address.h"
#include "sim/channel.h"
#include "sim/directory.h"
#include "sim/file.h"
#include "sim/host_clock.h"
#include "sim/inet_address.h"
#include "sim/packet.h"
#include "sim/path_mtu.h"
#include "sim/route_table.h"
#include "sim/slab.h"
#include "sim/tcp/stack.h"
#include "sim/udp/stack.h"
#include "sim/unix/namespace.h"

namespace simloop::sim {

class Link;
class Router;
class World;

// What Linux leaves open and a Scheduler may decide (sim/choice.h), each off
// in the calm run and off unless granted here.
struct Freedoms {
  // epoll_wait(2) reports ready descriptors in no order that is documented.
  bool epoll_order = false;
  // read(2), write(2): a stream may move fewer bytes than it could.
  bool short_transfers = false;
  // signal(7): a call that waits may be interrupted, EINTR.
  bool signals = false;
  // accept(2): ECONNABORTED for a connection that was reset meanwhile.
  bool aborted_accepts = false;
  // connect(2): EAGAIN, a Unix listener has no room just now.
  bool unix_backlog = false;
  // socket(2), send(2): ENOBUFS, there is no memory just now.
  bool memory = false;
};

// Defaults are Linux's. Sizes in bytes.
struct HostOptions {
  std::string name;
  loop::Ipv4 address;
  // Its IPv6 address on the links; it has ::1 in any case.
  std::optional<loop::Ip> address6;
  // net.core.somaxconn.
  int somaxconn = 4096;
  // RLIMIT_NOFILE: descriptors of a process (EMFILE).
  int descriptor_limit = 1024;
  // fs.file-max: open files of the whole host (ENFILE); 0: no bound.
  int file_limit = 0;
  // Sockets that there is memory for (ENOBUFS); 0: no bound.
  int socket_limit = 0;
  // net.unix.max_dgram_qlen.
  int unix_datagram_queue = 10;
  // net.core.wmem_default, rmem_default, wmem_max, rmem_max.
  int default_send_bytes = 212'992;
  int default_receive_bytes = 212'992;
  int most_send_bytes = 4'194'304;
  int most_receive_bytes = 4'194'304;
  // net.ipv4.tcp_wmem, tcp_rmem: least, default, most.
  std::array<int, 3> tcp_send_bytes = {4096, 16384, 4'194'304};
  std::array<int, 3> tcp_receive_bytes = {4096, 131'072, 6'291'456};
  // net.ipv4.tcp_congestion_control: "cubic" or "reno".
  std::string tcp_congestion_control = "cubic";
  // net.ipv6.bindv6only.
  bool bind_v6_only = false;
  // net.ipv4.ip_local_port_range.
  uint16_t first_ephemeral_port = 32768;
  uint16_t last_ephemeral_port = 60999;
  // net.ipv4.tcp_syn_retries, tcp_synack_retries, tcp_retries2.
  int syn_retries = 6;
  int synack_retries = 5;
  int data_retries = 15;
  // net.ipv4.tcp_syncookies: 0, 1 when the SYN queue is full, 2 always;
  // tcp_max_syn_backlog, which counts without them.
  int syn_cookies = 1;
  int most_syn_backlog = 2048;
  // net.ipv4.tcp_tw_reuse: a connect(2) may take the port of a TIME-WAIT that
  // is older than a second: 0 never, 1 always, 2 over loopback.
  int time_wait_reuse = 2;
  // net.ipv4.tcp_sack, tcp_slow_start_after_idle: 0 or 1.
  int sack = 1;
  int slow_start_after_idle = 1;
  // net.ipv4.tcp_early_retrans: 0 for no tail loss probes.
  int early_retransmit = 3;
  // net.ipv4.tcp_reordering.
  int reordering = 3;
  // net.ipv4.tcp_keepalive_time, tcp_keepalive_intvl, tcp_keepalive_probes.
  int keepalive_seconds = 7200;
  int keepalive_interval_seconds = 75;
  int keepalive_probes = 9;
  // net.ipv4.tcp_fin_timeout.
  int fin_timeout_seconds = 60;
  // net.ipv4.tcp_abort_on_overflow: 0 or 1.
  int abort_on_overflow = 0;
  // net.ipv4.ip_default_ttl.
  int default_ttl = 64;
  // What a connection takes from a program before the peer has it, and what
  // it takes from the peer before the program reads it. The sum is what Linux
  // was seen to admit over loopback with its default tcp_wmem and tcp_rmem.
  size_t send_buffer_bytes = 2'731'008;
  size_t receive_buffer_bytes = 1'284'096;
  // How late, at most, a Scheduler may let a loopback packet arrive, or a
  // ready process run.
  absl::Duration loopback_jitter = absl::ZeroDuration();
  absl::Duration wakeup_jitter = absl::ZeroDuration();
  Freedoms freedoms;
  // It is a router: net.ipv4.ip_forward.
  bool forwards = false;
};

class Host final {
 public:
  // `index` counts the hosts of the world, from 0.
  Host(World& world, const HostOptions& options, uint32_t index);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  World& world() const { return world_; }
  const HostOptions& options() const { return options_; }
  const std::string& name() const { return options_.name; }
  loop::Ipv4 address() const { return options_.address; }
  uint32_t index() const { return index_; }
  HostClock& clock() { return clock_; }

  // --- Faults ------------------------------------------------------------

  // The power is gone: from now on nothing goes out and nothing comes in. Its
  // processes are to be destroyed next (sim::Kernel), and then Forget().
  void PowerOff() { down_ = true; }
  // All that its TCP had is gone, without a word to anybody.
  void Forget();
  // It is back, with no processes and no connections.
  void PowerOn() { down_ = false; }
  bool down() const { return down_; }
  // The whole machine stands still: what comes waits, and so does what its
  // timers send. Its processes are to be paused by themselves.
  void Freeze() { frozen_ = true; }
  // What has waited goes on, in its order.
  void Thaw();
  tcp::Stack& tcp() { return tcp_; }
  udp::Stack& udp() { return udp_; }
  FileTally& tally() { return tally_; }
  // Whether `count` more files, or sockets, are too many (file_limit: ENFILE,
  // socket_limit: ENOBUFS).
  bool FilesFull(int count) const {
    return options_.file_limit > 0 &&
           tally_.files + count > options_.file_limit;
  }
  bool SocketsFull(int count) const {
    return options_.socket_limit > 0 &&
           tally_.sockets + count > options_.socket_limit;
  }
  // Numbers its sockets: SO_COOKIE of socket(7).
  uint64_t NextCookie() { return ++cookies_; }
  unix_domain::Namespace& unix_names() { return unix_names_; }
  Directory& directory() { return directory_; }
  // Numbers its timerfds, for their names.
  uint32_t NextTimerfd() { return ++timerfds_; }

  // Sets a sysctl(8) of those that HostOptions names, as a running system
  // does. NOT_FOUND: it is not modelled; INVALID_ARGUMENT: not its value.
  absl::Status SetSysctl(absl::string_view name, absl::string_view value);
  // Those that it takes, in order.
  static std::vector<std::string> SysctlNames();

  // One of its own addresses, of 127.0.0.0/8, or ::1.
  bool IsLocal(loop::Ip address) const {
    return address.is_loopback() || HasAddress(address);
  }
  // Packets to it go nowhere else: it is its own, or that of many, which no
  // link carries.
  bool KeepsToItself(loop::Ip address) const {
    if (IsOrdinary(address)) return HasAddress(address);
    return IsLocal(address) || address.is_multicast() || IsBroadcast(address);
  }
  // One of its own on the links.
  bool HasAddress(loop::Ip address) const {
    return address == ip_ || (has_ip6_ && address == ip6_);
  }
  // Null unless it is one.
  Router* router() const { return router_.get(); }
  RouteTable& routes() const { return routes_; }
  // In the order in which they were added.
  const std::vector<Link*>& links() const { return links_; }
  // The host's end of each, in that order.
  Channel& ChannelOf(size_t link) const { return channels_.at(link); }
  // The first link of the way to `address`; null if there is none.
  Link* LinkTo(loop::Ip address) const {
    const Channel* channel = ChannelTo(address);
    return channel == nullptr ? nullptr : &channel->link();
  }
  // The host's end of that link.
  Channel* ChannelTo(loop::Ip address) const;
  // The MTU of that link; of loopback, 65536, for an address of its own.
  uint32_t MtuTo(loop::Ip address) const;
  PathMtu& path_mtu() { return path_mtu_; }
  // What `icmp` says of the path's MTU, if it does (RFC 1191). Its protocol has
  // found it to be about something that was sent.
  void LearnMtu(const Icmp& icmp);
  // Whether a packet to `address` has somewhere to go.
  bool Routes(loop::Ip address) const;
  // The source address of packets to `destination` (RFC 1122 section 3.3.4.3).
  loop::Ip SourceFor(loop::Ip destination) const;

  // Sends a packet by loopback or link; drops it (with a record) if no way
  // leads there. Loopback without delay waits for RunSoftirq().
  void Transmit(Packet& packet);
  // A packet that took time has come.
  void Arrive(Packet& packet);
  // Ends a packet, with a record that says why: "lost", "no route".
  void Drop(Packet& packet, absl::string_view reason);
  // Tells the sender of `about` what became of it (RFC 1812 section 4.3), if
  // it is one that may be told: not about an error, nor what is for many.
  // `mtu` is the next hop's, for kFragmentationNeeded.
  void SendError(const Packet& about, Icmp::Code code, uint32_t mtu);
  // Delivers what loopback holds, and what that sends in turn, until nothing
  // is left: the soft interrupt that Linux runs before a call returns.
  void RunSoftirq() {
    // A packet sent by the handling of another waits its turn behind it.
    if (!in_softirq_ && !loopback_.empty()) DeliverLoopback();
  }

 private:
  friend class World;
  friend class Link;
  void AddLink(Link& link) { links_.push_back(&link); }
  Channel& AddChannel(Link& link, Host& to, const LinkOptions& options);
  void TransmitLoopback(Packet& packet);
  void DeliverLoopback();
  // The same with jitter, where time is in any order.
  void TransmitLoosely(Packet& packet);
  void Receive(Packet& packet);
  // Of a host that is down or frozen: takes the packet.
  void Withhold(Packet& packet, bool outgoing);

  static constexpr size_t kChannelPiece = 8;

  // What every packet asks for stands together.
  World& world_;
  const uint32_t index_;
  bool down_ = false;
  bool frozen_ = false;
  bool in_softirq_ = false;
  const bool has_ip6_;
  // Its addresses on the links, as those of packets are.
  const loop::Ip ip_;
  const loop::Ip ip6_;
  std::unique_ptr<Router> router_;
  std::deque<Packet*> loopback_;
  std::vector<Link*> links_;
  Slab<Channel, kChannelPiece> channels_;  // of links_
  mutable RouteTable routes_;
  // What ChannelTo() answered last, and under which topology.
  mutable loop::Ip last_to_;
  mutable Channel* last_channel_ = nullptr;
  mutable uint64_t last_topology_ = 0;
  HostOptions options_;
  uint32_t errors_sent_ = 0;
  HostClock clock_;
  struct Held {
    Packet* packet;
    bool outgoing;
  };
  std::vector<Held> held_;  // while it is frozen
  uint32_t loopback_lane_;
  loop::Instant loopback_last_arrival_;
  uint32_t loopback_under_way_ = 0;  // in the event queue
  int64_t loopback_jitter_nanos_;
  uint32_t timerfds_ = 0;
  uint64_t cookies_ = 0;
  FileTally tally_;
  tcp::Stack tcp_;
  udp::Stack udp_;
  Directory directory_;
  PathMtu path_mtu_;
  unix_domain::Namespace unix_names_{*this};
};

}  // namespace simloop::sim

#endif  // SIM_HOST_H_
