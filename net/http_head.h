// Head: the bytes of a message's head as it is formed, and of a body that goes
// with it. Most fit into the object itself. Not for programs.
#ifndef NET_HTTP_HEAD_H_
#define NET_HTTP_HEAD_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>

#include "absl/strings/string_view.h"

namespace simloop::net::http {

class Head final {
 public:
  Head() = default;
  Head(const Head&) = delete;
  Head& operator=(const Head&) = delete;

  template <typename... Pieces>
  void Append(const Pieces&... pieces) {
    (AppendOne(pieces), ...);
  }
  void Clear() { size_ = 0; }
  // Valid until the next Append().
  absl::string_view view() const { return {data_, size_}; }

 private:
  void AppendOne(absl::string_view piece) {
    if (piece.size() > capacity_ - size_) Grow(size_ + piece.size());
    std::memcpy(data_ + size_, piece.data(), piece.size());
    size_ += piece.size();
  }
  void Grow(size_t needed) {
    const size_t capacity = std::max(needed, 2 * capacity_);
    std::unique_ptr<char[]> larger(new char[capacity]);
    std::memcpy(larger.get(), data_, size_);
    spilled_ = std::move(larger);
    data_ = spilled_.get();
    capacity_ = capacity;
  }

  static constexpr size_t kUsualBytes = 384;

  char* data_ = usual_;
  size_t size_ = 0;
  size_t capacity_ = kUsualBytes;
  std::unique_ptr<char[]> spilled_;
  char usual_[kUsualBytes];
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_HEAD_H_
