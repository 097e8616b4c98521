// Writing in a modern Node: lib/internal/streams/writable.js over libuv's
// uv_try_write() and uv_write(). At most one write is under way; what comes
// meanwhile is gathered for one writev(2).
#include <algorithm>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "loop/abi.h"
#include "loop/kernel.h"
#include "net/socket.h"

namespace simloop::net {
namespace {

using loop::Errno;

// The most pieces one writev(2) takes: IOV_MAX.
constexpr size_t kMostPieces = 1024;
// A string of at most so many bytes that fails at once is not counted, as in
// Node, which has it on its stack.
constexpr size_t kSmallString = 16384;

absl::Span<const char> SpanOf(absl::string_view data) {
  return absl::MakeConstSpan(data.data(), data.size());
}

// write(2) or writev(2), as libuv's uv__try_write(): EAGAIN is 0 bytes.
loop::Result<size_t> TryWrite(loop::Kernel& kernel, loop::Fd fd,
                              absl::Span<const absl::Span<const char>> data) {
  for (;;) {
    const auto sent = data.size() == 1 ? kernel.Write(fd, data.front())
                                       : kernel.Writev(fd, data);
    if (sent.ok()) return sent;
    if (sent.error() == Errno::kEAGAIN || sent.error() == Errno::kENOBUFS) {
      return size_t{0};
    }
    if (sent.error() != Errno::kEINTR) return sent;
  }
}

size_t SumOf(const std::vector<WritePiece>& pieces) {
  size_t sum = 0;
  for (const WritePiece& piece : pieces) sum += piece.data.size();
  return sum;
}

}  // namespace

bool Socket::Write(absl::string_view data, WriteCallback written) {
  return quirks().write_needs_open_socket
             ? WriteQueued(data, false)
             : WriteBuffered(data, std::move(written));
}

void Socket::End(absl::string_view data, WriteCallback ended) {
  if (quirks().write_needs_open_socket) {
    EndQueued(data);
  } else {
    EndBuffered(data, std::move(ended));
  }
}

bool Socket::WriteBuffered(absl::string_view data, WriteCallback&& written) {
  if (ending_ || destroyed_) {
    // A socket whose peer has ended says so instead (writeAfterFIN).
    const Error error =
        ending_ && end_emitted() && !allow_half_open_
            ? Error("EPIPE", "This socket has been ended by the other party")
        : ending_ ? Error("ERR_STREAM_WRITE_AFTER_END", "write after end")
                  : StreamDestroyed("write");
    if (stack_ == nullptr) return false;
    if (written != nullptr) {
      stack_->loop().NextTick(
          [alive = shared_from_this(), error,
           written = std::move(written)]() mutable { written(&error); });
    }
    DestroyWith(&error);
    return false;
  }
  if (behind_ && ExtendBehind(data, written != nullptr)) return true;
  if (writing_ || corked_ || failed_) {
    backlog().unsent_bytes += data.size();
    backlog().waiting_bytes += data.size();
    backlog().buffered.push_back({std::string(data), std::move(written)});
  } else {
    StartWrite(data, std::move(written));
  }
  const bool has_room = writable_bytes() < quirks().write_high_water_bytes;
  if (!has_room) need_drain_ = true;
  return has_room && !failed_ && !destroyed_;
}

bool Socket::WriteAsCorked(absl::string_view data) {
  const bool drains = !writing_ && !corked_ && !ending_ &&
                      data.size() >= quirks().write_high_water_bytes;
  if (!drains) return Write(data);
  need_drain_ = true;
  // The tick of its callback is that of 'drain'.
  return Write(data, [](const Error*) {});
}

void Socket::StartWrite(absl::string_view data, WriteCallback&& written) {
  if (written == nullptr && stack_->loop().gathering() && !connecting_ &&
      fd_.valid() && !is_unix_ && stack_->batch()->WriteBehind(*this, data)) {
    Touch();
    bytes_written_ += data.size();
    writing_ = behind_ = true;
    if (!ref_) UpdateRef();
    return;
  }
  SendNow(data, std::move(written));
}

// More of what waits in the batch. False: it does not go there, and what waits
// was sent before it; `called`: there is a callback, whose tick is to be where
// Node has it.
bool Socket::ExtendBehind(absl::string_view data, bool called) {
  if (!called && !corked_ && stack_->batch()->Extend(*this, data)) {
    bytes_written_ += data.size();
    return true;
  }
  stack_->batch()->Send(*this);
  return false;
}

// The callbacks have run that StartWrite() was called in.
void Socket::SendBehind(absl::string_view data) {
  bytes_written_ -= data.size();
  writing_ = behind_ = false;
  SendNow(data, nullptr);
  if (!writing_ && HasBuffered()) WriteNext();
  if (!ref_) UpdateRef();
  FinishIfDone();
}

// The common case, without a copy if the kernel takes all.
void Socket::SendNow(absl::string_view data, WriteCallback&& written) {
  size_t taken = 0;
  if (!connecting_ && fd_.valid()) {
    Touch();
    const absl::Span<const char> span = SpanOf(data);
    const auto sent =
        TryWrite(stack_->kernel(), fd_, absl::MakeConstSpan(&span, 1));
    if (sent.ok() && *sent == data.size()) {
      bytes_written_ += *sent;
      if (written != nullptr) {
        backlog().in_flight.push_back({std::string(), std::move(written)});
        OnSent(/*synchronous=*/true);
      }
      return;
    }
    if (!sent.ok()) {
      if (data.size() > kSmallString) bytes_written_ += data.size();
      backlog().unsent_bytes += data.size();
      backlog().in_flight.push_back({std::string(data), std::move(written)});
      FailWrite(SystemError(quirks(), sent.error(), "write"),
                /*synchronous=*/true);
      return;
    }
    taken = *sent;
    bytes_written_ += data.size();
  }
  backlog().unsent_bytes += data.size() - taken;
  backlog().in_flight.push_back(
      {std::string(data.substr(taken)), std::move(written)});
  StartInFlight(/*tried=*/true);
}

// What is in flight is new. `tried`: uv_try_write() was called for it.
void Socket::StartInFlight(bool tried) {
  writing_ = true;
  if (!ref_) UpdateRef();
  if (connecting_) {
    DeferToConnect();
    return;
  }
  if (!tried || !fd_.valid()) CountInFlight();
  if (!fd_.valid()) {
    FailWrite(Error("ERR_SOCKET_CLOSED", "Socket is closed"),
              /*synchronous=*/true);
    return;
  }
  Touch();
  if (!tried && SendInFlight(/*synchronous=*/true)) return;
  // uv_write() tries once more before it waits.
  if (SendInFlight(/*synchronous=*/true)) return;
  SetWatch(stack_->loop(), fd_, loop::kWritable);
  StartWay(loop::kWritable);
}

// It is given to the kernel, or lost, if there is none.
void Socket::CountInFlight() {
  extras_->backlog->pending_bytes = 0;
  if (fd_.valid()) bytes_written_ += SumOf(extras_->backlog->in_flight);
}

// As in Node, the write is itself a listener of 'connect', or fails at 'close'.
void Socket::DeferToConnect() {
  extras_->backlog->pending_bytes = SumOf(extras_->backlog->in_flight);
  extras().connect_listener = on.connect.Once([this] {
    extras().connect_listener = 0;
    on.close.Remove(std::exchange(extras_->close_listener, 0));
    CountInFlight();
    if (!fd_.valid()) {
      FailWrite(Error("ERR_SOCKET_CLOSED", "Socket is closed"),
                /*synchronous=*/false);
      return;
    }
    if (SendInFlight(/*synchronous=*/false)) return;
    if (SendInFlight(/*synchronous=*/false)) return;
    SetWatch(stack_->loop(), fd_, loop::kWritable);
    StartWay(loop::kWritable);
  });
  extras().close_listener = on.close.Once([this](bool) {
    extras_->close_listener = 0;
    on.connect.Remove(std::exchange(extras_->connect_listener, 0));
    FailWrite(Error("ERR_SOCKET_CLOSED_BEFORE_CONNECTION",
                    "Socket closed before the connection was established"),
              /*synchronous=*/false);
  });
}

void Socket::OnWriteReady() {
  if (!SendInFlight(/*synchronous=*/false)) return;
  if (entered() && !writing_) StopWay(loop::kWritable);
}

// One write(2) or writev(2) of what is in flight. Answers whether that is done
// with: sent, or failed.
bool Socket::SendInFlight(bool synchronous) {
  absl::InlinedVector<absl::Span<const char>, 8> spans;
  Backlog& backlog = *extras_->backlog;
  size_t offset = backlog.offset;
  for (const Piece& piece : backlog.in_flight) {
    if (offset > 0 && offset >= piece.data.size()) {
      offset -= piece.data.size();
      continue;
    }
    if (spans.size() == kMostPieces) break;
    spans.push_back(SpanOf(absl::string_view(piece.data).substr(offset)));
    offset = 0;
  }
  const auto sent = TryWrite(stack_->kernel(), fd_, spans);
  if (!sent.ok()) {
    FailWrite(SystemError(quirks(), sent.error(), "write"), synchronous);
    return true;
  }
  backlog.offset += *sent;
  backlog.unsent_bytes -= *sent;
  if (backlog.offset < SumOf(backlog.in_flight)) return false;
  OnSent(synchronous);
  return true;
}

// onwrite(), without an error.
void Socket::OnSent(bool synchronous) {
  std::vector<Piece> done = std::exchange(extras_->backlog->in_flight, {});
  extras_->backlog->offset = 0;
  writing_ = false;
  if (HasBuffered() && !destroyed_) WriteNext();
  if (!ref_) UpdateRef();
  if (!synchronous) {
    Touch();
    AfterWrite(done);
    return;
  }
  if (!need_drain_ &&
      std::none_of(done.begin(), done.end(), [](const Piece& piece) {
        return piece.written != nullptr;
      })) {
    FinishIfDone();  // there is nobody to tell in a tick
    return;
  }
  stack_->loop().NextTick(
      [self = shared_from_this(), done = std::move(done)]() mutable {
        self->AfterWrite(done);
      });
}

// clearBuffer(): all that has gathered becomes one write.
void Socket::WriteNext() {
  if (writing_ || corked_ || destroyed_ || !HasBuffered()) return;
  extras_->backlog->in_flight = std::exchange(extras_->backlog->buffered, {});
  extras_->backlog->waiting_bytes = 0;
  StartInFlight(/*tried=*/false);
}

void Socket::AfterWrite(std::vector<Piece>& done) {
  if (need_drain_ && !ending_ && !destroyed_ && writable_bytes() == 0) {
    need_drain_ = false;
    if (reader() != nullptr) reader()->OnDrain();
    on.drain.Emit();
  }
  for (Piece& piece : done) {
    if (piece.written != nullptr) piece.written(nullptr);
  }
  if (stack_ == nullptr) return;
  if (destroyed_) FailBuffered();
  FinishIfDone();
}

// onwrite() and onwriteError().
void Socket::FailWrite(const Error& error, bool synchronous) {
  std::vector<Piece> failed;
  if (has_backlog()) {
    Backlog& backlog = *extras_->backlog;
    failed = std::exchange(backlog.in_flight, {});
    for (const Piece& piece : failed) backlog.unsent_bytes -= piece.data.size();
    backlog.unsent_bytes += std::exchange(backlog.offset, 0);
  }
  writing_ = false;
  SetFailure(error);
  auto report = [self = shared_from_this(), error,
                 failed = std::move(failed)]() mutable {
    for (Piece& piece : failed) {
      if (piece.written != nullptr) piece.written(&error);
    }
    self->FailBuffered();
    self->DestroyWith(&error);
  };
  if (synchronous) {
    stack_->loop().NextTick(std::move(report));
  } else {
    report();
  }
}

// errorBuffer(): what will not be written any more.
void Socket::FailBuffered() {
  if (writing_ || !has_backlog()) return;
  const Error write_error =
      failed_ ? *extras_->failure : StreamDestroyed("write");
  const Error end_error = failed_ ? *extras_->failure : StreamDestroyed("end");
  std::vector<Piece> pieces = std::exchange(extras_->backlog->buffered, {});
  size_t waiting = 0;
  for (Piece& piece : pieces) {
    waiting += piece.data.size();
    if (has_backlog()) extras_->backlog->unsent_bytes -= piece.data.size();
    if (piece.written != nullptr) piece.written(&write_error);
  }
  std::vector<WriteCallback> ends;
  if (has_backlog()) ends = std::exchange(extras_->backlog->end_callbacks, {});
  for (WriteCallback& ended : ends) ended(&end_error);
  if (!has_backlog()) return;
  size_t& all = extras_->backlog->waiting_bytes;
  all -= std::min(all, waiting);  // one of them may have connected again
}

// What uv_close() does with a write under way, before its callback.
void Socket::CancelInFlight() {
  if (!HasInFlight() || extras_->connect_listener != 0) return;
  std::vector<Piece> cancelled = std::exchange(extras_->backlog->in_flight, {});
  writing_ = false;
  extras_->backlog->offset = 0;
  AfterWrite(cancelled);
}

void Socket::Cork() {
  ++extras().corks;
  corked_ = true;
}

void Socket::Uncork() {
  if (!corked_ || --extras_->corks > 0 || stack_ == nullptr) return;
  corked_ = false;
  WriteNext();
}

void Socket::UncorkAll() {
  if (corked_) extras_->corks = 1;
  Uncork();
}

}  // namespace simloop::net
