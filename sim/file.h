// File: an open file description (open(2)): what descriptors refer to. It
// lives until the last of them is closed.
#ifndef SIM_FILE_H_
#define SIM_FILE_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "loop/result.h"
#include "sim/wait_queue.h"

namespace simloop::sim {

class Epoll;
class EpollEntry;
class Socket;

class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  // The bits of poll(2) that hold now.
  virtual uint32_t Readiness() = 0;
  virtual WaitQueue& waiters() = 0;
  // read(2), write(2).
  virtual loop::Result<size_t> Read(absl::Span<char> buffer) = 0;
  virtual loop::Result<size_t> Write(absl::Span<const char> data) = 0;
  // The last descriptor was closed. The file is destroyed next.
  virtual void Release() = 0;

  // What it is, where a call wants one kind; null otherwise.
  virtual Socket* AsSocket() { return nullptr; }
  virtual Epoll* AsEpoll() { return nullptr; }

 private:
  friend class DescriptorTable;
  friend class Epoll;

  uint32_t descriptors_ = 0;
  // The epoll entries that watch it: they leave with it (epoll(7), Q6).
  EpollEntry* entries_ = nullptr;
};

}  // namespace simloop::sim

#endif  // SIM_FILE_H_
