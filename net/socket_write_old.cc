// Writing in v0.1.96: each piece goes to write(2) at once, and what the kernel
// does not take waits in a queue that may end with an End().
#include "loop/kernel.h"
#include "net/socket.h"

namespace simloop::net {
namespace {

using loop::Errno;

// What of `text` goes into so many bytes, without half a character of UTF-8.
absl::string_view Fitting(absl::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80)
    --bytes;
  return text.substr(0, bytes);
}

}  // namespace

bool Socket::WriteString(absl::string_view text) {
  return v0196_ ? WriteQueued(text, true) : Write(text);
}

bool Socket::WriteQueued(absl::string_view data, bool is_text) {
  if (ending_) {
    throw Error("", "Stream.close() called already; cannot write.");
  }
  if (!HasBuffered()) return WriteOut(data, is_text);
  backlog().unsent_bytes += data.size();
  std::vector<Piece>& queue = backlog().buffered;
  if (is_text && queue.back().is_text) {
    queue.back().data.append(data.data(), data.size());
  } else {
    queue.push_back({std::string(data), nullptr, is_text});
  }
  return false;
}

// Answers whether the kernel took all; what it did not is queued in front.
bool Socket::WriteOut(absl::string_view data, bool is_text) {
  if (!old_writable_) throw Error("", "Stream is not writable");
  if (data.empty()) return true;
  const absl::string_view now =
      is_text ? Fitting(data, stack_->ReadSpace().size()) : data;
  if (now.size() < data.size()) PutBack(data.substr(now.size()), true);
  const auto written =
      stack_->kernel().Write(fd_, absl::MakeConstSpan(now.data(), now.size()));
  if (!written.ok() && written.error() != Errno::kEAGAIN &&
      written.error() != Errno::kEINTR) {
    const Error error = SystemError(quirks(), written.error(), "write");
    DestroyWith(&error);
    return false;
  }
  const size_t taken = written.ok() ? *written : 0;
  bytes_written_ += taken;
  Touch();
  if (taken == now.size()) return now.size() == data.size();
  // The buffer's bytes stay where they are until they have gone.
  if (is_text) stack_->TookReadSpace(now.size());
  PutBack(now.substr(taken), false);
  return false;
}

void Socket::PutBack(absl::string_view data, bool is_text) {
  StartWay(loop::kWritable);
  backlog().unsent_bytes += data.size();
  std::vector<Piece>& queue = backlog().buffered;
  queue.insert(queue.begin(), Piece{std::string(data), nullptr, is_text});
}

void Socket::EndQueued(absl::string_view data) {
  if (!old_writable_) return;
  if (!data.empty()) WriteQueued(data, false);
  if (ending_) return;
  if (!old_writable_) {  // the write failed
    throw Error("", "The connection is not writable");
  }
  ending_ = true;
  Flush();
}

bool Socket::Flush() {
  if (!v0196_) return writable_bytes() == 0;
  while (HasBuffered()) {
    std::vector<Piece>& queue = extras_->backlog->buffered;
    const Piece piece = std::move(queue.front());
    queue.erase(queue.begin());
    extras_->backlog->unsent_bytes -= piece.data.size();
    if (!WriteOut(piece.data, piece.is_text)) return false;
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
