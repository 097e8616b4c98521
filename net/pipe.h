// Pipe: readable.pipe(writable), for all that has the events and calls of a
// Node stream: Socket, IncomingMessage, ServerResponse, ClientRequest
// (https://nodejs.org/api/stream.html#readablepipedestination-options).
// Modern only: v0.1.96 had sys.pump() and no pipe().
#ifndef NET_PIPE_H_
#define NET_PIPE_H_

#include <memory>
#include <utility>

#include "absl/strings/string_view.h"
#include "net/error.h"
#include "net/event.h"

namespace simloop::net {

// What one Pipe() has made: kept by the listeners it added, and by whoever
// wants to take it back.
template <typename Source, typename Sink>
class Piping final : public std::enable_shared_from_this<Piping<Source, Sink>> {
 public:
  // `source` and `sink` live on by themselves until their 'close'.
  Piping(const std::shared_ptr<Source>& source,
         const std::shared_ptr<Sink>& sink)
      : source_(source), sink_(sink) {}
  Piping(const Piping&) = delete;
  Piping& operator=(const Piping&) = delete;

  // readable.unpipe(sink): no more is passed on, and without another sink the
  // source is paused. Does nothing the second time.
  void Unpipe() {
    if (!joined_) return;
    joined_ = false;
    const auto self = this->shared_from_this();
    const auto source = source_.lock();
    if (source != nullptr && --source->pipes().pipes == 0) source->Pause();
    if (source != nullptr) {
      source->on.data.Remove(on_data_);
      source->on.end.Remove(on_end_);
    }
    const auto sink = sink_.lock();
    if (sink != nullptr) {
      sink->on.close.Remove(on_close_);
      sink->on.finish.Remove(on_finish_);
      sink->on.error.Remove(on_error_);
      if (on_drain_ != 0) sink->on.drain.Remove(on_drain_);
    }
    // Whoever was held up by this sink alone goes on.
    if (waiting_ && sink != nullptr && sink->writable_need_drain()) OnDrain();
  }
  // It passes on what comes.
  bool joined() const { return joined_; }

 private:
  template <typename From, typename To>
  friend std::shared_ptr<Piping<From, To>> Pipe(
      const std::shared_ptr<From>& source, const std::shared_ptr<To>& sink,
      bool end);

  void Join(bool end) {
    const auto self = this->shared_from_this();
    const auto source = source_.lock();
    const auto sink = sink_.lock();
    ++source->pipes().pipes;
    const auto at_end = [self, end] {
      const auto to = self->sink_.lock();
      if (end && to != nullptr) {
        to->End();
      } else {
        self->Unpipe();
      }
    };
    if (source->readable_ended()) {
      source->stack().loop().NextTick(at_end);
    } else {
      on_end_ = source->on.end.Once(at_end);
    }
    on_data_ = source->on.data(
        [self](absl::string_view chunk) { self->PassOn(chunk); });
    // Before all others, and as if it were none.
    on_error_ = sink->on.error.OnceBehind(0, [self](const Error& error) {
      self->Unpipe();
      const auto to = self->sink_.lock();
      if (to != nullptr && to->on.error.count() == 0) throw error;
    });
    on_close_ = sink->on.close.Once([self](const auto&...) { self->Unpipe(); });
    on_finish_ = sink->on.finish.Once([self] { self->Unpipe(); });
    if (sink->writable_need_drain()) {
      Wait();
    } else {
      source->Resume();
    }
  }

  void PassOn(absl::string_view chunk) {
    const auto sink = sink_.lock();
    if (sink != nullptr && !sink->Write(chunk) && joined_) Wait();
  }

  void Wait() {
    const auto source = source_.lock();
    const auto sink = sink_.lock();
    if (source == nullptr || sink == nullptr) return;
    if (!std::exchange(waiting_, true)) ++source->pipes().full_pipes;
    source->Pause();
    if (on_drain_ != 0) return;
    on_drain_ =
        sink->on.drain([self = this->shared_from_this()] { self->OnDrain(); });
  }

  void OnDrain() {
    const auto source = source_.lock();
    if (source == nullptr) return;
    if (std::exchange(waiting_, false)) --source->pipes().full_pipes;
    if (source->pipes().full_pipes == 0 && source->on.data.count() > 0) {
      source->Resume();
    }
  }

  const std::weak_ptr<Source> source_;
  const std::weak_ptr<Sink> sink_;
  ListenerId on_data_ = 0;
  ListenerId on_end_ = 0;
  ListenerId on_drain_ = 0;  // added when it is first waited for
  ListenerId on_close_ = 0;
  ListenerId on_finish_ = 0;
  ListenerId on_error_ = 0;
  bool joined_ = true;
  bool waiting_ = false;
};

// readable.pipe(): writes to `sink` what `source` reads, no faster than it is
// taken, and ends it when `source` ends (`end`: the option of that name).
// `sink` closing, finishing or failing undoes it. An error of either is for its
// own listeners, and does not end the other, as in Node.
template <typename Source, typename Sink>
std::shared_ptr<Piping<Source, Sink>> Pipe(
    const std::shared_ptr<Source>& source, const std::shared_ptr<Sink>& sink,
    bool end = true) {
  auto piping = std::make_shared<Piping<Source, Sink>>(source, sink);
  piping->Join(end);
  return piping;
}

}  // namespace simloop::net

#endif  // NET_PIPE_H_
