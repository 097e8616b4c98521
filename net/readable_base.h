// ReadableBase: the receiving half of a modern Node stream: it buffers, flows,
// pauses, and holds 'end' back behind unread data
// (https://nodejs.org/api/stream.html#two-reading-modes). It reads nothing
// itself: its owner pushes. Of the two modes only 'data' is there; read() and
// 'readable' are not. The names in the comments are those of Node's
// lib/internal/streams/readable.js.
#ifndef NET_READABLE_BASE_H_
#define NET_READABLE_BASE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "loop/event_loop.h"

namespace simloop::net {

// What waits for the program.
struct ReadableBuffer {
  std::vector<std::string> chunks;
  size_t bytes = 0;
  // Of Pipe(): how many sinks it has, and of those how many are full.
  uint16_t pipes = 0;
  uint16_t full_pipes = 0;
};

// Owner derives from it, and has:
//   loop::EventLoop& readable_loop() const;
//   bool EmitData(absl::string_view), int data_listeners();
//   void OnReadMore(): there is room, Push() may be called (Node's _read());
//   void EmitEnd(), EmitPause(), EmitResume();
//   ReadableBuffer* readable_buffer(), null if none was made; MakeBuffer();
//   Alive(): a pointer that keeps it alive until a tick that is due has run.
// A template, so that a stream costs no pointer to its owner and no virtual
// functions.
template <typename Owner>
class ReadableBase {
 public:
  // readableHighWaterMark: when so much is buffered, the owner is to stop.
  static constexpr size_t kHighWaterBytes = 16 * 1024;

  ReadableBase(const ReadableBase&) = delete;
  ReadableBase& operator=(const ReadableBase&) = delete;

 protected:
  ReadableBase() = default;
  ~ReadableBase() = default;

  // New data; answers whether the owner should go on reading.
  bool Push(absl::string_view chunk) {
    if (life_ != Life::kOpen || ended()) return false;
    // Before the first read() nothing is given out inside a push (state.sync).
    if (flowing() && (was_read_ || !resume_scheduled_) &&
        buffered_bytes() == 0 && owner().data_listeners() > 0) {
      owner().EmitData(chunk);
    } else {
      ReadableBuffer& buffer = owner().MakeBuffer();
      buffer.chunks.emplace_back(chunk);
      buffer.bytes += chunk.size();
      // emitReadable(): a stream that flows goes on in the next tick.
      if (flowing() && !resume_scheduled_) {
        owner().readable_loop().NextTick([self = Kept()] { self->Flow(); });
      }
    }
    return has_room();
  }

  // The end of the data: push(null). 'end' comes when the stream flows and
  // nothing is left. `seen`: somebody may tell when that is.
  void PushEnd(bool seen = true) {
    if (ended() || over()) return;
    end_ = End::kSeen;
    if (!was_read_ && seen) {
      // emitReadable(): before the first read() it waits for a tick.
      owner().readable_loop().NextTick([self = Kept()] {
        if (self->flowing()) self->Flow();
      });
    } else if (flowing() && !resume_scheduled_) {
      Flow();
    }
  }

  // read(0): 'end' comes, flowing or not, if nothing is left.
  void EndIfDrained() {
    if (end_ != End::kSeen || over() || has_buffered()) return;
    end_ = End::kDue;
    owner().readable_loop().NextTick([self = Kept()] { self->EndNow(); });
  }

  void PauseReadable() {
    if (mode_ == Mode::kPaused) return;
    mode_ = Mode::kPaused;
    owner().EmitPause();
  }

  void ResumeReadable() {
    if (mode_ == Mode::kFlowing) return;
    mode_ = Mode::kFlowing;
    if (resume_scheduled_) return;
    resume_scheduled_ = true;
    owner().readable_loop().NextTick([self = Kept()] { self->ResumeNow(); });
  }

  // on('data').
  void OnDataListener() {
    if (mode_ != Mode::kPaused) ResumeReadable();
  }

  // Nothing is pushed any more. As in Node a tick that is due still gives out
  // what waits, and 'end' comes unless it `failed`, until CloseReadable().
  void DestroyReadable(bool failed) {
    if (!over()) life_ = failed ? Life::kFailed : Life::kDestroyed;
  }

  // 'error' or 'close' (Node's closeEmitted): what is buffered is dropped, and
  // no event comes any more. As in Node its length is still told.
  void CloseReadable() {
    life_ = Life::kOver;
    ReadableBuffer* const buffer = owner().readable_buffer();
    if (buffer != nullptr) buffer->chunks = std::vector<std::string>();
  }

  // Something may be given out after DestroyReadable().
  bool has_more() const { return has_buffered() || end_ == End::kDue; }

  // As new, but for the mode: Node's _undestroy().
  void ResetReadable() {
    DropBuffer();
    end_ = End::kNone;
    life_ = Life::kOpen;
  }

  bool flowing() const { return mode_ == Mode::kFlowing; }
  std::optional<bool> mode() const {
    return mode_ == Mode::kUnset ? std::nullopt
                                 : std::optional<bool>(flowing());
  }
  bool readable_paused() const { return mode_ == Mode::kPaused; }
  bool ended() const { return end_ != End::kNone; }
  bool end_emitted() const { return end_ == End::kEmitted; }
  size_t buffered_bytes() const {
    const ReadableBuffer* const buffer = owner().readable_buffer();
    return buffer == nullptr ? 0 : buffer->bytes;
  }

 private:
  enum class Mode : uint8_t { kUnset, kFlowing, kPaused };
  enum class End : uint8_t { kNone, kSeen, kDue, kEmitted };
  enum class Life : uint8_t { kOpen, kDestroyed, kFailed, kOver };
  Owner& owner() { return static_cast<Owner&>(*this); }
  const Owner& owner() const { return static_cast<const Owner&>(*this); }
  // The stream, with what keeps its owner: in one pointer, so that a tick needs
  // no memory.
  std::shared_ptr<ReadableBase> Kept() { return {owner().Alive(), this}; }
  bool over() const { return life_ == Life::kOver; }
  bool has_room() const {
    return !ended() && life_ == Life::kOpen &&
           buffered_bytes() < kHighWaterBytes;
  }
  bool has_buffered() const {
    const ReadableBuffer* const buffer = owner().readable_buffer();
    return buffer != nullptr && !buffer->chunks.empty();
  }
  void DropBuffer() {
    ReadableBuffer* const buffer = owner().readable_buffer();
    if (buffer == nullptr) return;
    buffer->chunks = std::vector<std::string>();
    buffer->bytes = 0;
  }

  void ResumeNow() {
    resume_scheduled_ = false;
    was_read_ = true;
    if (has_room()) owner().OnReadMore();
    EndIfDrained();
    owner().EmitResume();
    Flow();
  }

  void Flow() {
    // One of the listeners may pause, and resume, and push more.
    while (flowing() && !over() && has_buffered()) {
      ReadableBuffer& buffer = *owner().readable_buffer();
      const std::string chunk = std::move(buffer.chunks.front());
      buffer.chunks.erase(buffer.chunks.begin());
      buffer.bytes -= chunk.size();
      if (has_room()) owner().OnReadMore();
      EndIfDrained();
      owner().EmitData(chunk);
    }
    EndIfDrained();
  }

  void EndNow() {
    if (life_ >= Life::kFailed || end_ != End::kDue) return;
    end_ = End::kEmitted;
    owner().EmitEnd();
  }

  Mode mode_ : 2 = Mode::kUnset;
  bool resume_scheduled_ : 1 = false;
  bool was_read_ : 1 = false;
  End end_ : 2 = End::kNone;
  Life life_ : 2 = Life::kOpen;
};

}  // namespace simloop::net

#endif  // NET_READABLE_BASE_H_
