// OptionList: the options of tcp(7) that are nothing but a flag, or a number
// within bounds, kept and answered.
#ifndef SIM_TCP_OPTION_LIST_H_
#define SIM_TCP_OPTION_LIST_H_

#include <climits>
#include <cstddef>

#include "loop/abi.h"
#include "sim/option_names.h"
#include "sim/tcp/socket_options.h"

namespace simloop::sim::tcp {

// MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL; MAX_TCP_KEEPCNT, MAX_TCP_SYNCNT.
inline constexpr int kMostKeepSeconds = 32767;
inline constexpr int kMostCount = 127;

// Options that are on or off.
struct Flag {
  int name;
  bool SocketOptions::*field;
  bool strict;  // EINVAL but for 0 and 1
  // EINVAL but while closed, or closed or listening.
  bool when_closed = false;
  bool when_idle = false;
};
inline constexpr Flag kFlags[] = {
    {loop::kTcpCork, &SocketOptions::cork, false},
    {loop::kTcpFastopenConnect, &SocketOptions::fast_open_connect, true, true},
    {loop::kTcpFastopenNoCookie, &SocketOptions::fast_open_no_cookie, true,
     false, true},
    {loop::kTcpInq, &SocketOptions::inq, true},
    {kTcpThinLinearTimeouts, &SocketOptions::thin_linear, true},
};

// Options that are a number within bounds, EINVAL otherwise.
struct Number {
  int name;
  int SocketOptions::*field;
  int least;
  int most;
};
inline constexpr Number kNumbers[] = {
    {loop::kTcpKeepidle, &SocketOptions::keep_idle_seconds, 1,
     kMostKeepSeconds},
    {loop::kTcpKeepintvl, &SocketOptions::keep_interval_seconds, 1,
     kMostKeepSeconds},
    {loop::kTcpKeepcnt, &SocketOptions::keep_probes, 1, kMostCount},
    {loop::kTcpSyncnt, &SocketOptions::syn_retries, 1, kMostCount},
    {loop::kTcpUserTimeout, &SocketOptions::user_timeout_millis, 0, INT_MAX},
};

// The one of `name`; null if there is none.
template <typename Entry, size_t kSize>
const Entry* Find(const Entry (&entries)[kSize], int name) {
  for (const Entry& entry : entries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_OPTION_LIST_H_
