// What a socket does with what its peer sends.
#include "loop/kernel.h"
#include "net/socket.h"

namespace simloop::net {

using loop::Errno;

void Socket::SetProtocol(std::shared_ptr<Protocol> protocol) {
  if (protocol == nullptr && extras_ == nullptr) return;
  extras().protocol = std::move(protocol);
}

void Socket::StartReading() {
  if (!fd_.valid() || ended()) return;
  // v0.1.96 sets and starts a started watcher again.
  if (!quirks().data_is_not_buffered && watches(loop::kReadable)) return;
  SetWatch(stack_->loop(), fd_, loop::kReadable);
  StartWay(loop::kReadable);
  if (read_ahead_) QueueArrival();
}

void Socket::StopReading() {
  if (entered()) StopWay(loop::kReadable);
}

bool Socket::paused() const {
  return quirks().data_is_not_buffered ? entered() && !watches(loop::kReadable)
                                       : readable_paused();
}

size_t Socket::readable_bytes() const { return buffered_bytes(); }

void Socket::Pause() {
  if (!quirks().data_is_not_buffered) {
    PauseReadable();
  } else if (entered()) {
    StopWay(loop::kReadable);
  } else {
    throw Error("", "Cannot pause() closed Stream.");
  }
}

void Socket::Resume() {
  if (!quirks().data_is_not_buffered) {
    ResumeReadable();
  } else if (fd_.valid()) {
    StartReading();
  } else {
    throw Error("", "Cannot resume() closed Stream.");
  }
}

// _read(): until there is a connection it waits as a listener of 'connect'.
void Socket::OnReadMore() {
  if (destroyed_) return;
  if (!connecting_ && fd_.valid()) {
    StartReading();
  } else if (!read_waits_) {
    read_waits_ = true;
    on.connect.Once([this] {
      read_waits_ = false;
      OnReadMore();
    });
  }
}

void Socket::OnReadable() {
  const Stay stay(*this);
  const loop::Fd fd = fd_;
  for (int reads = 0; reads < quirks().reads_per_readiness; ++reads) {
    const ReadResult result = ReadOnce();
    if (result == ReadResult::kDone) return;
    // A listener may have closed, paused, or closed and connected again.
    if (fd_ != fd || !watches(loop::kReadable)) return;
    // uv__stream_io(): after a hang-up nothing more can come.
    const bool ends = result == ReadResult::kPart && stack_->loop().hung_up();
    if (result == ReadResult::kPart && !ends) return;
    stack_->loop().RunTicks();
    if (fd_ != fd || !watches(loop::kReadable)) return;
    if (ends) {
      OnReadEnd();
      return;
    }
  }
}

Socket::ReadResult Socket::ReadOnce() {
  if (read_ahead_) return OnRead(TakeArrival());
  const absl::Span<char> space = stack_->ReadSpace();
  const auto read = stack_->kernel().Read(fd_, space);
  if (read.ok()) stack_->TookReadSpace(*read);
  return OnRead({read, space});
}

Socket::ReadResult Socket::OnRead(const IoBatch::Arrival& arrival) {
  const auto& [read, space] = arrival;
  if (!read.ok()) {
    if (read.error() == Errno::kEAGAIN || read.error() == Errno::kEINTR) {
      return ReadResult::kDone;
    }
    const Error error = SystemError(quirks(), read.error(), "read");
    DestroyWith(&error);
    return ReadResult::kDone;
  }
  if (*read == 0) {
    OnReadEnd();
    return ReadResult::kDone;
  }
  OnReadData(absl::string_view(space.data(), *read));
  return *read == space.size() ? ReadResult::kMore : ReadResult::kPart;
}

// Not of a Unix socket, whose peer may be in this process and would see at once
// when it was read and written.
void Socket::ReadAhead() {
  if (connecting_ || read_ahead_ || is_unix_) return;
  read_ahead_ = stack_->batch()->ReadAhead(*this, fd_);
}

IoBatch::Arrival Socket::TakeArrival() {
  read_ahead_ = false;
  if (extras_ == nullptr || extras_->arrival == nullptr) {
    return stack_->batch()->Take(*this);
  }
  const auto kept = std::move(extras_->arrival);
  const absl::Span<char> space = stack_->ReadSpace();
  kept->data.copy(space.data(), space.size());
  return {kept->result, space};
}

// Its turn has passed, and it did not read.
void Socket::KeepArrival(const IoBatch::Arrival& arrival) {
  const size_t bytes = arrival.result.ok() ? *arrival.result : 0;
  extras().arrival = std::make_unique<const KeptArrival>(
      KeptArrival{arrival.result, std::string(arrival.space.data(), bytes)});
  if (watches(loop::kReadable)) QueueArrival();
}

// The kernel has it no more, so that no poll will report it.
void Socket::QueueArrival() {
  stack_->loop().QueuePending([self = shared_from_this()] {
    if (self->read_ahead_ && self->watches(loop::kReadable)) self->OnReadable();
  });
}

// It closes. To the kernel what was read ahead is read; who closes before it
// has read all sends RST, not FIN (RFC 1122 section 4.2.2.13).
void Socket::DropArrival() {
  const loop::Result<size_t> read = TakeArrival().result;
  if (read.ok() && *read > 0) reset_on_close_ = true;
}

void Socket::OnReadData(absl::string_view data) {
  bytes_read_ += data.size();
  Touch();
  if (quirks().data_is_not_buffered) {
    on.data.Emit(data);
    if (reader() != nullptr) reader()->OnData(data);
  } else if (reader() != nullptr) {
    reader()->OnData(data);
  } else if (!Push(data)) {
    StopReading();
  }
}

void Socket::OnReadEnd() {
  StopWay(loop::kReadable);
  if (!quirks().data_is_not_buffered) {
    Touch();
    PushEnd();
    EndIfDrained();
    return;
  }
  old_readable_ = false;
  // Closed first, so that 'end' finds the state "closed".
  if (!old_writable_) Destroy();
  const auto protocol = this->protocol();
  on.end.Emit();
  if (protocol != nullptr) protocol->OnEnd();
}

// Called by a tick that keeps it.
void Socket::EmitEnd() {
  if (reader() != nullptr) reader()->OnEnd();
  on.end.Emit();
  if (writable() && !allow_half_open_) {
    stack_->loop().NextTick([self = shared_from_this()] {
      if (self->writable()) self->End();
    });
  } else if (finished_) {
    Destroy();
  }
}

}  // namespace simloop::net
