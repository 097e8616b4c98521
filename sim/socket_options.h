// SocketOptions: the options of level SOL_SOCKET of one socket (socket(7)),
// with Linux's defaults, limits and errors (sk_setsockopt() and
// sk_getsockopt() of net/core/sock.c), as a process with all capabilities sees
// them. What an option does is its socket's business; after Set() the socket
// looks at what it acts upon. A copy is what an accepted socket inherits.
//
// Not known, and so ENOPROTOOPT: socket filters, SO_TIMESTAMPING, SO_TXTIME,
// SO_PEERNAME, SO_MEMINFO, SO_NETNS_COOKIE, SO_PEERGROUPS and SO_PEERPIDFD.
#ifndef SIM_SOCKET_OPTIONS_H_
#define SIM_SOCKET_OPTIONS_H_

#include <bitset>
#include <cstddef>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "loop/abi.h"
#include "loop/address.h"
#include "loop/result.h"

namespace simloop::sim {

struct HostOptions;

class SocketOptions final {
 public:
  // What a socket says of itself where an option asks.
  struct Facts {
    bool listening = false;  // SO_ACCEPTCONN
    // Takes the pending error: SO_ERROR.
    absl::FunctionRef<loop::Errno()> take_error;
    // SO_PEERCRED: as here where there is no peer.
    loop::Credentials peer = {0, UINT32_MAX, UINT32_MAX};
    uint64_t cookie = 0;  // SO_COOKIE
  };

  // `host` outlives it. `protocol` is what SO_PROTOCOL answers.
  SocketOptions(const HostOptions& host, loop::Family family, int type,
                int protocol);

  // EINVAL: cut too short for a value that must be whole. ENOPROTOOPT: not
  // one of SOL_SOCKET. EOPNOTSUPP: not of this kind of socket.
  loop::Result<size_t> Get(int name, absl::Span<char> value,
                           const Facts& facts) const;
  // Beside those EDOM (SO_RCVTIMEO), ENODEV (SO_BINDTODEVICE), EINVAL.
  loop::Result<void> Set(int name, absl::Span<const char> value);

  // Options that are on or off: SO_REUSEADDR, SO_BROADCAST, SO_PASSCRED, ...
  bool on(int name) const { return flags_[static_cast<size_t>(name)]; }
  const loop::Linger& linger() const { return linger_; }
  // SO_SNDBUF, SO_RCVBUF: as they are answered, after doubling.
  int send_buffer() const { return send_buffer_; }
  int receive_buffer() const { return receive_buffer_; }
  // setsockopt(2) set it, and autotuning leaves it (SOCK_SNDBUF_LOCK).
  bool send_buffer_locked() const { return (buffer_locks_ & 1) != 0; }
  bool receive_buffer_locked() const { return (buffer_locks_ & 2) != 0; }
  // What TCP's autotuning sets.
  void TuneSendBuffer(int bytes) { send_buffer_ = bytes; }
  void TuneReceiveBuffer(int bytes) { receive_buffer_ = bytes; }
  int receive_low_water() const { return receive_low_water_; }
  // SO_PEEK_OFF; negative: off. Peeking and reading move it.
  int peek_offset() const { return peek_offset_; }
  // sk_peek_offset_fwd(), sk_peek_offset_bwd().
  void AdvancePeekOffset(int bytes);
  void RetreatPeekOffset(int bytes);
  // SO_RCVTIMEO, SO_SNDTIMEO; InfiniteDuration(): none.
  absl::Duration receive_timeout() const { return receive_timeout_; }
  absl::Duration send_timeout() const { return send_timeout_; }
  // SO_TIMESTAMP, SO_TIMESTAMPNS or one of their _NEW forms; 0: none.
  int timestamp() const { return timestamp_; }
  int mark() const { return mark_; }
  int priority() const { return priority_; }
  void SetPriority(int priority) { priority_ = priority; }
  // SO_BINDTODEVICE: the loopback interface alone.
  bool bound_to_loopback() const { return device_ != 0; }

 private:
  bool is_unix() const { return family_ == loop::Family::kUnix; }
  bool is_tcp() const { return !is_unix() && type_ == loop::kSockStream; }
  loop::Result<size_t> GetNumber(int name, absl::Span<char> value,
                                 const Facts& facts) const;
  loop::Result<void> SetFlag(int name, int number);
  loop::Result<void> SetInt(int name, int number);
  static int Bounded(int bytes, int most);
  loop::Result<void> SetDevice(absl::Span<const char> value);
  loop::Result<void> SetTimeout(absl::Span<const char> value,
                                absl::Duration* timeout);
  loop::Result<void> SetLinger(absl::Span<const char> value);
  void SetSendBuffer(int bytes);
  void SetReceiveBuffer(int bytes);
  void SetLowWater(int bytes);
  // Where the option is one plain int; null otherwise.
  const int* Plain(int name) const;

  const HostOptions* host_;
  loop::Family family_;
  uint8_t type_;
  int16_t protocol_;
  std::bitset<96> flags_;  // by the option's number
  absl::Duration receive_timeout_ = absl::InfiniteDuration();
  absl::Duration send_timeout_ = absl::InfiniteDuration();
  loop::Linger linger_;
  int send_buffer_;
  int receive_buffer_;
  int receive_low_water_ = 1;
  int peek_offset_ = -1;
  int priority_ = 0;
  int mark_ = 0;
  int busy_poll_micros_ = 0;
  int incoming_cpu_ = -1;
  int device_ = 0;  // interface index
  uint64_t pacing_rate_ = UINT64_MAX;
  int8_t rehash_ = 1;
  uint8_t timestamp_ = 0;
  uint8_t buffer_locks_ = 0;
};

}  // namespace simloop::sim

#endif  // SIM_SOCKET_OPTIONS_H_
