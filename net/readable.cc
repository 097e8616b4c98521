// The receiving half of a modern Node stream. The names in the comments are
// those of Node's lib/internal/streams/readable.js.
#include "net/readable.h"

namespace simloop::net {

ListenerId DataEvent::operator()(Listener listener) {
  const ListenerId id = event_(std::move(listener));
  if (readable_ != nullptr) readable_->OnDataListener();
  return id;
}

ListenerId DataEvent::Once(Listener listener) {
  const ListenerId id = event_.Once(std::move(listener));
  if (readable_ != nullptr) readable_->OnDataListener();
  return id;
}

Readable::Readable(loop::EventLoop& loop, ReadableOwner& owner, DataEvent& data,
                   bool buffers)
    : loop_(loop), owner_(owner), data_(data) {
  if (buffers) data_.readable_ = this;
}

void Readable::OnDataListener() {
  if (mode_ != Mode::kPaused) Resume();
}

bool Readable::Push(absl::string_view chunk) {
  if (destroyed_ || ended_) return false;
  if (flowing() && buffered_bytes() == 0 && data_.count() > 0) {
    data_.Emit(chunk);
  } else {
    if (buffer_ == nullptr) buffer_ = std::make_unique<Buffer>();
    buffer_->chunks.emplace_back(chunk);
    buffer_->bytes += chunk.size();
    // emitReadable(): a stream that flows goes on in the next tick.
    if (flowing() && !resume_scheduled_) {
      loop_.NextTick([this, alive = owner_.Alive()] { Flow(); });
    }
  }
  return !ended_ && !destroyed_ && buffered_bytes() < kHighWaterBytes;
}

void Readable::PushEnd() {
  if (ended_ || destroyed_) return;
  ended_ = true;
  if (flowing() && !resume_scheduled_) Flow();
}

void Readable::Pause() {
  if (mode_ == Mode::kPaused) return;
  mode_ = Mode::kPaused;
  owner_.EmitPause();
}

void Readable::Resume() {
  if (mode_ == Mode::kFlowing) return;
  mode_ = Mode::kFlowing;
  if (resume_scheduled_) return;
  resume_scheduled_ = true;
  loop_.NextTick([this, alive = owner_.Alive()] { ResumeNow(); });
}

void Readable::ResumeNow() {
  resume_scheduled_ = false;
  if (!ended_ && !destroyed_) owner_.OnReadMore();
  EndIfDrained();
  owner_.EmitResume();
  Flow();
}

void Readable::Flow() {
  // One of the listeners may pause, and resume, and push more.
  while (flowing() && !destroyed_ && has_buffered()) {
    const std::string chunk = std::move(buffer_->chunks.front());
    buffer_->chunks.erase(buffer_->chunks.begin());
    buffer_->bytes -= chunk.size();
    if (!ended_ && buffered_bytes() < kHighWaterBytes) owner_.OnReadMore();
    EndIfDrained();
    data_.Emit(chunk);
  }
  EndIfDrained();
}

void Readable::EndIfDrained() {
  if (!ended_ || destroyed_ || end_scheduled_ || has_buffered()) return;
  end_scheduled_ = true;
  loop_.NextTick([this, alive = owner_.Alive()] { EndNow(); });
}

void Readable::EndNow() {
  if (destroyed_ || end_emitted_) return;
  end_emitted_ = true;
  owner_.EmitEnd();
}

void Readable::Destroy() {
  destroyed_ = true;
  buffer_ = nullptr;
}

void Readable::Reset() {
  buffer_ = nullptr;
  ended_ = false;
  end_scheduled_ = false;
  end_emitted_ = false;
  destroyed_ = false;
}

}  // namespace simloop::net
