// Readable: the receiving half of a modern Node stream: it buffers, flows,
// pauses, and holds 'end' back behind unread data
// (https://nodejs.org/api/stream.html#two-reading-modes). It reads nothing
// itself: its owner pushes. Of the two modes only 'data' is there; read() and
// 'readable' are not.
#ifndef NET_READABLE_H_
#define NET_READABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "loop/event_loop.h"
#include "net/event.h"

namespace simloop::net {

// Who owns a Readable, and emits for it. An interface because sockets and http
// messages share the one Readable.
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

  ListenerId operator()(Listener listener);
  ListenerId Once(Listener listener);
  void Remove(ListenerId id) { event_.Remove(id); }
  void Clear() { event_.Clear(); }
  bool Emit(absl::string_view chunk) { return event_.Emit(chunk); }
  int count() const { return event_.count(); }

 private:
  friend class Readable;
  Event<absl::string_view> event_;
  Readable* readable_ = nullptr;  // null: nothing is buffered
};

class Readable final {
 public:
  // readableHighWaterMark: when so much is buffered, the owner is to stop.
  static constexpr size_t kHighWaterBytes = 16 * 1024;

  // All must outlive the stream. `data` drives it from now on, if
  // `buffers`; else it is not to be used.
  Readable(loop::EventLoop& loop, ReadableOwner& owner, DataEvent& data,
           bool buffers);
  Readable(const Readable&) = delete;
  Readable& operator=(const Readable&) = delete;

  // New data; answers whether the owner should go on reading.
  bool Push(absl::string_view chunk);
  // The end of the data: push(null). 'end' comes when the stream flows and
  // nothing is left.
  void PushEnd();
  // read(0): 'end' comes, flowing or not, if nothing is left.
  void EndIfDrained();
  void Pause();
  void Resume();
  // Drops what is buffered; no event comes any more.
  void Destroy();
  // As new, but for the mode: Node's _undestroy().
  void Reset();

  bool flowing() const { return mode_ == Mode::kFlowing; }
  bool paused() const { return mode_ == Mode::kPaused; }
  bool ended() const { return ended_; }
  bool end_emitted() const { return end_emitted_; }
  size_t buffered_bytes() const {
    return buffer_ == nullptr ? 0 : buffer_->bytes;
  }

 private:
  friend class DataEvent;
  enum class Mode : uint8_t { kUnset, kFlowing, kPaused };

  void OnDataListener();
  void ResumeNow();
  void Flow();
  void EndNow();

  loop::EventLoop& loop_;
  ReadableOwner& owner_;
  DataEvent& data_;
  // What waits for the program; null until something does.
  struct Buffer {
    std::vector<std::string> chunks;
    size_t bytes = 0;
  };

  bool has_buffered() const {
    return buffer_ != nullptr && !buffer_->chunks.empty();
  }

  std::unique_ptr<Buffer> buffer_;
  Mode mode_ = Mode::kUnset;
  bool resume_scheduled_ = false;
  bool ended_ = false;
  bool end_scheduled_ = false;
  bool end_emitted_ = false;
  bool destroyed_ = false;
};

}  // namespace simloop::net

#endif  // NET_READABLE_H_
