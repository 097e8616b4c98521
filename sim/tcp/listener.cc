#include "sim/tcp/listener.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "sim/host.h"
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

// One handshake under way: a SYN that was answered (RFC 9293 SYN-RECEIVED,
// request_sock of Linux). It repeats its SYN-ACK after 1 s, 2 s, 4 s ...
class Listener::Request final : public Event {
 public:
  Request(Listener& listener, const Segment& syn, Sequence iss)
      : listener_(listener),
        peer_(syn.from),
        local_(syn.to),
        iss_(iss),
        irs_(syn.seq),
        mss_(syn.mss),
        sack_(syn.sack_permitted),
        stamp_(syn.stamp),
        origin_(listener.stack_.NextArrival()) {
    Answer(/*again=*/false);
  }
  ~Request() { queue().Cancel(*this); }

  const loop::Endpoint& peer() const { return peer_; }
  const loop::Endpoint& local() const { return local_; }
  Sequence iss() const { return iss_; }
  Sequence irs() const { return irs_; }
  Connection::Handshake handshake() const {
    return {origin_, iss_, irs_, mss_, sack_, stamp_, answered_at_};
  }

  // Some of `segment` lies in the window that the SYN-ACK told.
  bool InWindow(const Segment& segment) const {
    const Sequence next = irs_ + 1;
    const Sequence edge = next + Window();
    return segment.seq == next ||
           (Before(next, segment.end()) && Before(segment.seq, edge)) ||
           (segment.seq == edge && segment.length() == 0);
  }
  // What is repeated or out of place is answered twice a second at most
  // (tcp_invalid_ratelimit).
  bool MayAnswer() {
    const uint32_t now = TimeStamp(listener_.stack_.host().world().Now());
    if (told_ != 0 && now - told_ < 500) return false;
    told_ = now;
    return true;
  }
  // Where it stands.
  void Tell() {
    Segment ack;
    ack.from = local_;
    ack.to = peer_;
    ack.flags = kAck;
    ack.seq = iss_ + 1;
    ack.ack = irs_ + 1;
    ack.window = Window();
    ack.stamp = TimeStamp(listener_.stack_.host().world().Now());
    ack.echo = stamp_;
    listener_.stack_.Transmit(
        ack, iss_, irs_, [&] { return OriginName(); }, "ack", ++tellings_,
        /*again=*/false);
  }

  void Answer(bool again) {
    Segment answer;
    answer.from = local_;
    answer.to = peer_;
    answer.flags = kSyn | kAck;
    answer.seq = iss_;
    answer.ack = irs_ + 1;
    answer.mss = static_cast<uint16_t>(listener_.Mss(peer_));
    World& world = listener_.stack_.host().world();
    answer.sack_permitted =
        sack_ && listener_.stack_.host().options().sack != 0;
    answer.stamp = TimeStamp(world.Now());
    answer.echo = stamp_;
    answer.window = Window();
    listener_.stack_.Transmit(
        answer, iss_, irs_, [&] { return OriginName(); }, "synack", 1, again);
    answered_at_ = again ? loop::Instant::Infinite() : world.Now();
    Rearm();
  }
  void Rearm() {
    World& world = listener_.stack_.host().world();
    world.queue().Schedule(
        *this,
        world.Now().PlusNanos(Retransmission::kInitialNanos << timeouts_));
  }

  // syn_ack_recalc(): once the peer has acknowledged, TCP_DEFER_ACCEPT waits
  // for its data, and asks once more at the end of its time.
  void Fire() override {
    Host& host = listener_.stack_.host();
    const int deferred = listener_.options_.options->defer_accept_retries;
    const bool waits = acked_ && timeouts_ < deferred;
    if (timeouts_ >= host.options().synack_retries && !waits) {
      listener_.Remove(*this);
      return;
    }
    const bool asks = !acked_ || timeouts_ >= deferred - 1;
    ++timeouts_;
    if (asks) {
      Answer(/*again=*/true);
    } else {
      Rearm();
    }
    host.RunSoftirq();
  }
  // The ACK that completes the handshake has come, without data: whether
  // TCP_DEFER_ACCEPT (tcp(7)) leaves it at that.
  bool Defers(const Segment& segment) {
    const int deferred = listener_.options_.options->defer_accept_retries;
    if (timeouts_ >= deferred || segment.length() > 0) return false;
    acked_ = true;
    return true;
  }
  std::string Name() const override {
    return absl::StrCat(OriginName(), "/timer");
  }
  uint32_t HostIndex() const override {
    return listener_.stack_.host().index();
  }

 private:
  uint32_t Window() const {
    return static_cast<uint32_t>(std::min<size_t>(
        listener_.options_.receiver().limit_bytes(), kSynAckWindow));
  }
  EventQueue& queue() { return listener_.stack_.host().world().queue(); }
  std::string OriginName() const {
    return absl::StrCat(listener_.stack_.host().name(),
                        origin_.connect ? ".connect#" : ".accept#",
                        origin_.number);
  }

  Listener& listener_;
  const loop::Endpoint peer_;
  const loop::Endpoint local_;
  const Sequence iss_;
  const Sequence irs_;
  const uint32_t mss_;
  const bool sack_;
  const uint32_t stamp_;
  const Connection::Origin origin_;
  loop::Instant answered_at_;
  int timeouts_ = 0;
  uint32_t told_ = 0;  // when something was answered, as a time stamp
  uint16_t tellings_ = 0;
  bool acked_ = false;
};

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
  for (std::unique_ptr<Connection>& connection : accepted_) {
    connection->Abort();
  }
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
  accepted_.pop_front();
  return next;
}

Listener::Request* Listener::Find(const loop::Endpoint& peer,
                                  const loop::Endpoint& local) {
  if (requests_.empty()) return nullptr;
  const auto found = requests_.find(Pair{local, peer});
  return found == requests_.end() ? nullptr : found->second.get();
}

void Listener::Remove(const Request& request) {
  requests_.erase(Pair{request.local(), request.peer()});
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
      requests_[Pair{syn.to, syn.from}] =
          std::make_unique<Request>(*this, syn, stack_.NewInitialSequence());
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
  answer.window = static_cast<uint32_t>(
      std::min<size_t>(options_.receiver().limit_bytes(), kSynAckWindow));
  answer.sack_permitted =
      syn.sack_permitted && stack_.host().options().sack != 0;
  answer.stamp = SynCookie::StampFor(syn, now);
  answer.echo = syn.stamp;
  stack_.Transmit(
      answer, answer.seq, syn.seq,
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
  Request* request = Find(segment.from, segment.to);
  if (request != nullptr) return ReceiveFor(*request, segment);
  if (segment.has(kRst)) return true;
  if (segment.has(kSyn)) {
    if (segment.has(kAck)) return false;
    ReceiveSyn(segment);
    return true;
  }
  return !segment.has(kAck) || ReceiveCookie(segment);
}

// tcp_check_req().
bool Listener::ReceiveFor(Request& request, const Segment& segment) {
  const bool ack = segment.has(kAck);
  if (segment.seq == request.irs() && segment.has(kSyn) && !ack &&
      !segment.has(kRst)) {
    if (request.MayAnswer()) request.Answer(/*again=*/true);
    return true;
  }
  if (ack && segment.ack != request.iss() + 1) return segment.has(kRst);
  if (!request.InWindow(segment)) {
    if (!segment.has(kRst) && request.MayAnswer()) request.Tell();
    return true;
  }
  if (segment.has(kRst) || segment.has(kSyn)) {
    Remove(request);
    return segment.has(kRst);
  }
  if (!ack || request.Defers(segment)) return true;
  // The handshake is complete, but an accept queue that is full takes nothing:
  // the segment is dropped, and the peer believes itself connected.
  if (!Full()) {
    const Connection::Handshake handshake = request.handshake();
    Remove(request);
    Complete(handshake, segment);
    return true;
  }
  // Or it is told (net.ipv4.tcp_abort_on_overflow of tcp(7)).
  if (!stack_.host().options().abort_on_overflow) return true;
  Remove(request);
  return false;
}

void Listener::ReceiveError(const Icmp& icmp) {
  Request* request = Find(icmp.about_to, icmp.about_from);
  const bool ends = icmp.code == Icmp::Code::kNetUnreachable ||
                    icmp.code == Icmp::Code::kHostUnreachable ||
                    icmp.code == Icmp::Code::kTimeExceeded;
  if (request != nullptr && ends && icmp.sequence == request->iss()) {
    Remove(*request);
  }
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
  auto connection = std::make_unique<Connection>(stack_, Inherited());
  connection->local = ack.to;
  connection->remote = ack.from;
  connection->sender().SetNodelay(options_.sender().nodelay());
  connection->sender().SetLimit(options_.sender().limit_bytes());
  connection->receiver().SetLimit(options_.receiver().limit_bytes());
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
  accepted_.push_back(std::move(connection));
  // The segment that completes a handshake may carry data or FIN.
  established.Receive(ack);
  if ((established.shut() & Connection::kSendShut) != 0) {
    established.ShutSend();
  }
  waiters_.Wake(kReadableEvents);
}

}  // namespace simloop::sim::tcp
