// IoBatch: what the sockets of a stack read ahead of the callbacks of one poll,
// and write behind them, where the loop gathers (EventLoop::Options::gathers).
// The bytes of all stand side by side, in two arenas that are used anew for
// each poll.
#ifndef NET_IO_BATCH_H_
#define NET_IO_BATCH_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "loop/kernel.h"
#include "loop/result.h"

namespace simloop::net {

class Socket;

class IoBatch final {
 public:
  // What one read(2) has brought.
  struct Arrival {
    loop::Result<size_t> result;
    absl::Span<char> space;  // where it was asked to put it
  };

  // Reads of up to `read_bytes`, as all reads of the stack.
  IoBatch(loop::Kernel& kernel, size_t read_bytes);
  IoBatch(const IoBatch&) = delete;
  IoBatch& operator=(const IoBatch&) = delete;

  // One read(2) of `fd`, the socket's. False: it is not kept, since there is no
  // room, or nothing to read.
  bool ReadAhead(Socket& socket, loop::Fd fd);
  // What it has read ahead. REQUIRES: ReadAhead() was true, and nobody has
  // taken it.
  Arrival Take(const Socket& socket);

  // Keeps `data` for Socket::SendBehind(). False: it is too much.
  bool WriteBehind(Socket& socket, absl::string_view data);
  // More of what `socket` wrote last. False: others have written since, or it
  // is too much.
  bool Extend(const Socket& socket, absl::string_view data);
  // Writes what `socket` has written, before the others' turn.
  void Send(const Socket& socket);

  // The callbacks have run: writes what was written, in that order, and gives
  // what nobody has taken back to its sockets.
  void Flush();

 private:
  struct Read {
    Socket* socket;  // null: taken
    Arrival arrival;
  };
  struct Write {
    Socket* socket;  // null: sent
    size_t begin;
    size_t size;
  };

  void Append(absl::string_view data);
  void Send(Write& write);

  loop::Kernel& kernel_;
  const size_t read_bytes_;
  const std::unique_ptr<char[]> arrived_;
  size_t arrived_bytes_ = 0;
  std::vector<Read> reads_;
  size_t next_read_ = 0;  // those before it were taken
  const std::unique_ptr<char[]> written_;
  size_t written_bytes_ = 0;
  std::vector<Write> writes_;
};

}  // namespace simloop::net

#endif  // NET_IO_BATCH_H_
