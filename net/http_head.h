// Head: the bytes of a message's head as it is formed, and of a body that goes
// with it. Most fit into the object itself. Not for programs.
#ifndef NET_HTTP_HEAD_H_
#define NET_HTTP_HEAD_H_

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
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
  // In decimal.
  void AppendNumber(uint64_t number) {
    char digits[20];  // of 2^64
    char* const end = std::to_chars(digits, std::end(digits), number).ptr;
    AppendOne({digits, static_cast<size_t>(end - digits)});
  }
  void Clear() { size_ = 0; }
  // Valid until the next Append().
  absl::string_view view() const { return {data_, size_}; }

 private:
  void AppendOne(absl::string_view piece) {
    Copy(MakeRoom(piece.size()), piece.data(), piece.size());
  }
  template <size_t kSize>
  void AppendOne(const char (&literal)[kSize]) {
    std::memcpy(MakeRoom(kSize - 1), literal, kSize - 1);
  }
  // memcpy(3), which for a few bytes is mostly the call.
  static void Copy(char* to, const char* from, size_t size) {
    if (size > 16) {
      std::memcpy(to, from, size);
    } else if (size >= 8) {
      std::memcpy(to, from, 8);
      std::memcpy(to + size - 8, from + size - 8, 8);
    } else if (size >= 4) {
      std::memcpy(to, from, 4);
      std::memcpy(to + size - 4, from + size - 4, 4);
    } else {
      for (size_t i = 0; i < size; ++i) to[i] = from[i];
    }
  }
  // Where so many bytes are to be put.
  char* MakeRoom(size_t bytes) {
    if (bytes > capacity_ - size_) Grow(size_ + bytes);
    char* const room = data_ + size_;
    size_ += bytes;
    return room;
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
