// RegularFile: a file of a disk as far as a network program can tell it from a
// socket: always ready, refused by epoll (EPERM). Its bytes are its own: no
// other file has them, whatever its path.
#ifndef SIM_REGULAR_FILE_H_
#define SIM_REGULAR_FILE_H_

#include <cstddef>
#include <string>

#include "sim/file.h"

namespace simloop::sim {

class RegularFile final : public File {
 public:
  // `access` is O_RDONLY, O_WRONLY or O_RDWR.
  explicit RegularFile(int access) : access_(access) {}

  // DEFAULT_POLLMASK of Linux.
  uint32_t Readiness() override {
    return loop::kEpollIn | loop::kEpollOut | loop::kEpollRdnorm |
           loop::kEpollWrnorm;
  }
  WaitQueue& waiters() override { return waiters_; }
  // From, and to, the one position that all descriptors share.
  loop::Result<size_t> Read(absl::Span<char> buffer) override;
  loop::Result<size_t> Write(absl::Span<const char> data) override;
  // FIONREAD.
  loop::Result<void> Ioctl(uint32_t request, int* value) override;
  void Release() override {}
  int access() const override { return access_; }
  bool pollable() const override { return false; }

 private:
  const int access_;
  std::string bytes_;
  size_t position_ = 0;
  WaitQueue waiters_;
};

}  // namespace simloop::sim

#endif  // SIM_REGULAR_FILE_H_
