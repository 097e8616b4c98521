// Quirks: in what the two Nodes that net models behave differently, each
// difference by its name. This is the one place that knows a Discipline; all
// other code of net asks a quirk.
#ifndef NET_QUIRKS_H_
#define NET_QUIRKS_H_

#include <cstddef>

#include "loop/discipline.h"

namespace simloop::net {

struct Quirks {
  // --- Servers
  // listen(2)'s second argument when the program names none.
  int backlog;
  // A failed bind(2) is thrown by Listen(), a failed listen(2) by its tick;
  // else both are 'error' events.
  bool listen_errors_are_thrown;
  // listen(2) waits for the next tick, and 'listening' comes with it; else it
  // is called in Listen(), and 'listening' comes in the next tick.
  bool listens_in_tick;
  // accept4(2) until EAGAIN for each readiness; else once.
  bool accepts_until_eagain;
  // Close() emits 'close' itself and waits for no connection.
  bool server_closes_at_once;
  // Accepted sockets have a 'connect' too, after the server's 'connection'.
  bool accepted_sockets_connect;

  // --- Reading
  // How much one read(2) asks for.
  size_t read_bytes;
  // The read buffer is used up by what was read and renewed when less than 128
  // bytes are left, so that read(2) asks for less and less.
  bool read_pool_shrinks;
  // Reads for each readiness, while they fill the buffer.
  int reads_per_readiness;
  // 'data' goes straight to the listeners and is lost without one; Pause()
  // stops the watcher. Else streams buffer and flow (Node's Readable).
  bool data_is_not_buffered;
  // Both sides end on their own; allow_half_open has no effect.
  bool always_half_open;

  // --- Writing
  // Write() before 'connect' or after End() throws, End() before 'connect' is
  // ignored. Else the first is buffered, and the second is an 'error'.
  bool write_needs_open_socket;
  // shutdown(2) in End() itself; else after the poll's I/O callbacks.
  bool shuts_down_in_end;
  // The write watcher stays started after 'connect', so that one 'drain' comes
  // though nothing was queued; and once more after a queued End().
  bool spurious_drain;
  // What Write() may leave unsent and still answer true.
  size_t write_high_water_bytes;

  // --- The end
  // 'error' and 'close' come in one tick; else 'error' in a tick, 'close' in
  // the closing phase.
  bool closes_in_tick;
  // A socket whose connect failed stays "opening".
  bool opening_for_ever;
  // An idle timeout of 0 is ignored, one set before Connect() does not start,
  // and none comes twice; the timer keeps the loop alive.
  bool clumsy_timeouts;

  // --- Errors
  // "ECONNREFUSED, Connection refused"; else "connect ECONNREFUSED 1.2.3.4:5".
  bool old_error_texts;

  // --- http
  // Head and first piece of a response wait for the second piece or End(); no
  // Date, no Keep-Alive header; 'sent' instead of 'finish'.
  bool old_http;
};

// The quirks of a discipline; valid for ever.
const Quirks& QuirksOf(loop::Discipline discipline);

}  // namespace simloop::net

#endif  // NET_QUIRKS_H_
