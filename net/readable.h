// Readable: a ReadableBase of its own, beside its owner and the event that
// drives it.
#ifndef NET_READABLE_H_
#define NET_READABLE_H_

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/strings/string_view.h"
#include "loop/event_loop.h"
#include "net/event.h"
#include "net/readable_base.h"

namespace simloop::net {

// Who owns a Readable, and emits for it. An interface because there are several
// kinds of messages that are read.
class ReadableOwner {
 public:
  virtual ~ReadableOwner() = default;
  // There is room: readable.Push() may be called (Node's _read()).
  virtual void OnReadMore() = 0;
  // Emits 'end', once.
  virtual void EmitEnd() = 0;
  virtual void EmitPause() = 0;
  virtual void EmitResume() = 0;
  // Keeps the owner alive until a tick that is due has run.
  virtual std::shared_ptr<ReadableOwner> Alive() = 0;
};

class Readable;

// The event 'data'. Adding a listener makes the stream flow, unless it was
// paused.
class DataEvent final {
 public:
  using Listener = Event<absl::string_view>::Listener;

  template <typename F>
  ListenerId operator()(F&& listener) {
    const ListenerId id = event_(std::forward<F>(listener));
    OnListener();
    return id;
  }
  template <typename F>
  ListenerId Once(F&& listener) {
    const ListenerId id = event_.Once(std::forward<F>(listener));
    OnListener();
    return id;
  }
  void Remove(ListenerId id) { event_.Remove(id); }
  void Clear() { event_.Clear(); }
  bool Emit(absl::string_view chunk) { return event_.Emit(chunk); }
  int count() const { return event_.count(); }

 private:
  friend class Readable;

  void OnListener();

  Event<absl::string_view> event_;
  Readable* readable_ = nullptr;  // null: nothing is buffered
};

class Readable final : public ReadableBase<Readable> {
 public:
  // All must outlive the stream. `data` drives it from now on, if
  // `buffers`; else it is not to be used.
  Readable(loop::EventLoop& loop, ReadableOwner& owner, DataEvent& data,
           bool buffers)
      : loop_(loop), owner_(owner), data_(data) {
    if (buffers) data_.readable_ = this;
  }

  using ReadableBase::buffered_bytes;
  using ReadableBase::end_emitted;
  using ReadableBase::ended;
  using ReadableBase::EndIfDrained;
  using ReadableBase::flowing;
  using ReadableBase::mode;
  using ReadableBase::Push;
  using ReadableBase::PushEnd;
  void Pause() { PauseReadable(); }
  void Resume() { ResumeReadable(); }
  void Destroy(bool failed) { DestroyReadable(failed); }
  void Close() { CloseReadable(); }
  void Reset() { ResetReadable(); }
  bool paused() const { return readable_paused(); }
  ReadableBuffer& buffer() { return buffer_; }

 private:
  friend class DataEvent;
  friend class ReadableBase<Readable>;

  loop::EventLoop& readable_loop() { return loop_; }
  bool EmitData(absl::string_view chunk) { return data_.Emit(chunk); }
  int data_listeners() const { return data_.count(); }
  void OnReadMore() { owner_.OnReadMore(); }
  void EmitEnd() { owner_.EmitEnd(); }
  void EmitPause() { owner_.EmitPause(); }
  void EmitResume() { owner_.EmitResume(); }
  std::shared_ptr<ReadableOwner> Alive() { return owner_.Alive(); }

  ReadableBuffer* readable_buffer() { return &buffer_; }
  const ReadableBuffer* readable_buffer() const { return &buffer_; }
  ReadableBuffer& MakeBuffer() { return buffer_; }

  loop::EventLoop& loop_;
  ReadableOwner& owner_;
  DataEvent& data_;
  ReadableBuffer buffer_;
};

inline void DataEvent::OnListener() {
  if (readable_ != nullptr) readable_->OnDataListener();
}

}  // namespace simloop::net

#endif  // NET_READABLE_H_
