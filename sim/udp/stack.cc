#include "sim/udp/stack.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "loop/check.h"
#include "sim/host.h"
#include "sim/inet_address.h"
#include "sim/udp/socket.h"
#include "sim/world.h"

namespace simloop::sim::udp {
namespace {

using loop::Errno;

// How many of the next free ephemeral ports a Scheduler may choose among.
constexpr uint32_t kPortChoices = 4;
// 224.0.0.1 (RFC 1112 section 4): joined by every host.
constexpr loop::Ipv4 kAllHosts = {0xe0000001};
// No socket is for it.
constexpr int kNoMatch = -1;

// Whether packets to one may be meant for the other (inet_rcv_saddr_equal()).
bool Overlap(const Socket& a, const Socket& b) {
  return a.Covers(b.local().ip) || b.Covers(a.local().ip);
}

// compute_score(): what is more specific is higher.
int Score(const Socket& socket, const loop::Endpoint& local,
          const loop::Endpoint& remote, bool exact) {
  if (exact ? socket.local().ip != local.ip
            : !socket.local().ip.is_any() || !socket.Covers(local.ip)) {
    return kNoMatch;
  }
  const bool v4 = local.ip.is_v4();
  const int step = v4 ? 4 : 1;
  // An IPv4 socket goes before an IPv6 one that takes IPv4 as well.
  int score = !v4 ? 0 : socket.inet6() ? 1 : 2;
  const loop::Ip peer = v4 ? socket.peer4() : socket.peer6();
  if (!peer.is_any()) {
    if (peer != remote.ip) return kNoMatch;
    score += step;
  }
  if (socket.remote().port != 0) {
    if (socket.remote().port != remote.port) return kNoMatch;
    score += step;
  }
  if (socket.options().bound_to_loopback()) {
    if (!local.ip.is_loopback()) return kNoMatch;
    score += step;
  }
  // Among equals, who last heard something on this processor.
  if (socket.heard()) ++score;
  return score;
}

}  // namespace

Stack::Stack(Host& host) : host_(host) {
  // TCP begins at the front of the range: a port number says which of the two
  // took it.
  const HostOptions& options = host.options();
  next_port_ =
      (options.last_ephemeral_port - options.first_ephemeral_port + 1) / 2;
}

void Stack::Remove(Socket& socket) {
  all_.erase(std::find(all_.begin(), all_.end(), &socket));
}

// --- Ports
// -------------------------------------------------------------------

bool Stack::Conflicts(const Socket& socket, uint16_t port) const {
  const auto found = ports_.find(port);
  if (found == ports_.end()) return false;
  for (const Socket* other : found->second) {
    if (!Overlap(socket, *other)) continue;
    const auto both = [&](int name) {
      return socket.options().on(name) && other->options().on(name);
    };
    if (!both(loop::kSoReuseaddr) && !both(loop::kSoReuseport)) return true;
  }
  return false;
}

Errno Stack::Take(Socket& socket, uint16_t port) {
  if (Conflicts(socket, port)) return Errno::kEADDRINUSE;
  ListOf(port).push_back(&socket);
  socket.SetPort(port);
  return Errno::kOk;
}

Errno Stack::TakeEphemeral(Socket& socket) {
  const HostOptions& options = host_.options();
  uint32_t first = options.first_ephemeral_port;
  uint32_t last = options.last_ephemeral_port;
  // A bound of the socket's own narrows the host's, or does nothing.
  const uint32_t own_first = socket.inet().first_port();
  const uint32_t own_last = socket.inet().last_port();
  if (first <= own_first && own_first <= last) first = own_first;
  if (first <= own_last && own_last <= last) last = own_last;
  const uint32_t range = last - first + 1;
  const size_t wanted = host_.world().calm() ? 1 : kPortChoices;
  std::vector<uint16_t> free;
  for (uint32_t i = 0; i < range && free.size() < wanted; ++i) {
    const auto port = static_cast<uint16_t>(first + (next_port_ + i) % range);
    const auto found = ports_.find(port);
    bool unused = true;
    if (found != ports_.end()) {
      for (const Socket* other : found->second) {
        if (Overlap(socket, *other)) unused = false;
      }
    }
    if (unused) free.push_back(port);
  }
  if (free.empty()) return Errno::kEADDRINUSE;
  ++port_picks_;
  const uint32_t pick = host_.world().Pick(
      ChoiceKind::kPort, static_cast<uint32_t>(free.size()),
      [&] { return absl::StrCat(host_.name(), ".udp.port#", port_picks_); });
  const uint16_t port = free[pick];
  next_port_ = (port - first + 1) % range;
  ListOf(port).push_back(&socket);
  socket.SetPort(port);
  return Errno::kOk;
}

void Stack::Release(Socket& socket) {
  std::vector<Socket*>& list = ListOf(socket.local().port);
  const auto found = std::find(list.begin(), list.end(), &socket);
  SIMLOOP_CHECK(found != list.end(), "the socket stands in the table");
  list.erase(found);
  socket.SetPort(0);
}

void Stack::Rehash(Socket& socket) {
  std::vector<Socket*>& list = ListOf(socket.local().port);
  const auto found = std::find(list.begin(), list.end(), &socket);
  SIMLOOP_CHECK(found != list.end(), "the socket stands in the table");
  std::rotate(found, found + 1, list.end());
}

// --- Datagrams in
// ------------------------------------------------------------

void Stack::LookUp(uint16_t port) const {
  const auto found = ports_.find(port);
  asked_port_ = port;
  holders_ = found == ports_.end() ? nullptr : &found->second;
}

Socket* Stack::Find(const loop::Endpoint& local,
                    const loop::Endpoint& remote) const {
  const std::vector<Socket*>* const holders = HoldersOf(local.port);
  if (holders == nullptr) return nullptr;
  const std::vector<Socket*>& list = *holders;
  if (list.size() == 1) {
    Socket& only = *list[0];
    const bool exact = only.local().ip == local.ip;
    return Score(only, local, remote, exact) == kNoMatch ? nullptr : &only;
  }
  // Those of the very address go before those of all.
  for (const bool exact : {true, false}) {
    Socket* best = nullptr;
    int best_score = kNoMatch;
    for (auto it = list.rbegin(); it != list.rend(); ++it) {
      const int score = Score(**it, local, remote, exact);
      if (score <= best_score) continue;
      best = *it;
      best_score = score;
    }
    if (best == nullptr) continue;
    const bool shared =
        best->options().on(loop::kSoReuseport) && !best->connected();
    return shared ? Share(*best, local, remote) : best;
  }
  return nullptr;
}

Socket* Stack::Share(Socket& first, const loop::Endpoint& local,
                     const loop::Endpoint& remote) const {
  std::vector<Socket*> group;
  for (Socket* other : ports_.at(local.port)) {
    if (other->options().on(loop::kSoReuseport) && !other->connected() &&
        other->local() == first.local() && other->inet6() == first.inet6()) {
      group.push_back(other);
    }
  }
  // A multiplicative hash (Knuth 6.4) of who sends.
  uint64_t hash = remote.ip.low() * 0x9e3779b97f4a7c15;
  hash = (hash ^ remote.port) * 0x9e3779b97f4a7c15;
  return group[(hash >> 32) % group.size()];
}

void Stack::Receive(const Datagram& datagram) {
  if (datagram.to.ip.is_multicast() || IsBroadcast(datagram.to.ip)) {
    ReceiveForMany(datagram);
    return;
  }
  Socket* socket = Find(datagram.to, datagram.from);
  if (socket != nullptr) {
    socket->Deliver(datagram);
  } else {
    Refuse(datagram);
  }
}

// __udp4_lib_mcast_deliver(): a copy for each.
void Stack::ReceiveForMany(const Datagram& datagram) {
  const auto found = ports_.find(datagram.to.port);
  if (found == ports_.end()) return;
  const bool group = datagram.to.ip.is_multicast();
  if (group && datagram.to.ip != kAllHosts &&
      std::none_of(all_.begin(), all_.end(), [&](const Socket* socket) {
        return socket->inet().Joined(datagram.to.ip);
      })) {
    return;  // the interface does not listen to it
  }
  // Delivery wakes, but calls nobody: the list stays as it is.
  for (Socket* socket : found->second) {
    if (!socket->Covers(datagram.to.ip)) continue;
    if (socket->connected() && socket->remote() != datagram.from) continue;
    if (group && !socket->inet().Hears(datagram.to.ip)) continue;
    socket->Deliver(datagram);
  }
}

void Stack::ReceiveError(const Icmp& error) {
  Socket* socket = Find(error.about_from, error.about_to);
  if (socket != nullptr) socket->TakeIcmp(error);
}

// --- Datagrams out
// -----------------------------------------------------------

void Stack::Refuse(const Datagram& datagram) {
  World& world = host_.world();
  Packet& packet = world.packets().New(Protocol::kIcmp);
  packet.icmp.from = {datagram.to.ip, 0};
  packet.icmp.to = {datagram.from.ip, 0};
  packet.icmp.code = Icmp::Code::kPortUnreachable;
  packet.icmp.protocol = Protocol::kUdp;
  packet.icmp.about_from = datagram.from;
  packet.icmp.about_to = datagram.to;
  const size_t quoted =
      datagram.to.ip.is_v4() ? Icmp::kQuotedBytes : Icmp::kQuotedBytes6;
  packet.icmp.quoted =
      datagram.payload.Part(0, std::min(datagram.payload.size(), quoted));
  ++refusals_;
  if (!world.calm()) {
    packet.name = absl::StrCat(host_.name(), ".icmp/unreachable#", refusals_);
  }
  host_.Transmit(packet);
}

void Stack::Transmit(const DatagramHeader& header, absl::Span<const char> data,
                     const Socket& sender) {
  World& world = host_.world();
  Packet& packet = world.packets().New(Protocol::kUdp);
  static_cast<DatagramHeader&>(packet.datagram) = header;
  packet.datagram.payload.Assign(data);
  if (!world.calm()) packet.name = sender.DatagramName();
  host_.Transmit(packet);
}

}  // namespace simloop::sim::udp
