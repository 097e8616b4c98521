// What a socket does with what its peer sends.
#include "loop/kernel.h"
#include "net/socket.h"

namespace simloop::net {

using loop::Errno;

void Socket::SetProtocol(std::shared_ptr<Protocol> protocol) {
  protocol_ = std::move(protocol);
}

void Socket::StartReading() {
  if (!fd_.valid() || readable_.ended()) return;
  // v0.1.96 sets and starts a started watcher again.
  if (!quirks_.data_is_not_buffered && read_watcher_->active()) return;
  read_watcher_->Set(fd_, loop::kReadable);
  read_watcher_->Start();
}

void Socket::StopReading() {
  if (read_watcher_.has_value()) read_watcher_->Stop();
}

bool Socket::paused() const {
  return quirks_.data_is_not_buffered
             ? read_watcher_.has_value() && !read_watcher_->active()
             : readable_.paused();
}

size_t Socket::readable_bytes() const { return readable_.buffered_bytes(); }

void Socket::Pause() {
  if (!quirks_.data_is_not_buffered) {
    readable_.Pause();
  } else if (read_watcher_.has_value()) {
    read_watcher_->Stop();
  } else {
    throw Error("", "Cannot pause() closed Stream.");
  }
}

void Socket::Resume() {
  if (!quirks_.data_is_not_buffered) {
    readable_.Resume();
  } else if (fd_.valid()) {
    StartReading();
  } else {
    throw Error("", "Cannot resume() closed Stream.");
  }
}

void Socket::OnReadMore() {
  if (!connecting_ && !destroyed_) StartReading();
}

void Socket::OnReadable() {
  const Stay stay(*this);
  const loop::Fd fd = fd_;
  for (int reads = 0; reads < quirks_.reads_per_readiness; ++reads) {
    if (!ReadOnce()) return;
    // A listener may have closed, paused, or closed and connected again.
    if (fd_ != fd || !read_watcher_->active()) return;
  }
}

// Answers whether there may be more.
bool Socket::ReadOnce() {
  const absl::Span<char> space = stack_->ReadSpace();
  const auto read = stack_->kernel().Read(fd_, space);
  if (!read.ok()) {
    if (read.error() == Errno::kEAGAIN || read.error() == Errno::kEINTR) {
      return false;
    }
    const Error error = SystemError(quirks_, read.error(), "read");
    DestroyWith(&error);
    return false;
  }
  if (*read == 0) {
    OnReadEnd();
    return false;
  }
  stack_->TookReadSpace(*read);
  OnReadData(absl::string_view(space.data(), *read));
  return *read == space.size();
}

void Socket::OnReadData(absl::string_view data) {
  bytes_read_ += data.size();
  Touch();
  if (quirks_.data_is_not_buffered) {
    on.data.Emit(data);
    if (protocol_ != nullptr) protocol_->OnData(data);
  } else if (protocol_ != nullptr) {
    protocol_->OnData(data);
  } else if (!readable_.Push(data)) {
    StopReading();
  }
}

void Socket::OnReadEnd() {
  read_watcher_->Stop();
  if (!quirks_.data_is_not_buffered) {
    Touch();
    readable_.PushEnd();
    readable_.EndIfDrained();
    return;
  }
  old_readable_ = false;
  // Closed first, so that 'end' finds the state "closed".
  if (!old_writable_) Destroy();
  const auto protocol = protocol_;
  on.end.Emit();
  if (protocol != nullptr) protocol->OnEnd();
}

void Socket::EmitEnd() {
  const auto alive = shared_from_this();
  if (protocol_ != nullptr) protocol_->OnEnd();
  on.end.Emit();
  if (writable() && !options_.allow_half_open) {
    stack_->loop().NextTick([self = shared_from_this()] {
      if (self->writable()) self->End();
    });
  } else if (finished_) {
    Destroy();
  }
}

}  // namespace simloop::net
