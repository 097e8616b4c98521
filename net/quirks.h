// Quirks: in what the two Nodes that net models behave differently, each
// difference by its name: v0.1.96 (true, where it is a bool) and a modern one.
// This is the one place that knows a Discipline; all other code asks a quirk.
#ifndef NET_QUIRKS_H_
#define NET_QUIRKS_H_

#include <cstddef>

#include "loop/discipline.h"

namespace simloop::net {

struct Quirks {
  // --- Servers.
  // listen(2)'s second argument when the program names none.
  int backlog;
  // What socket(2), bind(2) and listen(2) answer is thrown where they are
  // called; else it is an 'error' event.
  bool setup_errors_are_thrown;
  // listen(2) waits for the next tick, and 'listening' comes with it; else it
  // is called in Listen(), and 'listening' comes in the next tick.
  bool listens_in_tick;
  // accept4(2) until EAGAIN for each readiness; else once.
  bool accepts_until_eagain;
  // Close() emits 'close' itself and waits for no connection.
  bool server_closes_at_once;
  // Accepted sockets emit 'connect' too, after the server's 'connection'.
  bool accepted_sockets_connect;

  // --- Reading.
  // How much one read(2) asks for.
  size_t read_bytes;
  // The read buffer is used up by what was read, and renewed when less than
  // 128 bytes are left: read(2) asks for less and less.
  bool read_pool_shrinks;
  // Reads for each readiness, while they fill the buffer.
  int reads_per_readiness;
  // 'data' goes straight to the listeners, and is lost without one; Pause()
  // stops the watcher. Else sockets buffer and flow (Node's Readable).
  bool data_is_not_buffered;
  // Nobody ends for the program; Options::allow_half_open has no effect.
  bool always_half_open;

  // --- Connecting and writing.
  // Destroy() does not stop a connect whose look-up is under way: it opens a
  // descriptor that is never closed, and throws.
  bool connects_after_destroy;
  // "localhost" needs no tick: connect(2) is called inside Connect().
  bool localhost_is_known_at_once;
  // Write() before 'connect' or after End() throws, and End() before 'connect'
  // is ignored; else the first is buffered, the second an 'error'.
  bool write_needs_open_socket;
  // shutdown(2) in End() itself; else after the poll's I/O callbacks.
  bool shuts_down_in_end;
  // The write watcher stays started after 'connect', so that a 'drain' comes
  // though nothing was queued; and once more after a queued End().
  bool spurious_drain;
  // Write() answers false when this much is unsent.
  size_t write_high_water_bytes;

  // --- The end.
  // 'error' and 'close' come in one tick; else 'error' in a tick, and 'close'
  // in the closing phase.
  bool closes_in_tick;
  // A socket whose connect failed stays "opening".
  bool opening_for_ever;
  // An idle timeout of 0 is ignored, one set before there is a descriptor
  // waits for the first activity, none comes twice, and all keep the loop
  // alive.
  bool clumsy_timeouts;
  // "ECONNREFUSED, Connection refused"; else "connect ECONNREFUSED 1.2.3.4:5".
  bool old_error_texts;

  // --- http.
  // Head and first piece of a response wait for the second piece or End();
  // 'sent' when all is given to the socket. Fields: no Date, no Keep-Alive, no
  // Content-Length of its own. Else 'prefinish', 'finish' and 'close'.
  bool old_responses;
  // Messages have no 'close', 'aborted' or 'error'; the server's sockets are
  // ended when the client has ended and nothing is to be answered.
  bool request_always_complete;
  // What is no request is closed; else it is answered with 400.
  bool bad_request_is_unanswered;
  // How long a server lets a connection be idle; 0: as long as the program and
  // keep_alive_timeout say.
  int server_idle_seconds;
};

// The quirks of a discipline; valid for ever.
const Quirks& QuirksOf(loop::Discipline discipline);

}  // namespace simloop::net

#endif  // NET_QUIRKS_H_
