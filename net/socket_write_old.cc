// Writing in v0.1.96: each piece goes to write(2) at once, and what the kernel
// does not take waits in a queue that may end with an End().
#include "loop/kernel.h"
#include "net/socket.h"

namespace simloop::net {

using loop::Errno;

bool Socket::WriteQueued(absl::string_view data) {
  if (ending_) {
    throw Error("", "Stream.close() called already; cannot write.");
  }
  if (!HasBuffered()) return WriteOut(data);
  backlog().unsent_bytes += data.size();
  backlog().buffered.push_back({std::string(data), nullptr});
  return false;
}

// Answers whether the kernel took all; what it did not is queued in front.
bool Socket::WriteOut(absl::string_view data) {
  if (!old_writable_) throw Error("", "Stream is not writable");
  if (data.empty()) return true;
  const auto written = stack_->kernel().Write(
      fd_, absl::MakeConstSpan(data.data(), data.size()));
  if (!written.ok() && written.error() != Errno::kEAGAIN &&
      written.error() != Errno::kEINTR) {
    const Error error = SystemError(quirks(), written.error(), "write");
    DestroyWith(&error);
    return false;
  }
  const size_t taken = written.ok() ? *written : 0;
  bytes_written_ += taken;
  Touch();
  if (taken == data.size()) return true;
  StartWay(loop::kWritable);
  const absl::string_view rest = data.substr(taken);
  backlog().unsent_bytes += rest.size();
  std::vector<Piece>& queue = backlog().buffered;
  queue.insert(queue.begin(), Piece{std::string(rest), nullptr});
  return false;
}

void Socket::EndQueued(absl::string_view data) {
  if (!old_writable_ || ending_) return;
  if (!data.empty()) WriteQueued(data);
  if (!old_writable_) return;  // the write failed
  ending_ = true;
  Flush();
}

// Answers whether the queue has run empty.
bool Socket::Flush() {
  while (HasBuffered()) {
    std::vector<Piece>& queue = extras_->backlog->buffered;
    const std::string data = std::move(queue.front().data);
    queue.erase(queue.begin());
    extras_->backlog->unsent_bytes -= data.size();
    if (!WriteOut(data)) return false;
  }
  if (ending_) {
    // The watcher goes on, and brings a second 'drain'.
    ending_ = false;
    ShutDownInline();
    return true;
  }
  if (entered()) StopWay(loop::kWritable);
  return true;
}

void Socket::ShutDownInline() {
  if (!old_readable_) {
    Destroy();
    return;
  }
  old_writable_ = false;
  const auto done = stack_->kernel().Shutdown(fd_, loop::kShutWr);
  if (done.ok()) return;
  const Error error = SystemError(quirks(), done.error(), "shutdown");
  DestroyWith(&error);
}

}  // namespace simloop::net
