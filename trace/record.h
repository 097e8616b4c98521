// Record: one thing that happened in a run. A trace is a sequence of them, and
// every output is a view of a trace. Strings and spans of a record are
// borrowed: valid while it is handed over; trace::Trace keeps copies.
#ifndef TRACE_RECORD_H_
#define TRACE_RECORD_H_

#include <array>
#include <cstdint>
#include <variant>

#include "absl/strings/string_view.h"
#include "loop/abi.h"
#include "loop/address.h"
#include "loop/errno.h"
#include "loop/fd.h"
#include "loop/instant.h"
#include "loop/observer.h"
#include "trace/wire.h"

namespace simloop::trace {

// 1-based and dense; 0 is "none".
using RecordId = uint64_t;
// An index into the trace's table of processes; kNoProcess for what belongs to
// the network alone.
using ProcessId = uint16_t;
inline constexpr ProcessId kNoProcess = 0xffff;

// The world could have gone another way, and did not take the calm one.
struct Choice {
  absl::string_view name = {};
  uint32_t picked = 0;
  uint32_t alternatives = 0;
};

// Which call of loop/kernel.h. The numbers are those of trace files: a new one
// goes to the end.
enum class Syscall : uint8_t {
  kSocket,
  kBind,
  kListen,
  kAccept4,
  kConnect,
  kRead,
  kWrite,
  kWritev,
  kRecv,
  kSend,
  kShutdown,
  kClose,
  kGetsockname,
  kGetpeername,
  kGetsockopt,
  kSetsockopt,
  kEpollCreate1,
  kEpollCtl,
  kEpollWait,
  kSocketpair,
  kReadv,
  kRecvfrom,
  kRecvmsg,
  kSendto,
  kSendmsg,
  kDup,
  kDup2,
  kFcntl,
  kIoctl,
  kPoll,
  kEventfd,
  kTimerfdCreate,
  kTimerfdSettime,
  kTimerfdGettime,
  kPipe2,
  kUnlink,
};
inline constexpr Syscall kLastSyscall = Syscall::kUnlink;
// "accept4".
absl::string_view SyscallName(Syscall call);

// A system call and its answer. Which fields mean something depends on the
// call; trace/call_text.h prints each as strace(1) would. `args` are
//   socket         family, type, protocol      read, write   bytes asked
//   listen         backlog                     recv, send    bytes asked, flags
//   accept4        flags                       writev        bytes asked, spans
//   shutdown       how                         epoll_create1 flags
//   getsockopt,    level, option, value        epoll_ctl     op, events
//   setsockopt                                 epoll_wait    events that fit,
//                                                            nanoseconds or -1
//   socketpair     family, type, protocol      dup2          the new number
//   recvfrom,      bytes asked, flags          readv         bytes asked, spans
//   sendto                                     poll          descriptors,
//   recvmsg,       bytes asked, flags,                       nanoseconds or -1
//   sendmsg        control bytes               eventfd       initial, flags
//   fcntl          command, argument           pipe2         flags
//   ioctl          request, the int after      timerfd_create clock, flags
//   timerfd_*time  flags, interval, value in nanoseconds
// An option's value is an int, or SO_LINGER's as seconds << 32 | onoff; that
// of any other size is in `data`, and so is the path of unlink.
struct Call {
  Syscall call;
  loop::Fd fd = {};     // the descriptor asked
  loop::Fd other = {};  // epoll_ctl's target; a new descriptor made
                        // (of two the first, and `result` the second)
  loop::Errno error = loop::Errno::kOk;
  int64_t result = 0;  // bytes, descriptor, count; 0 on error
  int64_t args[3] = {0, 0, 0};
  loop::Address address = {};   // given or answered
  absl::string_view data = {};  // the first bytes read or written, 256 at most
};

// Data that came out of order (RFC 2018): from `left` on, before `right`, both
// relative as `ack` is.
struct SackBlock {
  uint32_t left = 0;
  uint32_t right = 0;

  bool operator==(const SackBlock&) const = default;
};

// A packet on its way.
struct Packet {
  enum class Step : uint8_t { kSent, kDelivered, kDropped };
  Step step;
  uint64_t packet = 0;  // the same in all its steps
  loop::Address from = {};
  loop::Address to = {};
  uint8_t flags = 0;          // RFC 9293: FIN 1, SYN 2, RST 4, PSH 8, ACK 16
  uint32_t seq = 0, ack = 0;  // relative to the initial ones
  uint32_t window = 0;        // bytes, after scaling
  uint32_t length = 0;        // payload bytes
  absl::string_view reason = {};  // why it was dropped, or "retransmission"
  // IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP (ip(7)). Only TCP's have flags, seq,
  // ack and window.
  uint8_t protocol = loop::kIpprotoTcp;
  // The option SACK, the newest block first; `sack_count` are meant.
  uint8_t sack_count = 0;
  std::array<SackBlock, 4> sack = {};
  Wire wire = {};  // of kSent
};

// One event that epoll_wait reported, after its kEpollWait record.
struct Readiness {
  loop::Fd fd = {};
  uint32_t events = 0;
};

// What the loop did (loop/observer.h).
struct Loop {
  loop::LoopEvent event;
};

// What a program said: one event of one of its objects, as Node's test
// programs print it: actor "client", event "data", detail "\"hello\"".
struct Note {
  absl::string_view actor = {};
  absl::string_view event = {};
  absl::string_view detail = {};
};

using Body = std::variant<Choice, Call, Packet, Readiness, Loop, Note>;

struct Record {
  RecordId id = 0;
  RecordId cause = 0;  // the record that made this one happen
  loop::Instant time = {};
  ProcessId process = kNoProcess;
  loop::Owner owner = 0;  // which program of the process
  Body body;
};

}  // namespace simloop::trace

#endif  // TRACE_RECORD_H_
