#include "sim/tcp/listener.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "sim/host.h"
#include "sim/tcp/stack.h"
#include "sim/tcp/time_stamp.h"
#include "sim/world.h"

namespace simloop::sim::tcp {
namespace {

// What Linux tells over loopback in a SYN-ACK, whose window is never scaled
// (RFC 7323 section 2.2).
constexpr size_t kSynAckWindow = 65483;

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
    answer.window = static_cast<uint32_t>(std::min<size_t>(
        listener_.options_.receiver().limit_bytes(), kSynAckWindow));
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
    const int deferred = listener_.options_.options.defer_accept_retries;
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
    const int deferred = listener_.options_.options.defer_accept_retries;
    if (timeouts_ >= deferred || segment.length() > 0) return false;
    acked_ = true;
    return true;
  }
  std::string Name() const override {
    return absl::StrCat(OriginName(), "/timer");
  }

 private:
  EventQueue& queue() { return listener_.stack_.host().world().queue(); }
  std::string OriginName() const {
    return absl::StrCat(listener_.stack_.host().name(), ".", origin_.what, "#",
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
  bool acked_ = false;
};

Listener::Listener(Stack& stack, const loop::Endpoint& local,
                   Connection& options, WaitQueue& waiters)
    : stack_(stack), local_(local), options_(options), waiters_(waiters) {
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
  const int own = options_.options.max_segment;
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

Listener::Request* Listener::Find(const loop::Endpoint& peer) {
  for (const std::unique_ptr<Request>& request : requests_) {
    if (request->peer() == peer) return request.get();
  }
  return nullptr;
}

void Listener::Remove(Request& request) {
  const auto at = std::find_if(
      requests_.begin(), requests_.end(),
      [&](const std::unique_ptr<Request>& r) { return r.get() == &request; });
  requests_.erase(at);
}

bool Listener::Receive(const Segment& segment) {
  Request* request = Find(segment.from);
  if (segment.has(kRst)) {
    if (request != nullptr && segment.seq == request->irs() + 1) {
      Remove(*request);
    }
    return true;
  }
  if (segment.has(kSyn)) {
    if (segment.has(kAck)) return false;
    if (request != nullptr) {
      request->Answer(/*again=*/true);
    } else if (!Full()) {
      // Not answered when full: the peer is to try again (tcp(7)).
      requests_.push_back(std::make_unique<Request>(
          *this, segment, stack_.NewInitialSequence()));
    }
    return true;
  }
  if (!segment.has(kAck)) return true;
  if (request == nullptr || segment.ack != request->iss() + 1) return false;
  if (request->Defers(segment)) return true;
  // The handshake is complete, but an accept queue that is full takes nothing:
  // the segment is dropped, and the peer believes itself connected.
  if (!Full()) {
    Complete(*request, segment);
    return true;
  }
  // Or it is told (net.ipv4.tcp_abort_on_overflow of tcp(7)).
  if (!stack_.host().options().abort_on_overflow) return true;
  Remove(*request);
  return false;
}

void Listener::Complete(Request& request, const Segment& segment) {
  auto connection = std::make_unique<Connection>(stack_);
  connection->local = request.local();
  connection->remote = request.peer();
  connection->sender().SetNodelay(options_.sender().nodelay());
  connection->sender().SetLimit(options_.sender().limit_bytes());
  connection->receiver().SetLimit(options_.receiver().limit_bytes());
  connection->options = options_.options;
  connection->SetCongestionControl(options_.congestion_control());
  PortUse& use = connection->port_use();
  use.ip = request.local().ip;
  use.port = request.local().port;
  use.reuse = options_.port_use().reuse;
  use.reuse_port = options_.port_use().reuse_port;
  stack_.ports().Add(use);
  connection->Establish(request.handshake(), segment);
  // sk_clone_lock() copies what shutdown(2) did to a socket before listen(2).
  connection->Shut(options_.shut());
  Remove(request);
  Connection& established = *connection;
  accepted_.push_back(std::move(connection));
  // The segment that completes a handshake may carry data or FIN.
  established.Receive(segment);
  if ((established.shut() & Connection::kSendShut) != 0) {
    established.ShutSend();
  }
  waiters_.Wake(kReadableEvents);
}

}  // namespace simloop::sim::tcp
