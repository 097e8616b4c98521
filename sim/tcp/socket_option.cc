// Socket's options: getsockopt(2) and setsockopt(2) of tcp(7), and what those
// of socket(7) and ip(7) do to TCP (do_tcp_setsockopt() and
// do_tcp_getsockopt() of net/ipv4/tcp.c). Not known, and so ENOPROTOOPT:
// TCP_MD5SIG, setting TCP_FASTOPEN_KEY, TCP_ZEROCOPY_RECEIVE, TCP_AO,
// TCP_TX_DELAY and the timers that Linux 6.15 and later have.

#include <algorithm>
#include <cstring>

#include "loop/abi.h"
#include "sim/host.h"
#include "sim/option_bytes.h"
#include "sim/option_names.h"
#include "sim/tcp/option_list.h"
#include "sim/tcp/socket.h"
#include "sim/tcp/stack.h"

namespace simloop::sim::tcp {
namespace {

using loop::Errno;
using loop::Result;

// TCP_MIN_MSS, MAX_TCP_WINDOW.
constexpr int kLeastMss = 88;
constexpr int kMostMss = 32767;
// TCP_MSS_DEFAULT.
constexpr int kDefaultMss = 536;
// SO_SNDBUF of a connection that set none: what Linux's autotuning makes of
// tcp_wmem over loopback at once. It counts packets, not bytes.
constexpr int kGrownSendBuffer = 2'626'560;
// SOCK_MIN_RCVBUF / 2.
constexpr int kLeastClamp = 1152;
// TCP_FIN_TIMEOUT_MAX.
constexpr int kMostLinger2Seconds = 120;
// TCP_TIMEOUT_INIT, TCP_RTO_MAX.
constexpr int kFirstRetrySeconds = 1;
constexpr int kMostRetrySeconds = 120;
constexpr int kMostRetries = 255;
// TCP_CA_NAME_MAX.
constexpr size_t kNameBytes = 16;
// sizeof(struct tcp_info).
constexpr size_t kInfoBytes = 280;
// Loopback's, and Ethernet's: RFC 894. Over IPv4 no packet is larger than
// 65535.
constexpr int kLoopbackMtu = 65536;
constexpr int kMostInetMtu = 65535;
constexpr int kLinkMtu = 1500;

// secs_to_retrans(), retrans_to_secs(): TCP_DEFER_ACCEPT counts in
// retransmissions of the SYN-ACK.
int RetriesWithin(int seconds) {
  if (seconds <= 0) return 0;
  int retries = 1;
  int timeout = kFirstRetrySeconds;
  for (int period = timeout; seconds > period && retries < kMostRetries;) {
    ++retries;
    timeout = std::min(2 * timeout, kMostRetrySeconds);
    period += timeout;
  }
  return retries;
}

int SecondsOf(int retries) {
  int timeout = kFirstRetrySeconds;
  int period = retries > 0 ? timeout : 0;
  for (; retries > 1; --retries) {
    timeout = std::min(2 * timeout, kMostRetrySeconds);
    period += timeout;
  }
  return period;
}

bool Within(int number, int least, int most) {
  return least <= number && number <= most;
}

}  // namespace

bool Socket::established() const {
  return state() != State::kClosed && state() != State::kListen &&
         state() != State::kSynSent && state() != State::kSynReceived;
}

// tcp_current_mss(), and the one set while nothing is connected.
int Socket::Mss() const {
  const SocketOptions& options = *connection().options;
  if (idle() && options.max_segment != 0) return options.max_segment;
  if (state() == State::kListen) return kDefaultMss;
  const Sender& sender = connection().sender();
  if (sender.mss_known()) return static_cast<int>(sender.EffectiveMss());
  // Once tried, and never answered.
  const bool attempted = connection().remote.port != 0;
  return attempted ? kDefaultMss - static_cast<int>(kTimestampBytes)
                   : options.last_mss;
}

// --- getsockopt(2)
// -----------------------------------------------------------

Result<size_t> Socket::Getsockopt(int level, int name, absl::Span<char> value) {
  if (level == loop::kSolSocket) return GetSocketOption(name, value);
  if (level == loop::kIpprotoTcp) return GetTcpOption(name, value);
  if (!InetOptions::Answers(family(), level)) {
    return InetOptions::NoSuchLevel(family(), /*get=*/true);
  }
  InetOptions::Facts facts;
  if (established() || state() == State::kSynSent) {
    const loop::Ip remote = connection().remote.ip;
    facts.mtu = stack().host().IsLocal(remote) ? kLoopbackMtu : kLinkMtu;
    if (!inet6()) facts.mtu = std::min(facts.mtu, kMostInetMtu);
  }
  return connection().options->inet.Get(level, name, value, facts);
}

// sock_gen_cookie(): given to who is asked for it.
uint64_t Socket::Cookie() {
  CopyOnWrite<SocketOptions>& options = connection().options;
  if (options->cookie == 0) {
    options.Own().cookie = stack().host().NextCookie();
  }
  return options->cookie;
}

Result<size_t> Socket::GetSocketOption(int name, absl::Span<char> value) {
  const SocketOptions& options = *connection().options;
  // What reading moves, and what autotuning grew.
  if (name == loop::kSoPeekOff) return PutOption(value, options.peek_offset);
  if (name == loop::kSoSndbuf && established() &&
      !options.socket.send_buffer_locked()) {
    return PutOption(value, kGrownSendBuffer);
  }
  return options.socket.Get(
      name, value,
      {.listening = listener_ != nullptr,
       .take_error = [this] { return connection().TakeError(); },
       .cookie = name == loop::kSoCookie ? Cookie() : 0});
}

Result<size_t> Socket::GetTcpOption(int name, absl::Span<char> value) {
  const SocketOptions& options = *connection().options;
  const HostOptions& host = stack().host().options();
  if (const Flag* flag = Find(kFlags, name)) {
    return PutOption(value, int{options.*flag->field});
  }
  const Number* number = Find(kNumbers, name);
  if (number != nullptr && name != loop::kTcpSyncnt) {
    return PutOption(value, options.*number->field);
  }
  switch (name) {
    case loop::kTcpNodelay:
      return PutOption(value, int{connection().sender().nodelay()});
    case loop::kTcpQuickack:
      return PutOption(value, int{!connection().receiver().interactive()});
    case loop::kTcpMaxseg:
      return PutOption(value, Mss());
    case loop::kTcpSyncnt:
      return PutOption(value, options.syn_retries != 0 ? options.syn_retries
                                                       : host.syn_retries);
    case loop::kTcpLinger2:
      return PutOption(value, options.fin_wait2_seconds != 0
                                  ? options.fin_wait2_seconds
                                  : host.fin_timeout_seconds);
    case loop::kTcpDeferAccept:
      return PutOption(value, SecondsOf(options.defer_accept_retries));
    case loop::kTcpWindowClamp:
      if (options.window_clamp == 0 && established()) {
        return PutOption(value, kLoopbackMtu);
      }
      return PutOption(value, options.window_clamp);
    case loop::kTcpInfo: {
      // struct tcp_info begins with tcpi_state; the rest is not modelled, 0.
      const size_t size = std::min(value.size(), kInfoBytes);
      std::fill_n(value.begin(), size, '\0');
      if (size > 0) value[0] = static_cast<char>(StateNumber(state()));
      return size;
    }
    case loop::kTcpCongestion: {
      char text[kNameBytes] = {};
      const absl::string_view name = connection().congestion_control().name();
      name.copy(text, sizeof text - 1);
      return PutOption(value, text);
    }
    default:
      return GetRareTcpOption(name, value);
  }
}

Result<size_t> Socket::GetRareTcpOption(int name, absl::Span<char> value) {
  const SocketOptions& options = *connection().options;
  switch (name) {
    case loop::kTcpFastopen:
      return PutOption(value, options.fast_open_queue);
    case loop::kTcpNotsentLowat:
      return PutOption(value, options.unsent_low_water);
    case kTcpThinDupack:
    case kTcpRepair:
      return PutOption(value, 0);
    case kTcpRepairQueue:
    case kTcpQueueSeq:
      return Errno::kEINVAL;  // not in repair
    case kTcpSaveSyn:
      return PutOption(value, int{options.save_syn});
    case kTcpUlp:
    case kTcpCcInfo:
    case kTcpSavedSyn:
    case kTcpFastopenKey:
      return size_t{0};  // none
    default:
      return Errno::kENOPROTOOPT;
  }
}

// --- setsockopt(2)
// -----------------------------------------------------------

Result<void> Socket::Setsockopt(int level, int name,
                                absl::Span<const char> value) {
  if (level == loop::kSolSocket) return SetSocketOption(name, value);
  if (level == loop::kIpprotoTcp) return SetTcpOption(name, value);
  if (!InetOptions::Answers(family(), level)) {
    return InetOptions::NoSuchLevel(family(), /*get=*/false);
  }
  SocketOptions& options = connection().options.Own();
  PortUse& use = connection().port_use();
  const Result<void> result = options.inet.Set(
      level, name, value, stack().host(), {.bound = use.held()});
  if (!result.ok()) return result;
  if (level == loop::kIpprotoIp && name == loop::kIpTos) {
    options.socket.SetPriority(options.inet.priority());
  }
  if (level == loop::kIpprotoIpv6) use.v6only = options.inet.v6only();
  return result;
}

Result<void> Socket::SetSocketOption(int name, absl::Span<const char> value) {
  SocketOptions& options = connection().options.Own();
  sim::SocketOptions& socket = options.socket;
  const Result<void> result = socket.Set(name, value);
  if (!result.ok()) return result;
  PortUse& use = connection().port_use();
  use.reuse = socket.on(loop::kSoReuseaddr);
  use.reuse_port = socket.on(loop::kSoReuseport);
  options.keepalive = socket.on(loop::kSoKeepalive);
  options.oob_inline = socket.on(loop::kSoOobinline);
  options.linger = socket.linger();
  options.receive_low_water = socket.receive_low_water();
  switch (name) {
    case loop::kSoKeepalive:
      connection().KeepaliveChanged();
      break;
    case loop::kSoRcvlowat:
      connection().DataReady();
      break;
    case loop::kSoPeekOff:
      options.peek_offset = socket.peek_offset();
      break;
    case loop::kSoSndbuf:
    case loop::kSoSndbufforce:
      options.send_buffer = socket.send_buffer();
      connection().sender().SetLimit(static_cast<size_t>(options.send_buffer));
      break;
    case loop::kSoRcvbuf:
    case loop::kSoRcvbufforce:
      options.receive_buffer = socket.receive_buffer();
      connection().receiver().SetLimit(
          static_cast<size_t>(options.receive_buffer));
      break;
    default:
      break;
  }
  return result;
}

Result<void> Socket::SetTcpOption(int name, absl::Span<const char> value) {
  if (name == loop::kTcpCongestion || name == kTcpUlp) {
    if (value.empty()) return Errno::kEINVAL;
    const size_t size =
        strnlen(value.data(), std::min(value.size(), kNameBytes - 1));
    const absl::string_view text(value.data(), size);
    // No upper layer (tls) is there.
    if (name == kTcpUlp) return Errno::kENOENT;
    const CongestionControl* const control = FindCongestionControl(text);
    if (control == nullptr) return Errno::kENOENT;
    connection().SetCongestionControl(*control);
    return {};
  }
  int number = 0;
  // Too short is said before unknown.
  if (!TakeOption(value, &number)) return Errno::kEINVAL;
  return SetTcpNumber(name, number);
}

Result<void> Socket::SetTcpNumber(int name, int number) {
  SocketOptions& options = connection().options.Own();
  if (const Flag* flag = Find(kFlags, name)) {
    if ((flag->strict && !Within(number, 0, 1)) ||
        (flag->when_closed && state() != State::kClosed) ||
        (flag->when_idle && !idle())) {
      return Errno::kEINVAL;
    }
    options.*flag->field = number != 0;
    if (name == loop::kTcpCork && number == 0) connection().Push(/*all=*/false);
    return {};
  }
  if (const Number* bounded = Find(kNumbers, name)) {
    if (!Within(number, bounded->least, bounded->most)) return Errno::kEINVAL;
    options.*bounded->field = number;
    if (name == loop::kTcpKeepidle) connection().KeepaliveChanged();
    return {};
  }
  switch (name) {
    case loop::kTcpNodelay:
      connection().sender().SetNodelay(number != 0);
      if (number != 0) connection().Push(/*all=*/true);
      return {};
    case loop::kTcpQuickack:
      connection().SetQuickAck(number);
      return {};
    case loop::kTcpMaxseg:
      if (number != 0 && !Within(number, kLeastMss, kMostMss)) {
        return Errno::kEINVAL;
      }
      options.max_segment = number;
      return {};
    case loop::kTcpLinger2:
      options.fin_wait2_seconds =
          number < 0 ? -1 : std::min(number, kMostLinger2Seconds);
      return {};
    case loop::kTcpDeferAccept:
      options.defer_accept_retries = RetriesWithin(number);
      return {};
    case loop::kTcpWindowClamp:
      if (number == 0 && state() != State::kClosed) return Errno::kEINVAL;
      options.window_clamp = number == 0 ? 0 : std::max(number, kLeastClamp);
      return {};
    default:
      return SetRareTcpNumber(name, number);
  }
}

Result<void> Socket::SetRareTcpNumber(int name, int number) {
  SocketOptions& options = connection().options.Own();
  switch (name) {
    case loop::kTcpFastopen:
      if (number < 0 || !idle()) return Errno::kEINVAL;
      options.fast_open_queue =
          std::min(number, stack().host().options().somaxconn);
      return {};
    case loop::kTcpNotsentLowat:
      options.unsent_low_water = static_cast<uint32_t>(number);
      return {};
    case kTcpThinDupack:
      return Within(number, 0, 1) ? Errno::kOk : Errno::kEINVAL;
    case kTcpSaveSyn:
      if (!Within(number, 0, 2)) return Errno::kEINVAL;
      options.save_syn = static_cast<uint8_t>(number);
      return {};
    case kTcpRepair:
      // Off it may be; on is what a process without CAP_NET_ADMIN gets.
      if (!Within(number, -1, 1)) return Errno::kEINVAL;
      return number == 1 ? Errno::kEPERM : Errno::kOk;
    case kTcpRepairQueue:
    case kTcpTimestamp:
      return Errno::kEPERM;  // not in repair
    case kTcpQueueSeq:
      return Errno::kEINVAL;
    default:
      return Errno::kENOPROTOOPT;
  }
}

}  // namespace simloop::sim::tcp
