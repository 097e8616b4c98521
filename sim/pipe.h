// Pipe: one end of a pipe (pipe(7)): a ring of pages, as fs/pipe.c of Linux
// keeps it. A write fills up the last page if all of it fits, and then takes
// pages of its own; a page is free again when all of it is read.
#ifndef SIM_PIPE_H_
#define SIM_PIPE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "sim/file.h"

namespace simloop::sim {

class PipeRing;

class Pipe final : public File {
 public:
  enum class End : uint8_t { kRead, kWrite };
  // F_SETPIPE_SZ without privileges (fs.pipe-max-size).
  static constexpr int kMostBytes = 1 << 20;

  // The two ends of a new one, read end first. `packets` is O_DIRECT: a write
  // is read by a read of its own.
  static std::pair<std::unique_ptr<Pipe>, std::unique_ptr<Pipe>> Make(
      bool packets);
  Pipe(std::shared_ptr<PipeRing> ring, End end);

  // F_SETFL with or without O_DIRECT.
  void SetPackets(bool on) { packets_ = on; }
  // F_GETPIPE_SZ.
  int size() const;
  // F_SETPIPE_SZ; answers the new size, a power of two. EINVAL, EPERM (more
  // than kMostBytes), EBUSY (it holds more).
  loop::Result<int> Resize(int bytes);

  uint32_t Readiness() override;
  WaitQueue& waiters() override { return waiters_; }
  loop::Result<size_t> Read(absl::Span<char> buffer) override;
  // Up to PIPE_BUF bytes all or none, EAGAIN. EPIPE.
  loop::Result<size_t> Write(absl::Span<const char> data) override;
  // FIONREAD.
  loop::Result<void> Ioctl(uint32_t request, int* value) override;
  void Release() override;
  int access() const override {
    return end_ == End::kRead ? loop::kORdonly : loop::kOWronly;
  }
  bool raises_sigpipe() const override { return true; }
  Pipe* AsPipe() override { return this; }

 private:
  const std::shared_ptr<PipeRing> ring_;
  const End end_;
  bool packets_ = false;
  WaitQueue waiters_;
};

}  // namespace simloop::sim

#endif  // SIM_PIPE_H_
