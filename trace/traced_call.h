// What every traced call has in common. Private to trace/process_tracer*.cc.
#ifndef TRACE_TRACED_CALL_H_
#define TRACE_TRACED_CALL_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "loop/kernel.h"
#include "trace/record.h"

namespace simloop::trace {

// Of data that moves so many bytes are kept.
inline constexpr size_t kDataBytes = 256;

// A call that asked `fd` and was answered `result`.
template <typename T>
Call CallOf(Syscall call, loop::Fd fd, const loop::Result<T>& result) {
  Call record{call, fd};
  record.error = result.error();
  return record;
}

inline Call TransferOf(Syscall call, loop::Fd fd,
                       const loop::Result<size_t>& result, size_t asked_bytes,
                       int flags, const char* bytes) {
  Call record = CallOf(call, fd, result);
  record.args[0] = static_cast<int64_t>(asked_bytes);
  record.args[1] = flags;
  if (result.ok()) {
    record.result = static_cast<int64_t>(*result);
    record.data = {bytes, std::min(*result, kDataBytes)};
  }
  return record;
}

inline void SetNewDescriptor(Call& record, loop::Fd fd) {
  record.other = fd;
  record.result = fd.number;
}

inline int64_t NanosOf(absl::Duration time) {
  return absl::ToInt64Nanoseconds(absl::Ceil(time, absl::Nanoseconds(1)));
}

// The first kDataBytes of data in parts, and how many bytes it is in all.
class FirstBytes final {
 public:
  template <typename Part>
  explicit FirstBytes(absl::Span<const Part> parts) {
    for (const Part& part : parts) {
      const size_t more = std::min(part.size(), kDataBytes - kept_);
      if (more > 0) std::memcpy(bytes_ + kept_, part.data(), more);
      kept_ += more;
      all_ += part.size();
    }
  }
  const char* data() const { return bytes_; }
  size_t all() const { return all_; }

 private:
  char bytes_[kDataBytes];
  size_t kept_ = 0;
  size_t all_ = 0;
};

}  // namespace simloop::trace

#endif  // TRACE_TRACED_CALL_H_
