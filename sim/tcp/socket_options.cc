#include "sim/tcp/socket_options.h"

#include "sim/host.h"

namespace simloop::sim::tcp {

SocketOptions::SocketOptions(const HostOptions& host, loop::Family family)
    : keep_idle_seconds(host.keepalive_seconds),
      keep_interval_seconds(host.keepalive_interval_seconds),
      keep_probes(host.keepalive_probes),
      socket(host, family, loop::kSockStream, loop::kIpprotoTcp),
      inet(family, loop::kSockStream, host) {}

void SocketOptions::Accept() {
  inet.Accept();
  socket.SetPriority(0);
  defer_accept_retries = 0;
  fast_open_queue = 0;
  save_syn = 0;
  cookie = 0;
}

}  // namespace simloop::sim::tcp
