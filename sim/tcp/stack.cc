#include "sim/tcp/stack.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "loop/check.h"
#include "sim/host.h"
#include "sim/tcp/dormant.h"
#include "sim/tcp/listener.h"
#include "sim/tcp/request.h"
#include "sim/tcp/socket.h"
#include "sim/tcp/time_wait.h"
#include "sim/world.h"

namespace simloop::sim::tcp {
namespace {

// Ethernet's 1500 and loopback's 65535 bytes, less the IPv4 and TCP headers
// and the time stamps that Linux's segments carry (RFC 7323).
// The headers of IPv4 and TCP, without options.
constexpr uint32_t kHeaderBytes = 40;
constexpr uint32_t kLoopbackMss = 65483;
// By how much IPv6's header is larger.
constexpr uint32_t kInet6Bytes = 20;
// How many of the next free ephemeral ports a Scheduler may choose among.
constexpr uint32_t kPortChoices = 4;

}  // namespace

Stack::Stack(Host& host) : host_(host) {}
Stack::~Stack() = default;

uint32_t Stack::Mss(const loop::Endpoint& remote) const {
  const uint32_t mss =
      host_.IsLocal(remote.ip)
          ? kLoopbackMss
          : host_.MtuTo(remote.ip) - kHeaderBytes - kTimestampBytes;
  return remote.ip.is_v4() ? mss : mss - kInet6Bytes;
}

const CopyOnWrite<SocketOptions>& Stack::FreshOptions(loop::Family family) {
  std::optional<CopyOnWrite<SocketOptions>>& fresh =
      family == loop::Family::kInet6 ? fresh6_ : fresh_;
  if (!fresh.has_value()) {
    fresh.emplace(std::in_place, host_.options(), family);
  }
  return *fresh;
}

const CongestionControl* Stack::FreshCongestionControl() {
  if (fresh_control_ == nullptr) {
    fresh_control_ =
        FindCongestionControl(host_.options().tcp_congestion_control);
  }
  return fresh_control_;
}

// --- Tables ------------------------------------------------------------------

TimeWait* Stack::TimeWaitOf(Tabled* before) {
  return before == nullptr || before->kind != Tabled::Kind::kTimeWait
             ? nullptr
             : static_cast<TimeWait*>(before);
}

bool Stack::Reusable(const TimeWait& time_wait) const {
  const int setting = host_.options().time_wait_reuse;
  if (setting == 0) return false;
  if (setting == 2 && !host_.IsLocal(time_wait.remote.ip)) return false;
  // Time stamps tell the two apart then (RFC 7323 appendix B.2).
  constexpr int64_t kSecond = 1'000'000'000;
  return Now().nanos() - time_wait.began().nanos() > kSecond;
}

// Nothing of the old connection may be taken for the new one's (RFC 6191).
void Stack::Reuse(TimeWait& time_wait) {
  if (Before(next_initial_, time_wait.snd_nxt())) {
    next_initial_ = time_wait.snd_nxt();
  }
  death_row_.End(time_wait);
}

void Stack::ReuseTimeWait(const loop::Endpoint& local,
                          const loop::Endpoint& remote) {
  TimeWait* const time_wait = TimeWaitOf(connections_.Find({local, remote}));
  if (time_wait != nullptr) Reuse(*time_wait);
}

void Stack::Adopt(std::unique_ptr<Connection> orphan) {
  orphan->place_ = static_cast<uint32_t>(orphans_.size());
  orphans_.push_back(std::move(orphan));
}

void Stack::EndOrphan(Connection& connection) {
  const uint32_t place = connection.place_;
  SIMLOOP_CHECK(orphans_[place].get() == &connection, "it stands there");
  orphans_[place].swap(orphans_.back());
  orphans_[place]->place_ = place;
  orphans_.pop_back();
}

void Stack::Forget() {
  orphans_.clear();
  death_row_.Clear();
}

loop::Instant Stack::Now() const { return host_.world().Now(); }

// In a world with a Scheduler, whose runs are many and short, none rests: what
// may happen next is asked of the event queue there, which knows no Dormant.
void Stack::Watch(Socket& socket) {
  if (!host_.world().calm()) return;
  Connection& connection = socket.connection();
  connection.place_ = wakeful_.Add(socket, Now());
  connection.wakeful_ = true;
}

void Stack::Unwatch(Connection& connection) {
  if (!connection.wakeful_) return;
  connection.wakeful_ = false;
  wakeful_.Remove(connection.place_);
}

Connection& Stack::ConnectionOf(Tabled& entry) {
  if (entry.kind == Tabled::Kind::kDormant) {
    return static_cast<Dormant&>(entry).owner().connection();
  }
  return static_cast<Connection&>(entry);
}

void Stack::AddListener(Listener& listener) { listeners_.push_back(&listener); }

void Stack::RemoveListener(Listener& listener) {
  listeners_.erase(std::find(listeners_.begin(), listeners_.end(), &listener));
}

Listener* Stack::FindListener(const loop::Endpoint& local) const {
  // An exact address goes before 0.0.0.0, and that before :: (compute_score()
  // of Linux).
  Listener* any = nullptr;
  for (Listener* listener : listeners_) {
    if (listener->local().port != local.port) continue;
    if (listener->local().ip == local.ip) return listener;
    if (!listener->Takes(local.ip)) continue;
    if (any == nullptr || listener->local().ip.is_v4()) any = listener;
  }
  return any;
}

loop::Errno Stack::TakeEphemeralPort(PortUse& use,
                                     const loop::Endpoint* remote) {
  const HostOptions& options = host_.options();
  const uint32_t range =
      options.last_ephemeral_port - options.first_ephemeral_port + 1;
  struct Free {
    uint16_t port;
    TimeWait* before;  // between the two; null if there is none
  };
  absl::InlinedVector<Free, kPortChoices> free;
  const size_t wanted = host_.world().calm() ? 1 : kPortChoices;
  for (uint32_t i = 0; i < range && free.size() < wanted; ++i) {
    const auto port = static_cast<uint16_t>(options.first_ephemeral_port +
                                            (next_port_ + i) % range);
    if (ports_.Unused(port)) {
      free.push_back({port, nullptr});
      continue;
    }
    if (remote == nullptr || !ports_.OnlyAutomatic(port)) continue;
    Tabled* const before = connections_.Find({{use.ip, port}, *remote});
    TimeWait* const time_wait = TimeWaitOf(before);
    if (before == nullptr || (time_wait != nullptr && Reusable(*time_wait))) {
      free.push_back({port, time_wait});
    }
  }
  if (free.empty()) {
    return remote == nullptr ? loop::Errno::kEADDRINUSE
                             : loop::Errno::kEADDRNOTAVAIL;
  }
  ++port_picks_;
  const uint32_t pick = host_.world().Pick(
      ChoiceKind::kPort, static_cast<uint32_t>(free.size()),
      [&] { return absl::StrCat(host_.name(), ".port#", port_picks_); });
  use.port = free[pick].port;
  use.automatic = remote != nullptr;
  next_port_ = (use.port - options.first_ephemeral_port + 1) % range;
  if (free[pick].before != nullptr) Reuse(*free[pick].before);
  ports_.Add(use);
  return loop::Errno::kOk;
}

// --- Segments ----------------------------------------------------------------

void Stack::Receive(const Segment& segment) {
  Tabled* const entry = connections_.Find({segment.to, segment.from});
  if (entry != nullptr && ReceiveFor(*entry, segment)) return;
  Listener* listener = FindListener(segment.to);
  if (listener != nullptr && listener->Receive(segment)) return;
  if (!segment.has(kRst)) TransmitReset(segment);
}

bool Stack::ReceiveFor(Tabled& entry, const Segment& segment) {
  switch (entry.kind) {
    case Tabled::Kind::kTimeWait:
      return static_cast<TimeWait&>(entry).Receive(*this, segment);
    case Tabled::Kind::kRequest:
      if (!static_cast<Request&>(entry).Receive(segment)) {
        TransmitReset(segment);
      }
      return true;
    case Tabled::Kind::kConnection:
    case Tabled::Kind::kDormant:
      break;
  }
  Connection& connection = ConnectionOf(entry);
  connection.Receive(segment);
  if (connection.ended_) EndOrphan(connection);
  return true;
}

void Stack::ReceiveError(const Icmp& icmp) {
  Tabled* const entry = connections_.Find({icmp.about_from, icmp.about_to});
  // Nobody waits for anything in TIME-WAIT.
  if (entry == nullptr || entry->kind == Tabled::Kind::kTimeWait) return;
  if (entry->kind == Tabled::Kind::kRequest) {
    static_cast<Request&>(*entry).ReceiveError(icmp);
    return;
  }
  Connection& connection = ConnectionOf(*entry);
  connection.ReceiveError(icmp);
  if (connection.ended_) EndOrphan(connection);
}

void Stack::TransmitReset(const Segment& cause) {
  Segment reset;
  reset.from = cause.to;
  reset.to = cause.from;
  reset.flags = kRst;
  if (cause.has(kAck)) {
    reset.seq = cause.ack;
  } else {
    reset.flags |= kAck;
    reset.ack = cause.end();
  }
  ++resets_;
  const Sequence seq = reset.seq;
  Transmit(
      std::move(reset), seq, cause.seq,
      [&] { return absl::StrCat(host_.name(), ".tcp"); }, "rst", resets_,
      /*again=*/false);
}

void Stack::Transmit(Segment&& segment, Sequence seq_base, Sequence ack_base,
                     absl::FunctionRef<std::string()> origin, const char* kind,
                     uint32_t count, bool again) {
  World& world = host_.world();
  Packet& packet = world.packets().New();
  packet.segment = std::move(segment);
  packet.seq_base = seq_base;
  packet.ack_base = ack_base;
  if (!world.calm()) {
    packet.name = absl::StrCat(origin(), "/", kind);
    if (count > 1) absl::StrAppend(&packet.name, "#", count);
    if (again) absl::StrAppend(&packet.name, "/again");
  }
  packet.again = again;
  host_.Transmit(packet);
}

}  // namespace simloop::sim::tcp
