#include "sim/tcp/listener.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "sim/host.h"
#include "sim/tcp/request.h"
#include "sim/tcp/stack.h"
#include "sim/tcp/syn_cookie.h"
#include "sim/tcp/time_stamp.h"
#include "sim/world.h"

namespace simloop::sim::tcp {
namespace {

// What Linux tells over loopback in a SYN-ACK, whose window is never scaled
// (RFC 7323 section 2.2).
constexpr size_t kSynAckWindow = 65483;
// Older ones are not valid any more (TCP_SYNCOOKIE_VALID).
constexpr int64_t kCookieNanos = 120'000'000'000;

}  // namespace

Listener::Listener(Stack& stack, const loop::Endpoint& local,
                   Connection& options, WaitQueue& waiters)
    : stack_(stack),
      local_(local),
      options_(options),
      waiters_(waiters),
      inherited_from_(options.options),
      inherited_(options.options) {
  inherited_.Own().Accept();
  stack_.AddListener(*this);
}

Listener::~Listener() {
  stack_.RemoveListener(*this);
  requests_.clear();
  for (size_t i = 0; i < accepted_.size(); ++i) accepted_.at(i)->Abort();
}

uint32_t Listener::Mss(const loop::Endpoint& peer) const {
  const uint32_t path = stack_.Mss(peer) + kTimestampBytes;
  const int own = options_.options->max_segment;
  return own > 0 ? std::min(path, static_cast<uint32_t>(own)) : path;
}

bool Listener::Takes(const loop::Ip& ip) const {
  return options_.port_use().Covers(ip);
}

std::unique_ptr<Connection> Listener::Accept() {
  if (accepted_.empty()) return nullptr;
  std::unique_ptr<Connection> next = std::move(accepted_.front());
  accepted_.Pop();
  return next;
}

uint32_t Listener::Window() const {
  return static_cast<uint32_t>(
      std::min<size_t>(options_.receiver().limit_bytes(), kSynAckWindow));
}

std::unique_ptr<Request> Listener::Remove(Request& request) {
  const uint32_t place = request.place_;
  SIMLOOP_CHECK(requests_[place].get() == &request, "it stands there");
  requests_[place].swap(requests_.back());
  requests_[place]->place_ = place;
  std::unique_ptr<Request> removed = std::move(requests_.back());
  requests_.pop_back();
  return removed;
}

Listener::Room Listener::RoomForRequest() const {
  // Not answered when the accept queue is full: the peer is to try again.
  if (Full()) return Room::kNone;
  const HostOptions& host = stack_.host().options();
  const size_t waiting = requests_.size();
  const bool flooded = waiting > static_cast<size_t>(backlog_);
  if (host.syn_cookies == 2) return Room::kCookie;
  if (flooded) return host.syn_cookies == 1 ? Room::kCookie : Room::kNone;
  // Without cookies the last quarter is for peers that are known, and none is.
  const size_t most = static_cast<size_t>(host.most_syn_backlog);
  if (host.syn_cookies == 0 && waiting + most / 4 > most) return Room::kNone;
  return Room::kRequest;
}

void Listener::ReceiveSyn(const Segment& syn) {
  switch (RoomForRequest()) {
    case Room::kNone:
      break;
    case Room::kCookie:
      AnswerByCookie(syn);
      break;
    case Room::kRequest:
      requests_.push_back(
          std::make_unique<Request>(*this, syn, stack_.NewInitialSequence()));
      requests_.back()->place_ = static_cast<uint32_t>(requests_.size() - 1);
      break;
  }
}

void Listener::AnswerByCookie(const Segment& syn) {
  const loop::Instant now = stack_.host().world().Now();
  cookie_at_ = now;
  Segment answer;
  answer.from = syn.to;
  answer.to = syn.from;
  answer.flags = kSyn | kAck;
  answer.seq = SynCookie::SequenceFor(syn, now);
  answer.ack = syn.seq + 1;
  answer.mss = static_cast<uint16_t>(Mss(syn.from));
  answer.window = Window();
  answer.sack_permitted =
      syn.sack_permitted && stack_.host().options().sack != 0;
  answer.stamp = SynCookie::StampFor(syn, now);
  answer.echo = syn.stamp;
  stack_.Transmit(
      std::move(answer), answer.seq, syn.seq,
      [&] { return absl::StrCat(stack_.host().name(), ".cookie"); }, "synack",
      ++cookies_, /*again=*/false);
}

bool Listener::ReceiveCookie(const Segment& ack) {
  const loop::Instant now = stack_.host().world().Now();
  if (cookie_at_.infinite() ||
      now.nanos() - cookie_at_.nanos() > kCookieNanos) {
    return false;
  }
  const std::optional<SynCookie> cookie = SynCookie::Read(ack, now);
  if (!cookie.has_value()) return false;
  if (Full()) return true;
  Connection::Handshake handshake;
  handshake.origin = stack_.NextArrival();
  handshake.iss = ack.ack - 1;
  handshake.irs = ack.seq - 1;
  handshake.peers_mss = cookie->mss;
  handshake.sack = cookie->sack;
  handshake.stamp = ack.stamp;
  handshake.answered_at = loop::Instant::Infinite();
  Complete(handshake, ack);
  return true;
}

bool Listener::Receive(const Segment& segment) {
  if (segment.has(kRst)) return true;
  if (segment.has(kSyn)) {
    if (segment.has(kAck)) return false;
    ReceiveSyn(segment);
    return true;
  }
  return !segment.has(kAck) || ReceiveCookie(segment);
}

bool Listener::Complete(Request& request, const Segment& ack) {
  // The handshake is complete, but an accept queue that is full takes nothing:
  // the segment is dropped, and the peer believes itself connected.
  if (!Full()) {
    const std::unique_ptr<Request> done = Remove(request);
    Complete(done->handshake(), ack);
    done->LeaveTable();  // the connection has taken its place
    return true;
  }
  // Or it is told (net.ipv4.tcp_abort_on_overflow of tcp(7)).
  if (!stack_.host().options().abort_on_overflow) return true;
  Remove(request);
  return false;
}

const CopyOnWrite<SocketOptions>& Listener::Inherited() {
  if (!inherited_from_.SharesWith(options_.options)) {
    inherited_ = inherited_from_ = options_.options;
    inherited_.Own().Accept();
  }
  return inherited_;
}

void Listener::Complete(const Connection::Handshake& handshake,
                        const Segment& ack) {
  std::unique_ptr<Connection> connection(
      new (stack_) Connection(stack_, Inherited()));
  connection->local = ack.to;
  connection->remote = ack.from;
  connection->sender().SetNodelay(options_.sender().nodelay());
  connection->sender().SetLimit(options_.sender().limit_bytes());
  connection->receiver().SetLimit(options_.receiver().limit_bytes());
  connection->receiver().SetInteractive(options_.receiver().interactive());
  connection->SetCongestionControl(options_.congestion_control());
  PortUse& use = connection->port_use();
  use.ip = ack.to.ip;
  use.port = ack.to.port;
  use.reuse = options_.port_use().reuse;
  use.reuse_port = options_.port_use().reuse_port;
  stack_.ports().Add(use);
  connection->Establish(handshake, ack);
  // sk_clone_lock() copies what shutdown(2) did to a socket before listen(2).
  connection->Shut(options_.shut());
  Connection& established = *connection;
  accepted_.Add(std::move(connection));
  // The segment that completes a handshake may carry data, which may be urgent,
  // or FIN.
  if (ack.length() > 0 || ack.has(kUrg)) established.Receive(ack);
  if ((established.shut() & Connection::kSendShut) != 0) {
    established.ShutSend();
  }
  waiters_.Wake(kReadableEvents);
}

}  // namespace simloop::sim::tcp
