// DescriptorTable: the descriptors of one process: small numbers, the lowest
// free one first (open(2)), 0 to 2 taken from the start.
#ifndef SIM_DESCRIPTOR_TABLE_H_
#define SIM_DESCRIPTOR_TABLE_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "loop/fd.h"
#include "loop/result.h"
#include "sim/file.h"

namespace simloop::sim {

class DescriptorTable final {
 public:
  // Numbers below `limit` only (RLIMIT_NOFILE of getrlimit(2)).
  explicit DescriptorTable(int limit);
  ~DescriptorTable() { CloseAll(); }

  // Null if `fd` is not open.
  File* Find(loop::Fd fd) const {
    const auto index = static_cast<size_t>(fd.number);
    return index < files_.size() ? files_[index] : nullptr;
  }
  // Whether `count` more descriptors can be made: EMFILE otherwise.
  bool HasRoom(int count = 1) const;
  // The lowest free number from `least` on. EMFILE: the file loses this
  // reference.
  loop::Result<loop::Fd> Add(FileRef file, bool cloexec = false, int least = 0);
  // dup2(2): `onto` is closed first. EBADF: out of range.
  loop::Result<loop::Fd> Put(FileRef file, loop::Fd onto);
  // EBADF.
  loop::Result<void> Close(loop::Fd fd);
  // What the end of a process does, lowest first.
  void CloseAll();
  // FD_CLOEXEC. REQUIRES: open.
  bool cloexec(loop::Fd fd) const { return cloexec_[fd.number]; }
  void SetCloexec(loop::Fd fd, bool on) { cloexec_[fd.number] = on; }
  // How many are open, the first three not counted.
  size_t open() const { return open_; }
  int limit() const { return limit_; }
  // Leaves room for just `free` more.
  void LimitFree(int free);

 private:
  static constexpr int kFirst = 3;
  int LowestFree(int least) const;

  int limit_;
  std::vector<File*> files_;   // by number; null: free
  std::vector<bool> cloexec_;  // by number
  int lowest_ = kFirst;        // no lower one is free
  size_t open_ = 0;
};

}  // namespace simloop::sim

#endif  // SIM_DESCRIPTOR_TABLE_H_
