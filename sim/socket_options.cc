#include "sim/socket_options.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <limits>

#include "sim/host.h"
#include "sim/option_bytes.h"
#include "sim/option_names.h"
#include "sim/socket_option_form.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using loop::Result;
using Form = SocketOptionForm;

// SOCK_MIN_SNDBUF, SOCK_MIN_RCVBUF: after doubling.
constexpr int kLeastSendBuffer = 4608;
constexpr int kLeastReceiveBuffer = 2304;
// A jiffy: what timeouts are rounded up to (CONFIG_HZ=250).
constexpr int kTicksPerSecond = 250;
constexpr int64_t kMicrosPerSecond = 1'000'000;
// MAX_SCHEDULE_TIMEOUT in seconds: no less is for ever.
constexpr int64_t kForeverSeconds =
    std::numeric_limits<int64_t>::max() / kTicksPerSecond;
// IFNAMSIZ, with the byte of 0.
constexpr size_t kDeviceNameBytes = 16;
constexpr char kLoopbackName[] = "lo";
constexpr int kLoopbackIndex = 1;
constexpr int kMostBusyPollBudget = 65535;
constexpr int kLockBoth = 3;

// sock_get_timeout(): none, and one that is over at once, are both 0.
loop::TimeValue Shown(absl::Duration timeout) {
  if (timeout == absl::InfiniteDuration()) return {};
  const int64_t micros = absl::ToInt64Microseconds(timeout);
  return {micros / kMicrosPerSecond, micros % kMicrosPerSecond};
}

}  // namespace

SocketOptions::SocketOptions(const HostOptions& host, loop::Family family,
                             int type, int protocol)
    : host_(&host),
      family_(family),
      type_(static_cast<uint8_t>(type)),
      protocol_(static_cast<int16_t>(protocol)) {
  send_buffer_ = is_tcp() ? host.tcp_send_bytes[1] : host.default_send_bytes;
  receive_buffer_ =
      is_tcp() ? host.tcp_receive_bytes[1] : host.default_receive_bytes;
  flags_[kSoPassrights] = is_unix();
}

void SocketOptions::AdvancePeekOffset(int bytes) {
  if (peek_offset_ >= 0) peek_offset_ += bytes;
}

void SocketOptions::RetreatPeekOffset(int bytes) {
  if (peek_offset_ >= 0) peek_offset_ = std::max(peek_offset_ - bytes, 0);
}

// --- getsockopt(2)
// -----------------------------------------------------------

const int* SocketOptions::Plain(int name) const {
  switch (name) {
    case loop::kSoSndbuf:
      return &send_buffer_;
    case loop::kSoRcvbuf:
      return &receive_buffer_;
    case loop::kSoPriority:
      return &priority_;
    case loop::kSoRcvlowat:
      return &receive_low_water_;
    case loop::kSoMark:
      return &mark_;
    case loop::kSoPeekOff:
      return &peek_offset_;
    case loop::kSoBusyPoll:
      return &busy_poll_micros_;
    case loop::kSoIncomingCpu:
      return &incoming_cpu_;
    case kSoBindtoifindex:
      return &device_;
    default:
      return nullptr;
  }
}

Result<size_t> SocketOptions::Get(int name, absl::Span<char> value,
                                  const Facts& facts) const {
  switch (FormOfSocketOption(name)) {
    case Form::kUnknown:
      return Errno::kENOPROTOOPT;
    case Form::kUnixFlag:
      if (!is_unix()) return Errno::kEOPNOTSUPP;
      return PutOption(value, int{on(name)});
    case Form::kFlag:
      return PutOption(value, int{on(name)});
    case Form::kTimestamp:
      return PutOption(value, int{timestamp_ == name});
    case Form::kLinger:
      return PutOption(value, linger_);
    case Form::kTimeout: {
      const bool receive = name == loop::kSoRcvtimeo || name == kSoRcvtimeoNew;
      return PutOption(value,
                       Shown(receive ? receive_timeout_ : send_timeout_));
    }
    case Form::kDevice: {
      if (device_ == 0) return size_t{0};
      if (value.size() < kDeviceNameBytes) return Errno::kEINVAL;
      return PutOption(value, kLoopbackName);
    }
    case Form::kInt:
    case Form::kReadOnly:
      return GetNumber(name, value, facts);
  }
  return Errno::kENOPROTOOPT;
}

Result<size_t> SocketOptions::GetNumber(int name, absl::Span<char> value,
                                        const Facts& facts) const {
  const int* plain = Plain(name);
  if (plain != nullptr) return PutOption(value, *plain);
  switch (name) {
    case loop::kSoType:
      return PutOption(value, int{type_});
    case loop::kSoError:
      return PutOption(value, static_cast<int>(facts.take_error()));
    case loop::kSoPeercred:
      return PutOption(value, facts.peer);
    case loop::kSoSndlowat:
      return PutOption(value, 1);
    case loop::kSoAcceptconn:
      return PutOption(value, int{facts.listening});
    case loop::kSoProtocol:
      return PutOption(value, int{protocol_});
    case loop::kSoDomain:
      return PutOption(value, static_cast<int>(family_));
    case loop::kSoCookie:
      if (value.size() < sizeof facts.cookie) return Errno::kEINVAL;
      return PutOption(value, facts.cookie);
    case kSoIncomingNapiId:
    case kSoReserveMem:
      return PutOption(value, 0);
    case kSoMaxPacingRate:
      // An unsigned long where there is room for one.
      if (value.size() >= sizeof pacing_rate_) {
        return PutOption(value, pacing_rate_);
      }
      return PutOption(value, static_cast<uint32_t>(std::min<uint64_t>(
                                  pacing_rate_, UINT32_MAX)));
    case kSoBufLock:
      return PutOption(value, int{buffer_locks_});
    case kSoTxrehash:
      if (!is_tcp()) return Errno::kEOPNOTSUPP;
      return PutOption(value, int{rehash_});
    default:
      return Errno::kENOPROTOOPT;
  }
}

// --- setsockopt(2)
// -----------------------------------------------------------

Result<void> SocketOptions::Set(int name, absl::Span<const char> value) {
  const Form form = FormOfSocketOption(name);
  if (form == Form::kDevice) return SetDevice(value);
  int number = 0;
  // Too short is said before unknown (sk_setsockopt()).
  if (!TakeOption(value, &number)) return Errno::kEINVAL;
  switch (form) {
    case Form::kUnknown:
    case Form::kReadOnly:
      return Errno::kENOPROTOOPT;
    case Form::kUnixFlag:
      if (!is_unix()) return Errno::kEOPNOTSUPP;
      flags_[static_cast<size_t>(name)] = number != 0;
      return {};
    case Form::kFlag:
      return SetFlag(name, number);
    case Form::kTimestamp:
      timestamp_ = static_cast<uint8_t>(number != 0 ? name : 0);
      return {};
    case Form::kLinger:
      return SetLinger(value);
    case Form::kTimeout: {
      const bool receive = name == loop::kSoRcvtimeo || name == kSoRcvtimeoNew;
      return SetTimeout(value, receive ? &receive_timeout_ : &send_timeout_);
    }
    case Form::kInt:
      if (name == kSoMaxPacingRate) {
        pacing_rate_ =
            number == -1 ? UINT64_MAX : static_cast<uint32_t>(number);
        TakeOption(value, &pacing_rate_);
        return {};
      }
      return SetInt(name, number);
    case Form::kDevice:
      break;
  }
  return Errno::kENOPROTOOPT;
}

Result<void> SocketOptions::SetFlag(int name, int number) {
  if (name == loop::kSoBsdcompat) return {};  // obsolete, ignored
  if (name == loop::kSoReuseport && number != 0 && is_unix()) {
    return Errno::kEOPNOTSUPP;
  }
  if (name == loop::kSoZerocopy) {
    if (is_unix()) return Errno::kEOPNOTSUPP;
    if (number < 0 || number > 1) return Errno::kEINVAL;
  }
  flags_[static_cast<size_t>(name)] = number != 0;
  return {};
}

// sk_setsockopt() as unsigned: a negative size is a huge one.
int SocketOptions::Bounded(int bytes, int most) {
  return static_cast<int>(
      std::min(static_cast<uint32_t>(bytes), static_cast<uint32_t>(most)));
}

Result<void> SocketOptions::SetInt(int name, int number) {
  switch (name) {
    case loop::kSoSndbuf:
      SetSendBuffer(Bounded(number, host_->most_send_bytes));
      return {};
    case loop::kSoSndbufforce:
      SetSendBuffer(std::max(number, 0));
      return {};
    case loop::kSoRcvbuf:
      SetReceiveBuffer(Bounded(number, host_->most_receive_bytes));
      return {};
    case loop::kSoRcvbufforce:
      SetReceiveBuffer(std::max(number, 0));
      return {};
    case loop::kSoRcvlowat:
      SetLowWater(number);
      return {};
    case loop::kSoPriority:
      priority_ = number;
      return {};
    case loop::kSoMark:
      mark_ = number;
      return {};
    case loop::kSoPeekOff:
      peek_offset_ = number;
      return {};
    case loop::kSoBusyPoll:
      if (number < 0) return Errno::kEINVAL;
      busy_poll_micros_ = number;
      return {};
    case loop::kSoIncomingCpu:
      incoming_cpu_ = number;
      return {};
    case kSoCnxAdvice:
      return {};
    case kSoBindtoifindex:
      if (number < 0) return Errno::kEINVAL;
      device_ = number;
      return {};
    case kSoBusyPollBudget:
      if (number < 0 || number > kMostBusyPollBudget) return Errno::kEINVAL;
      return {};
    case kSoBufLock:
      if ((number & ~kLockBoth) != 0) return Errno::kEINVAL;
      buffer_locks_ = static_cast<uint8_t>(number);
      return {};
    case kSoReserveMem:
      return number < 0 ? Errno::kEINVAL : Errno::kEOPNOTSUPP;
    case kSoTxrehash:
      if (!is_tcp()) return Errno::kEOPNOTSUPP;
      if (number < -1 || number > 1) return Errno::kEINVAL;
      // -1: the sysctl net.core.txrehash, 1.
      rehash_ = static_cast<int8_t>(number == -1 ? 1 : number);
      return {};
    default:
      return Errno::kENOPROTOOPT;
  }
}

void SocketOptions::SetSendBuffer(int bytes) {
  buffer_locks_ |= 1;
  send_buffer_ = std::max(2 * std::min(bytes, INT_MAX / 2), kLeastSendBuffer);
}

void SocketOptions::SetReceiveBuffer(int bytes) {
  buffer_locks_ |= 2;
  receive_buffer_ =
      std::max(2 * std::min(bytes, INT_MAX / 2), kLeastReceiveBuffer);
}

// TCP bounds it by what its buffer may hold (tcp_set_rcvlowat()).
void SocketOptions::SetLowWater(int bytes) {
  if (bytes < 0) bytes = INT_MAX;
  if (is_tcp()) {
    const int most =
        receive_buffer_locked() ? receive_buffer_ : host_->tcp_receive_bytes[2];
    bytes = std::min(bytes, most / 2);
    // Half of a buffer is taken for what is not payload.
    if (!receive_buffer_locked() && 2 * bytes > receive_buffer_) {
      receive_buffer_ = 2 * bytes;
    }
  }
  receive_low_water_ = bytes == 0 ? 1 : bytes;
}

// sock_setbindtodevice(): an empty name unbinds.
Result<void> SocketOptions::SetDevice(absl::Span<const char> value) {
  char name[kDeviceNameBytes] = {};
  std::memcpy(name, value.data(), std::min(value.size(), sizeof name - 1));
  if (name[0] != '\0' && std::strcmp(name, kLoopbackName) != 0) {
    return Errno::kENODEV;
  }
  device_ = name[0] == '\0' ? 0 : kLoopbackIndex;
  return {};
}

// sock_set_timeout(): whole jiffies, rounded up.
Result<void> SocketOptions::SetTimeout(absl::Span<const char> value,
                                       absl::Duration* timeout) {
  loop::TimeValue time;
  if (!TakeOption(value, &time)) return Errno::kEINVAL;
  if (time.micros < 0 || time.micros >= kMicrosPerSecond) return Errno::kEDOM;
  if (time.seconds < 0) {
    *timeout = absl::ZeroDuration();
    return {};
  }
  const bool none = time.seconds == 0 && time.micros == 0;
  if (none || time.seconds >= kForeverSeconds - 1) {
    *timeout = absl::InfiniteDuration();
    return {};
  }
  constexpr int64_t kTickMicros = kMicrosPerSecond / kTicksPerSecond;
  const int64_t ticks = (time.micros + kTickMicros - 1) / kTickMicros;
  *timeout =
      absl::Seconds(time.seconds) + absl::Microseconds(ticks * kTickMicros);
  return {};
}

// The time stays when it is switched off; negative is for ever.
Result<void> SocketOptions::SetLinger(absl::Span<const char> value) {
  loop::Linger linger;
  if (!TakeOption(value, &linger)) return Errno::kEINVAL;
  linger_.onoff = linger.onoff != 0 ? 1 : 0;
  if (linger.onoff == 0) return {};
  linger_.seconds =
      linger.seconds < 0 ? static_cast<int>(kForeverSeconds) : linger.seconds;
  return {};
}

}  // namespace simloop::sim
