// Connection: one TCP connection's state machine (RFC 9293 section 3.10), with
// Linux's answers where it goes its own way. It knows segments, timers and
// states; what a program is told by its calls is sim/tcp/socket.h's.
#ifndef SIM_TCP_CONNECTION_H_
#define SIM_TCP_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>

#include "absl/base/attributes.h"
#include "absl/types/span.h"
#include "loop/address.h"
#include "loop/errno.h"
#include "sim/copy_on_write.h"
#include "sim/event.h"
#include "sim/icmp.h"
#include "sim/tcp/congestion.h"
#include "sim/tcp/flight.h"
#include "sim/tcp/port_table.h"
#include "sim/tcp/receiver.h"
#include "sim/tcp/retransmission.h"
#include "sim/tcp/segment.h"
#include "sim/tcp/sender.h"
#include "sim/tcp/socket_options.h"
#include "sim/tcp/state.h"
#include "sim/tcp/tabled.h"
#include "sim/tcp/trouble.h"
#include "sim/wait_queue.h"

namespace simloop::sim::tcp {

class Dormant;
class Stack;

class Connection final : public Event, public Tabled {
 public:
  // Bits of shutdown(): sk_shutdown of Linux.
  static constexpr uint8_t kReceiveShut = 1;
  static constexpr uint8_t kSendShut = 2;
  // What names it in schedules: the how-many-eth connect or arrival of its
  // host.
  struct Origin {
    bool connect = false;
    uint32_t number = 0;
  };

  Connection(Stack& stack, const CopyOnWrite<SocketOptions>& options);
  // The one that was put to rest as `dormant`, in its place.
  explicit Connection(Dormant& dormant);
  // Leaves the stack's tables without a word to the peer.
  ~Connection();
  // `new (stack) Connection(stack, ...)`: its memory is its stack's.
  static void* operator new(size_t bytes, Stack& stack);
  static void operator delete(void* memory, Stack& stack);
  static void operator delete(Connection* connection, std::destroying_delete_t);

  // --- The program's calls (RFC 9293 section 3.10.1 to 3.10.6) ------------

  // OPEN, active. REQUIRES: closed, local and remote set, in the stack.
  void Open(Origin origin);
  // What the SYN of a peer that a listener answered said, and ours.
  struct Handshake {
    Origin origin;
    Sequence iss = 0;
    Sequence irs = 0;
    uint32_t peers_mss = 0;
    bool sack = false;
    uint32_t stamp = 0;
    // When the SYN-ACK was sent, or Infinite() if that was more than once.
    loop::Instant answered_at;
  };
  // A listener's handshake is done: established at once. `ack` is the segment
  // that completed it.
  void Establish(const Handshake& handshake, const Segment& ack);
  // SEND: queues what has room and sends what may go; answers how much. `more`
  // is MSG_MORE, `urgent` MSG_OOB of send(2).
  size_t Write(absl::Span<const char> data, bool more, bool urgent);
  // TCP_NODELAY was set: all that is held back goes (`all`); or TCP_CORK was
  // cleared: what Nagle's algorithm lets go.
  void Push(bool all);
  // SO_KEEPALIVE, or a time of it, changed.
  void KeepaliveChanged();
  // TCP_QUICKACK is set to `mode`: 0, acknowledgments wait for data to ride on;
  // 1, they do not, and what is due goes; 2, only what is due.
  void SetQuickAck(int mode);
  // RECEIVE: the window update that reading may call for.
  void AfterRead();
  // shutdown(2) of the send side: a FIN follows the data.
  void ShutSend();
  // close(2): nobody reads or writes any more; the rest goes on by itself.
  // The connection destroys itself in the end.
  void Orphan();
  // Ends at once, with an RST if the peer has a connection.
  void Abort();

  // --- The network ---------------------------------------------------------

  // SEGMENT ARRIVES (RFC 9293 section 3.10.7).
  void Receive(const Segment& segment);
  // An ICMP error about a segment of it (RFC 1122 section 4.2.3.9; tcp_v4_err()
  // of Linux): a connect(2) fails by it, an established connection keeps it in
  // mind in case it times out.
  void ReceiveError(const Icmp& icmp);
  // The earliest of its timers.
  void Fire() override;
  bool Live() const override;
  void Refresh() override { ArmTimer(); }
  loop::Instant Due() const override { return NextDeadline(); }
  // "client.connect#1/timer".
  std::string Name() const override;
  uint32_t HostIndex() const override;

  // --- What a socket asks --------------------------------------------------

  State state() const { return state_; }
  uint8_t shut() const { return shut_; }
  void Shut(uint8_t bits) { shut_ |= bits; }
  // Takes the pending error (SO_ERROR); kOk if none.
  loop::Errno TakeError();
  loop::Errno error() const { return error_; }
  void SetError(loop::Errno error) { error_ = error; }
  // SOCK_DONE of Linux: the end of the stream was seen, or a reset.
  bool done() const { return done_; }
  Sender& sender() { return sender_; }
  Receiver& receiver() { return receiver_; }
  // Who is told of what becomes readable or writable; null: nobody.
  void SetWaiters(WaitQueue* waiters) { waiters_ = waiters; }
  // TCP_CONGESTION of tcp(7).
  const CongestionControl& congestion_control() const {
    return *congestion_.control;
  }
  void SetCongestionControl(const CongestionControl& control);
  PortUse& port_use() { return port_use_; }
  Stack& stack() const { return stack_; }
  // SOCK_NOSPACE of Linux: somebody waits for room to write, and is to be woken
  // when a third of the buffer is free.
  void WantSpace() { nospace_ = true; }
  // Nothing it sends arrives anywhere.
  void SetMute(bool mute) { mute_ = mute; }
  // An orphan that nothing more can happen to.
  bool ended() const { return ended_; }
  // Forgets the last connection, so that another may be opened.
  void Reset();
  // Established, and nothing was sent or came for so long at `now` that it is
  // not in use, nor is there anything to be done for it unless somebody asks.
  bool Quiet(loop::Instant now) const;
  // The bits of poll(2) for a socket that is not listening (tcp_poll()).
  uint32_t Readiness() const;
  // Tells who waits that there is something to read, if there is as much as
  // SO_RCVLOWAT asks for (tcp_data_ready()).
  void DataReady();

  // "client.connect#1".
  std::string OriginName() const;

  // As they are until one is set, the stack's or the listener's.
  CopyOnWrite<SocketOptions> options;

 private:
  friend class Stack;
  friend class Dormant;

  // Timers, each at most once pending: the earliest drives the Event. The last
  // two are in Trouble.
  enum Timer { kRetransmit, kDelayedAck, kProbe, kKeepalive };
  // What kRetransmit waits for: of these there is one at a time, as in Linux.
  enum class Wait : uint8_t { kTimeout, kLossProbe, kReordering };

  bool ReadableFrom(size_t target) const;
  // The send buffer has room, by SO_SNDBUF and TCP_NOTSENT_LOWAT.
  bool Writable() const;
  void SetTimer(Timer timer, int64_t after_nanos);
  // The queue's entry stays: it is lazy (Live()), and most are set again soon.
  void StopTimer(Timer timer) {
    if (timer < kProbe) {
      deadlines_[timer] = loop::Instant::Infinite();
    } else if (trouble_ != nullptr) {
      DeadlineInTrouble(timer) = loop::Instant::Infinite();
    }
  }
  loop::Instant& DeadlineInTrouble(Timer timer);
  void ArmTimer();
  loop::Instant NextDeadline() const;
  // When data began to be sent again in vain: tp->retrans_stamp of Linux.
  loop::Instant TroubleBegan() const;
  void GiveUp();
  void RetransmitFires();
  void RetransmitTimeout();
  bool RetransmittedTooLong() const;
  bool Unheard(loop::Instant began) const;
  // The RTO, from now or from when the oldest segment was sent
  // (tcp_rearm_rto()).
  void RearmTimeout();
  void RearmTimeoutFromNow();
  // RFC 8985 section 7.2 (tcp_schedule_loss_probe()). Answers false if there is
  // to be none. `advancing`: the oldest segment in flight has just become that.
  bool ScheduleLossProbe(bool advancing);
  void SendLossProbe();
  // The window is shut or a cork holds data back: RFC 9293 section 3.8.6.1.
  void ArmProbe();
  void ProbeTimeout();
  void KeepaliveTimeout();
  // Sends what the window lets go, or else one old sequence number, which the
  // peer answers (tcp_write_wakeup()).
  void Probe();
  // How long until TCP_USER_TIMEOUT ends it, counted from `since`, if that is
  // sooner than `nanos`.
  int64_t WithinUserTimeout(int64_t nanos, loop::Instant since) const;
  bool UserTimeoutPassed(loop::Instant since) const;

  void ReceiveInSynSent(const Segment& segment);
  bool CheckSequence(const Segment& segment);
  bool CheckReset(const Segment& segment);
  bool ResetsBehindFin(const Segment& segment) const;
  bool CheckAck(const Segment& segment);
  bool CheckStamp(const Segment& segment);
  // What an acceptable acknowledgment tells of what is in flight.
  void Acknowledge(const Segment& segment, Sequence una_before, bool bare);
  // Tells the flight what SACK blocks say; answers what came twice, or nothing.
  SackBlock TakeSack(const Segment& segment, Sequence una_before,
                     Delivery* told);
  void MeasureRoundTrip(const Segment& segment, const Delivery& told,
                        bool advanced);
  // A round trip ends: of what was sent then, or whose time stamp comes back
  // (RFC 7323 section 4).
  void MeasuredSince(loop::Instant sent);
  void MeasuredByEcho(uint32_t echo);
  RecoveryAck AsOfNow() const;
  // Null if nothing was ever lost; and one that is made if need be.
  LossRecovery* recovery() const {
    return trouble_ == nullptr ? nullptr : trouble_->recovery.get();
  }
  LossRecovery& Recovery();
  // Is made, if there was none.
  ABSL_ATTRIBUTE_NOINLINE Trouble& trouble();
  // The ACK that tells a peer, which may have lost its way, where we stand (RFC
  // 5961). `segment` called for it; not more often than twice a second where
  // that may be answered in turn (tcp_invalid_ratelimit).
  void Challenge(const Segment& segment);
  void AckedProbe();
  // No segment larger than the path's MTU lets (RFC 1191; tcp_v4_mtu_reduced(),
  // tcp_simple_retransmit()).
  void PathShrank();
  // RFC 6069: the path is gone, and not the peer overrun.
  void RevertBackoff(Sequence about);
  void FinAcked();
  void TakeText(const Segment& segment);
  void TakeFin();
  void BecomeEstablished(const Segment& segment);
  void EnterTimeWait(bool fin_seen);
  void BeReset();
  void Fail(loop::Errno error);
  // Closed for good: tcp_done() of Linux.
  void Done();

  void Output(Sender::Hold hold);
  // How many pieces of new data may go now: congestion window and burst.
  uint32_t Quota() const;
  // The largest burst (tcp_tso_autosize()).
  uint32_t BurstPieces() const;
  void SendNew(Segment& segment);
  // Sends `sent` again; false if the window does not let it.
  bool SendAgain(Sent& sent, uint32_t pieces);
  // What is lost, as far as the congestion window lets it
  // (tcp_xmit_retransmit_queue()).
  void RepeatLost();
  void RestartAfterIdle();
  // As TCP_CORK says.
  Sender::Hold hold() const {
    return options->cork ? Sender::Hold::kCork : Sender::Hold::kNagle;
  }
  // The largest segment that goes to the peer, by the path, TCP_MAXSEG and
  // what the peer's SYN said.
  uint32_t Mss(uint32_t peers) const;
  void SendSyn(bool again);
  void SendAck();
  void SendReset(Sequence seq);
  enum class Kind : uint8_t {
    kAck,
    kData,
    kProbe,
    kSyn,  // from here on: a few in a connection's life
    kSynAck,
    kFin,
    kRst,
    kKinds
  };
  static constexpr int kOften = static_cast<int>(Kind::kSyn);
  static constexpr int kRare = static_cast<int>(Kind::kKinds) - kOften;
  // Not compiled into its callers (ARCHITECTURE.md).
  ABSL_ATTRIBUTE_NOINLINE void Transmit(Segment& segment, Kind kind,
                                        uint16_t number, bool again);
  // How many of `kind` it has sent, each counted once; and with one more.
  uint16_t Counted(Kind kind) const {
    const int index = static_cast<int>(kind);
    return index < kOften ? often_sent_[index] : rarely_sent_[index - kOften];
  }
  uint16_t Next(Kind kind) {
    const int index = static_cast<int>(kind);
    return index < kOften ? ++often_sent_[index]
                          : ++rarely_sent_[index - kOften];
  }
  void Wake(uint32_t events) {
    if (waiters_ != nullptr) waiters_->Wake(events);
  }

  // A host may have a million of these: each member's padding is the next one's
  // place, and what few need is made when they do.
  Stack& stack_;
  WaitQueue* waiters_ = nullptr;
  PortUse port_use_;
  [[no_unique_address]] Sender sender_;
  uint32_t place_ = 0;  // among the stack's orphans or its wakeful
  [[no_unique_address]] Receiver receiver_;
  [[no_unique_address]] Retransmission retransmission_;
  uint32_t origin_number_ = 0;
  [[no_unique_address]] Flight flight_;
  uint8_t rarely_sent_[kRare] = {};
  [[no_unique_address]] Congestion congestion_;
  State state_ = State::kClosed;
  loop::Errno error_ : 16 = loop::Errno::kOk;
  std::unique_ptr<Trouble> trouble_;  // null: there never was any
  loop::Instant deadlines_[kProbe] = {loop::Instant::Infinite(),
                                      loop::Instant::Infinite()};
  // When the peer was heard last, when the SYN was sent or data last.
  loop::Instant heard_at_;
  loop::Instant sent_at_;
  uint16_t often_sent_[kOften] = {};
  uint8_t shut_ : 2 = 0;
  Wait wait_ : 2 = Wait::kTimeout;
  bool by_connect_ : 1 = false;  // its origin
  bool done_ : 1 = false;
  bool orphan_ : 1 = false;
  bool in_table_ : 1 = false;
  bool ack_due_ : 1 = false;
  bool ended_ : 1 = false;
  bool nospace_ : 1 = false;
  bool mute_ : 1 = false;
  bool wakeful_ : 1 = false;  // stands in the stack's WakefulQueue
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_CONNECTION_H_
