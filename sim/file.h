// File: an open file description (open(2)): what descriptors refer to. It
// lives until the last descriptor is closed and the last message that carries
// it (SCM_RIGHTS of unix(7)) is gone.
#ifndef SIM_FILE_H_
#define SIM_FILE_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/types/span.h"
#include "loop/abi.h"
#include "loop/result.h"
#include "sim/wait_queue.h"

namespace simloop::sim {

class Epoll;
class Pipe;
class Socket;
class Timerfd;

// How many files a host has open, and how many of them are sockets.
struct FileTally {
  int files = 0;
  int sockets = 0;
};

class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File();

  // The bits of poll(2) that hold now.
  virtual uint32_t Readiness() = 0;
  // Of this file alone: the epoll entries that watch it stand there, and leave
  // with it (epoll(7), Q6).
  virtual WaitQueue& waiters() = 0;
  // read(2), write(2), as with O_NONBLOCK: EAGAIN where they would wait.
  virtual loop::Result<size_t> Read(absl::Span<char> buffer) = 0;
  virtual loop::Result<size_t> Write(absl::Span<const char> data) = 0;
  // ioctl(2) of what this kind of file alone knows: ENOTTY otherwise.
  virtual loop::Result<void> Ioctl(uint32_t request, int* value) {
    return loop::Errno::kENOTTY;
  }
  // The last descriptor was closed. The file is destroyed next.
  virtual void Release() = 0;

  // O_RDONLY, O_WRONLY or O_RDWR: EBADF for what it does not allow.
  virtual int access() const { return loop::kORdwr; }
  // Whether epoll_ctl(2) takes it: EPERM otherwise.
  virtual bool pollable() const { return true; }
  // It has a read(2), a write(2) at all (FMODE_CAN_READ): EINVAL otherwise.
  virtual bool can_read() const { return true; }
  virtual bool can_write() const { return true; }
  // Takes all pieces of a writev(2) as one write.
  virtual bool gathers() const { return true; }
  // An EPIPE of its write raises SIGPIPE.
  virtual bool raises_sigpipe() const { return false; }

  // What it is, where a call wants one kind; null otherwise.
  virtual Socket* AsSocket() { return nullptr; }
  virtual Epoll* AsEpoll() { return nullptr; }
  virtual Pipe* AsPipe() { return nullptr; }
  virtual Timerfd* AsTimerfd() { return nullptr; }

  // O_NONBLOCK, shared by all descriptors (fcntl(2), F_SETFL).
  bool nonblocking() const { return nonblocking_; }
  void SetNonblocking(bool on) { nonblocking_ = on; }

  uint32_t references() const { return references_; }
  // Counts it in `tally`, which outlives it, for as long as it is there.
  void CountIn(FileTally& tally);

  void Ref() { ++references_; }
  // The last one releases and destroys it.
  void Unref();

 private:
  FileTally* tally_ = nullptr;
  uint32_t references_ = 0;
  bool counted_socket_ = false;
  bool nonblocking_ = false;
};

// One reference to a file.
class FileRef final {
 public:
  FileRef() = default;
  explicit FileRef(File* file) : file_(file) {
    if (file_ != nullptr) file_->Ref();
  }
  FileRef(const FileRef& other) : FileRef(other.file_) {}
  FileRef(FileRef&& other) noexcept
      : file_(std::exchange(other.file_, nullptr)) {}
  FileRef& operator=(FileRef other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~FileRef() {
    if (file_ != nullptr) file_->Unref();
  }

  File* get() const { return file_; }
  File* operator->() const { return file_; }
  File& operator*() const { return *file_; }
  explicit operator bool() const { return file_ != nullptr; }

 private:
  File* file_ = nullptr;
};

}  // namespace simloop::sim

#endif  // SIM_FILE_H_
