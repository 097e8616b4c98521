#include "sim/rate_queue.h"

namespace simloop::sim {

void RateQueue::Change(const LinkOptions& options) {
  rate_ = options.rate;
  carry_ = 0;
  last_bytes_ = 0;
  const bool bounded = options.queue_bytes > 0 || options.queue_packets > 0;
  if (bounded && bound_ == nullptr) bound_ = std::make_unique<Bound>();
  if (bound_ == nullptr) return;
  bound_->most_bytes = options.queue_bytes;
  bound_->most_packets = options.queue_packets;
}

void RateQueue::Clear() {
  if (bound_ != nullptr) {
    bound_->waiting.clear();
    bound_->waiting_bytes = 0;
  }
  busy_until_ = 0;
  carry_ = 0;
}

bool RateQueue::Wait(Bound& bound, int64_t start, uint32_t bytes) {
  if (bound.most_bytes == 0 && bound.most_packets == 0) return true;
  const auto packets = static_cast<int64_t>(bound.waiting.size());
  if ((bound.most_bytes > 0 &&
       bound.waiting_bytes + bytes > bound.most_bytes) ||
      (bound.most_packets > 0 && packets + 1 > bound.most_packets)) {
    return false;
  }
  bound.waiting.push_back({start, bytes});
  bound.waiting_bytes += bytes;
  return true;
}

int64_t RateQueue::Admit(int64_t at, uint32_t bytes) {
  if (rate_ == 0) return at;
  if (bound_ != nullptr) {
    std::deque<Waiting>& waiting = bound_->waiting;
    while (!waiting.empty() && waiting.front().start <= at) {
      bound_->waiting_bytes -= waiting.front().bytes;
      waiting.pop_front();
    }
  }
  int64_t start = busy_until_;
  if (busy_until_ <= at) {
    start = at;
    if (busy_until_ < at) carry_ = 0;
  } else if (bound_ != nullptr && !Wait(*bound_, start, bytes)) {
    return kDropped;
  }
  if (bytes != last_bytes_) {
    const int64_t work = int64_t{bytes} * 8 * 1'000'000'000;
    last_bytes_ = bytes;
    last_nanos_ = work / rate_;
    last_carry_ = work % rate_;
  }
  busy_until_ = start + last_nanos_;
  carry_ += last_carry_;
  if (carry_ >= rate_) {
    carry_ -= rate_;
    ++busy_until_;
  }
  return busy_until_;
}

}  // namespace simloop::sim
