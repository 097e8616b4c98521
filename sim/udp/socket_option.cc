// Socket's options and ioctls: udp(7), and what those of socket(7) and ip(7)
// do to UDP (udp_lib_setsockopt(), udp_lib_getsockopt(), udp_ioctl()).
#include "loop/abi.h"
#include "sim/host.h"
#include "sim/option_bytes.h"
#include "sim/udp/socket.h"
#include "sim/udp/stack.h"

namespace simloop::sim::udp {

using loop::Errno;
using loop::Result;

namespace {

// IPPROTO_UDPLITE: the same code answers for it.
constexpr int kUdpLite = 136;
constexpr int kMostSegmentBytes = 65535;
constexpr int kMostInetMtu = 65535;

bool IsUdpLevel(int level) {
  return level == loop::kSolUdp || level == kUdpLite;
}

}  // namespace

// sock_gen_cookie(): given to who is asked for it.
uint64_t Socket::Cookie() {
  if (cookie_ == 0) cookie_ = stack_.host().NextCookie();
  return cookie_;
}

Result<size_t> Socket::Getsockopt(int level, int name, absl::Span<char> value) {
  if (level == loop::kSolSocket) {
    return options_.Get(name, value,
                        {.listening = false,
                         .take_error = [this] { return TakeError(); },
                         .cookie = name == loop::kSoCookie ? Cookie() : 0});
  }
  if (IsUdpLevel(level)) {
    switch (name) {
      case loop::kUdpCork:
        return PutOption(value, int{cork_});
      case loop::kUdpSegment:
        return PutOption(value, int{segment_bytes_});
      case loop::kUdpGro:
        return PutOption(value, int{gather_});
      default:
        return Errno::kENOPROTOOPT;
    }
  }
  if (!InetOptions::Answers(family_, level)) {
    return InetOptions::NoSuchLevel(family_, /*get=*/true);
  }
  InetOptions::Facts facts;
  if (connected_) {
    facts.mtu = static_cast<int>(stack_.host().MtuTo(remote_.ip));
    if (!inet6()) facts.mtu = std::min(facts.mtu, kMostInetMtu);
  }
  return inet_.Get(level, name, value, facts);
}

Result<void> Socket::Setsockopt(int level, int name,
                                absl::Span<const char> value) {
  if (level == loop::kSolSocket) {
    const Result<void> result = options_.Set(name, value);
    // Who waits to send is told of the new size.
    const bool size = name == loop::kSoSndbuf || name == loop::kSoSndbufforce;
    if (result.ok() && size) {
      Wake(kWritableEvents);
    }
    return result;
  }
  if (IsUdpLevel(level)) {
    int number = 0;
    if (!TakeOption(value, &number)) return Errno::kEINVAL;
    switch (name) {
      case loop::kUdpCork:
        cork_ = number != 0;
        // What waited goes; that it cannot is not told.
        if (!cork_) static_cast<void>(Flush());
        return {};
      case loop::kUdpSegment:
        if (number < 0 || number > kMostSegmentBytes) return Errno::kEINVAL;
        segment_bytes_ = static_cast<uint16_t>(number);
        return {};
      case loop::kUdpGro:
        gather_ = number != 0;
        return {};
      default:
        return Errno::kENOPROTOOPT;
    }
  }
  if (!InetOptions::Answers(family_, level)) {
    return InetOptions::NoSuchLevel(family_, /*get=*/false);
  }
  const Result<void> result =
      inet_.Set(level, name, value, stack_.host(), {.bound = local_.port != 0});
  if (!result.ok()) return result;
  if (level == loop::kIpprotoIp && name == loop::kIpTos) {
    options_.SetPriority(inet_.priority());
  }
  // Switched off, what it kept is gone.
  const bool off = level == loop::kIpprotoIp
                       ? name == loop::kIpRecverr && !inet_.ip(name)
                       : name == loop::kIpv6Recverr && !inet_.ip6(name);
  if (off) errors_.clear();
  return result;
}

Result<void> Socket::Ioctl(uint32_t request, int* value) {
  switch (request) {
    case loop::kFionread:
      *value = static_cast<int>(received_.FirstBytes());
      return {};
    case loop::kSiocoutq:
      // What is sent is gone; what is pending lies in one buffer, and in
      // pages behind it.
      *value = !pending_.has_value()
                   ? 0
                   : static_cast<int>(
                         ReceiveQueue::Charge(pending_->first_bytes,
                                              !pending_->header.to.ip.is_v4()) +
                         pending_->data.size() - pending_->first_bytes);
      return {};
    default:
      return Errno::kENOTTY;
  }
}

}  // namespace simloop::sim::udp
