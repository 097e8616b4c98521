// SocketOptions: what the program set of one TCP socket and the connection's
// machinery does not change.
#ifndef SIM_TCP_SOCKET_OPTIONS_H_
#define SIM_TCP_SOCKET_OPTIONS_H_

#include <cstdint>

#include "loop/abi.h"
#include "loop/address.h"
#include "sim/inet_options.h"
#include "sim/socket_options.h"

namespace simloop::sim {
struct HostOptions;
}  // namespace simloop::sim

namespace simloop::sim::tcp {

// A connection that is accepted has the listener's as they were when it was
// made (socket(7)).
struct SocketOptions {
  // bind(2) named an address: SOCK_BINDADDR_LOCK.
  bool address_bound = false;
  bool keepalive = false;
  loop::Linger linger;
  // TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT.
  int keep_idle_seconds = 7200;
  int keep_interval_seconds = 75;
  int keep_probes = 9;
  // SO_SNDBUF, SO_RCVBUF as they are answered; 0: never set.
  int send_buffer = 0;
  int receive_buffer = 0;
  // SO_RCVLOWAT, at least 1; SO_PEEK_OFF, -1 where off; SO_OOBINLINE.
  int receive_low_water = 1;
  int peek_offset = -1;
  bool oob_inline = false;
  // TCP_CORK.
  bool cork = false;
  // TCP_SYNCNT, TCP_LINGER2 (-1: no FIN_WAIT2 at all): 0 is the host's.
  int syn_retries = 0;
  int fin_wait2_seconds = 0;
  // TCP_DEFER_ACCEPT as retransmissions of the SYN-ACK; 0: off.
  int defer_accept_retries = 0;
  // TCP_USER_TIMEOUT; 0: off.
  int user_timeout_millis = 0;
  // TCP_NOTSENT_LOWAT; 0: the host's, no bound.
  uint32_t unsent_low_water = 0;
  // TCP_MAXSEG as it was set, TCP_WINDOW_CLAMP; 0: never set.
  int max_segment = 0;
  int window_clamp = 0;
  // What TCP_MAXSEG answers without a connection: the last one's (mss_cache).
  int last_mss = 536;
  // TCP_FASTOPEN as it is answered, TCP_FASTOPEN_CONNECT,
  // TCP_FASTOPEN_NO_COOKIE, TCP_THIN_LINEAR_TIMEOUTS, TCP_SAVE_SYN, TCP_INQ:
  // kept and answered, without effect.
  int fast_open_queue = 0;
  bool fast_open_connect = false;
  bool fast_open_no_cookie = false;
  bool thin_linear = false;
  bool inq = false;
  uint8_t save_syn = 0;
  uint64_t cookie = 0;  // SO_COOKIE; 0: nobody has asked for it
  // What getsockopt(2) answers of SOL_SOCKET, IPPROTO_IP and IPPROTO_IPV6:
  // socket_option.cc keeps the fields above in step with it.
  sim::SocketOptions socket;
  InetOptions inet;

  // Of a fresh socket.
  SocketOptions(const HostOptions& host, loop::Family family);
  // What an accepted socket does not inherit (inet_csk_clone_lock()).
  void Accept();
};

}  // namespace simloop::sim::tcp

#endif  // SIM_TCP_SOCKET_OPTIONS_H_
