// RegularFile: an open file of the host's directory: always ready, refused by
// epoll (EPERM), and a directory, which is read by nobody (EISDIR). It has a
// position of its own; its bytes are its inode's.
#ifndef SIM_REGULAR_FILE_H_
#define SIM_REGULAR_FILE_H_

#include <cstddef>
#include <memory>
#include <utility>

#include "sim/directory.h"
#include "sim/file.h"

namespace simloop::sim {

class RegularFile final : public File {
 public:
  // `access` is O_RDONLY, O_WRONLY or O_RDWR; with `append` writes go to the
  // end (O_APPEND of open(2)).
  RegularFile(std::shared_ptr<Inode> inode, int access, bool append)
      : inode_(std::move(inode)), access_(access), append_(append) {}

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
  const std::shared_ptr<Inode> inode_;
  const int access_;
  const bool append_;
  size_t position_ = 0;
  WaitQueue waiters_;
};

}  // namespace simloop::sim

#endif  // SIM_REGULAR_FILE_H_
