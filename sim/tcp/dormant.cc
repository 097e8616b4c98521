#include "sim/tcp/dormant.h"

#include <algorithm>
#include <iterator>
#include <memory>

#include "sim/host.h"
#include "sim/tcp/stack.h"
#include "sim/tcp/time_stamp.h"
#include "sim/world.h"

namespace simloop::sim::tcp {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// What asks and is answered again and again, however far away, is in use.
constexpr int64_t kQuietNanos = 25'000'000;
constexpr int64_t kQuietRoundTrips = 8;

int64_t SecondOf(loop::Instant at) { return at.nanos() / kSecond; }

}  // namespace

// --- To rest -----------------------------------------------------------------

bool Connection::Quiet(loop::Instant now) const {
  const loop::Instant since = now.PlusNanos(-std::max(
      kQuietNanos, kQuietRoundTrips * retransmission_.smooth_nanos()));
  return state_ == State::kEstablished && heard_at_ < since &&
         sent_at_ < since && shut_ == 0 && error_ == loop::Errno::kOk &&
         trouble_ == nullptr && NextDeadline().infinite() && !ack_due_ &&
         flight_.empty() && !sender_.HasUnsent() && sender_.Queued() == 0 &&
         receiver_.Available() == 0 && receiver_.in_order() && !done_ &&
         !orphan_;
}

Past Dormant::PastOf(const Connection& connection) {
  const Sequence iss = connection.sender_.iss();
  const Sequence irs = connection.receiver_.irs();
  const loop::Instant heard = connection.heard_at_;
  const Congestion& congestion = connection.congestion_;
  Past past;
  past.sender = connection.sender_;
  past.sender.Rebase(-iss, -irs);
  past.receiver = connection.receiver_;
  past.receiver.Rebase(-irs);
  past.stamped = past.receiver.echo() != 0;
  if (past.stamped) past.echo = past.receiver.echo() - TimeStamp(heard);
  past.receiver.SetEcho(0);
  if (past.receiver.data_has_come()) past.receiver.ShiftTime(-heard.nanos());
  past.receive_limit =
      static_cast<uint32_t>(connection.receiver_.limit_bytes());
  past.retransmission = connection.retransmission_;
  past.retransmission.Rebase(-iss, -SecondOf(heard));
  past.control = congestion.control;
  past.has_cubic = congestion.cubic != nullptr;
  if (past.has_cubic) {
    past.cubic = *congestion.cubic;
    past.cubic.Rebase(-iss, -heard.nanos());
  }
  past.window = congestion.window;
  past.threshold = congestion.threshold;
  past.counted = congestion.counted;
  past.most_out = congestion.most_out;
  // 0 before anything was sent; never the initial number.
  if (congestion.most_out_end != 0) {
    past.most_out_end = congestion.most_out_end - iss;
  }
  past.limited = congestion.limited;
  past.sent_nanos = connection.sent_at_.nanos() - heard.nanos();
  past.wait = static_cast<uint8_t>(connection.wait_);
  static_assert(sizeof past.often_sent == sizeof connection.often_sent_ &&
                sizeof past.rarely_sent == sizeof connection.rarely_sent_);
  std::copy(std::begin(connection.often_sent_),
            std::end(connection.often_sent_), past.often_sent);
  std::copy(std::begin(connection.rarely_sent_),
            std::end(connection.rarely_sent_), past.rarely_sent);
  past.by_connect = connection.by_connect_;
  past.nospace = connection.nospace_;
  past.mute = connection.mute_;
  return past;
}

Dormant::Dormant(Connection& connection, Socket& owner)
    : Tabled(connection, Kind::kDormant),
      port_use_(connection.port_use_),
      origin_number_(connection.origin_number_),
      iss_(connection.sender_.iss()),
      irs_(connection.receiver_.irs()),
      heard_at_(connection.heard_at_),
      options_(connection.options),
      past_(&connection.stack_.pasts().Share(PastOf(connection))),
      owner_(owner) {
  Stack& stack = connection.stack_;
  stack.connections().Insert(*this);
  connection.in_table_ = false;
  if (port_use_.held()) {
    stack.ports().Replace(connection.port_use_, port_use_);
    connection.port_use_.port = 0;
  }
}

Dormant::~Dormant() {
  if (past_ == nullptr) return;
  Stack& stack = this->stack();
  stack.connections().Erase(*this);
  stack.ports().Remove(port_use_);
  stack.pasts().Drop(*past_);
}

// --- Awake again -------------------------------------------------------------

Connection::Connection(Dormant& dormant)
    : Connection(dormant.stack(), dormant.options_) {
  dormant.Restore(this);
  stack_.connections().Insert(*this);
  in_table_ = true;
  if (port_use_.held()) {
    stack_.ports().Replace(dormant.port_use_, port_use_);
  }
  stack_.pasts().Drop(*dormant.past_);
  dormant.past_ = nullptr;
}

void Dormant::Restore(Connection* connection) const {
  const Past& past = past_->past;
  static_cast<Pair&>(*connection) = *this;
  connection->port_use_ = port_use_;
  connection->origin_number_ = origin_number_;
  connection->heard_at_ = heard_at_;
  connection->sent_at_ =
      loop::Instant::FromNanos(heard_at_.nanos() + past.sent_nanos);
  connection->state_ = State::kEstablished;

  SenderNumbers& sender = connection->sender_;
  sender = past.sender;
  sender.Rebase(iss_, irs_);
  ReceiverNumbers& receiver = connection->receiver_;
  receiver = past.receiver;
  receiver.Rebase(irs_);
  if (past.stamped) receiver.SetEcho(past.echo + TimeStamp(heard_at_));
  if (receiver.data_has_come()) receiver.ShiftTime(heard_at_.nanos());
  connection->receiver_.SetLimit(past.receive_limit);
  connection->retransmission_ = past.retransmission;
  connection->retransmission_.Rebase(iss_, SecondOf(heard_at_));

  Congestion& congestion = connection->congestion_;
  congestion.control = past.control;
  if (past.has_cubic) {
    congestion.cubic = std::make_unique<CubicState>(past.cubic);
    congestion.cubic->Rebase(iss_, heard_at_.nanos());
  }
  congestion.window = past.window;
  congestion.threshold = past.threshold;
  congestion.counted = past.counted;
  congestion.most_out = past.most_out;
  if (past.most_out_end != 0) {
    congestion.most_out_end = past.most_out_end + iss_;
  }
  congestion.limited = past.limited;

  connection->wait_ = static_cast<Connection::Wait>(past.wait);
  std::copy(std::begin(past.often_sent), std::end(past.often_sent),
            connection->often_sent_);
  std::copy(std::begin(past.rarely_sent), std::end(past.rarely_sent),
            connection->rarely_sent_);
  connection->by_connect_ = past.by_connect;
  connection->nospace_ = past.nospace;
  connection->mute_ = past.mute;
}

}  // namespace simloop::sim::tcp
