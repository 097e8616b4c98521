#include "sim/rate_queue.h"

namespace simloop::sim {

void RateQueue::Change(const LinkOptions& options) {
  rate_ = options.rate;
  most_bytes_ = options.queue_bytes;
  most_packets_ = options.queue_packets;
  // What waits already goes on to be counted.
  bounded_ = most_bytes_ > 0 || most_packets_ > 0 || !waiting_.empty();
  carry_ = 0;
  last_bytes_ = 0;
}

void RateQueue::Clear() {
  waiting_.clear();
  waiting_bytes_ = 0;
  busy_until_ = 0;
  carry_ = 0;
}

int64_t RateQueue::Admit(int64_t at, uint32_t bytes) {
  if (rate_ == 0) return at;
  while (bounded_ && !waiting_.empty() && waiting_.front().start <= at) {
    waiting_bytes_ -= waiting_.front().bytes;
    waiting_.pop_front();
  }
  int64_t start = busy_until_;
  if (busy_until_ <= at) {
    start = at;
    if (busy_until_ < at) carry_ = 0;
  } else if (bounded_ && (most_bytes_ > 0 || most_packets_ > 0)) {
    if ((most_bytes_ > 0 && waiting_bytes_ + bytes > most_bytes_) ||
        (most_packets_ > 0 &&
         static_cast<int64_t>(waiting_.size()) + 1 > most_packets_)) {
      return kDropped;
    }
    waiting_.push_back({start, bytes});
    waiting_bytes_ += bytes;
  }
  if (carry_ == 0 && bytes == last_bytes_) {
    busy_until_ = start + last_nanos_;
    carry_ = last_carry_;
    return busy_until_;
  }
  const bool whole = carry_ == 0;
  const int64_t work = int64_t{bytes} * 8 * 1'000'000'000 + carry_;
  const int64_t nanos = work / rate_;
  busy_until_ = start + nanos;
  carry_ = work % rate_;
  if (whole) {
    last_bytes_ = bytes;
    last_nanos_ = nanos;
    last_carry_ = carry_;
  }
  return busy_until_;
}

}  // namespace simloop::sim
