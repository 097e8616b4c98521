#include "sim/tcp/syn_cookie.h"

#include "sim/tcp/time_stamp.h"

namespace simloop::sim::tcp {
namespace {

// The MSSs that can be told (those that networks mostly have).
constexpr uint32_t kMss[] = {536, 1300, 1440, 1460};
constexpr uint32_t kMssMask = 3;
constexpr int kCountShift = 24;
constexpr uint32_t kDataMask = (1u << kCountShift) - 1;
constexpr uint32_t kMostMinutes = 2;
// Low bits of the time stamp, and the one that says SACK.
constexpr uint32_t kStampMask = 63;
constexpr uint32_t kSackBit = 16;

uint32_t Minute(loop::Instant now) {
  return static_cast<uint32_t>(now.nanos() / 60'000'000'000);
}

// No secret: nobody forges in a simulation, and every run is to be the same.
uint32_t Hash(const loop::Endpoint& peer, const loop::Endpoint& local,
              uint32_t count, uint32_t salt) {
  uint64_t hash = salt;
  for (const uint64_t part :
       {peer.ip.high(), peer.ip.low(), local.ip.high(), local.ip.low(),
        uint64_t{peer.port} << 16 | local.port, uint64_t{count}}) {
    hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  return static_cast<uint32_t>(hash >> 32);
}

}  // namespace

Sequence SynCookie::SequenceFor(const Segment& syn, loop::Instant now) {
  uint32_t index = kMssMask;
  while (index > 0 && kMss[index] > syn.mss) --index;
  const uint32_t count = Minute(now);
  return Hash(syn.from, syn.to, 0, 1) + syn.seq + (count << kCountShift) +
         ((Hash(syn.from, syn.to, count, 2) + index) & kDataMask);
}

uint32_t SynCookie::StampFor(const Segment& syn, loop::Instant now) {
  // In the past if need be: time stamps do not run ahead.
  const uint32_t stamp = TimeStamp(now);
  const uint32_t options = syn.sack_permitted ? kSackBit : 0;
  uint32_t told = (stamp & ~kStampMask) | options;
  if (told > stamp) told -= kStampMask + 1;
  return told;
}

std::optional<SynCookie> SynCookie::Read(const Segment& ack,
                                         loop::Instant now) {
  const Sequence irs = ack.seq - 1;
  const uint32_t rest = ack.ack - 1 - Hash(ack.from, ack.to, 0, 1) - irs;
  const uint32_t minute = Minute(now);
  const uint32_t age = (minute - (rest >> kCountShift)) & 0xff;
  if (age >= kMostMinutes) return std::nullopt;
  const uint32_t index =
      (rest - Hash(ack.from, ack.to, minute - age, 2)) & kDataMask;
  if (index > kMssMask) return std::nullopt;
  return SynCookie{kMss[index], (ack.echo & kSackBit) != 0};
}

}  // namespace simloop::sim::tcp
