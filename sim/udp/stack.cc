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
  // An IPv4 socket goes before an IPv6 one that takes IPv4 as well.
  int score = !socket.inet6() && local.ip.is_v4() ? 2 : 1;
  if (socket.connected()) {
    if (socket.remote().ip != remote.ip) return kNoMatch;
    score += 4;
    if (socket.remote().port != 0) {
      if (socket.remote().port != remote.port) return kNoMatch;
      score += 4;
    }
  }
  if (socket.options().bound_to_loopback()) {
    if (!local.ip.is_loopback()) return kNoMatch;
    score += 4;
  }
  return score;
}

}  // namespace

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
  ports_[port].push_back(&socket);
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
  ports_[port].push_back(&socket);
  socket.SetPort(port);
  return Errno::kOk;
}

void Stack::Release(Socket& socket) {
  std::vector<Socket*>& list = ports_[socket.local().port];
  const auto found = std::find(list.begin(), list.end(), &socket);
  SIMLOOP_CHECK(found != list.end(), "the socket stands in the table");
  list.erase(found);
  socket.SetPort(0);
}

void Stack::Rehash(Socket& socket) {
  std::vector<Socket*>& list = ports_[socket.local().port];
  const auto found = std::find(list.begin(), list.end(), &socket);
  SIMLOOP_CHECK(found != list.end(), "the socket stands in the table");
  std::rotate(found, found + 1, list.end());
}

// --- Datagrams in
// ------------------------------------------------------------

Socket* Stack::Find(const loop::Endpoint& local,
                    const loop::Endpoint& remote) const {
  const auto found = ports_.find(local.port);
  if (found == ports_.end()) return nullptr;
  const std::vector<Socket*>& list = found->second;
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
  Packet& packet = world.packets().New();
  packet.protocol = Protocol::kIcmp;
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

void Stack::Transmit(const Datagram& datagram, const Socket& sender) {
  World& world = host_.world();
  Packet& packet = world.packets().New();
  packet.protocol = Protocol::kUdp;
  packet.datagram = datagram;
  if (!world.calm()) packet.name = sender.DatagramName();
  host_.Transmit(packet);
}

}  // namespace simloop::sim::udp
