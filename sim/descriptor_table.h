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
  // At most `limit` descriptors, the first three included (RLIMIT_NOFILE).
  explicit DescriptorTable(int limit);
  ~DescriptorTable() { CloseAll(); }

  // Null if `fd` is not open.
  File* Find(loop::Fd fd) const {
    const auto index = static_cast<size_t>(fd.number);
    return index < files_.size() ? files_[index] : nullptr;
  }
  // The next descriptor is free: EMFILE otherwise.
  bool HasRoom() const;
  // EMFILE: the file is then released.
  loop::Result<loop::Fd> Add(std::unique_ptr<File> file);
  // EBADF.
  loop::Result<void> Close(loop::Fd fd);
  // What the end of a process does, lowest first.
  void CloseAll();
  // How many are open, the first three not counted.
  size_t open() const { return open_; }

 private:
  static constexpr int kFirst = 3;

  const int limit_;
  std::vector<File*> files_;  // by number; null where free
  int lowest_ = kFirst;       // no lower one is free
  size_t open_ = 0;
};

}  // namespace simloop::sim

#endif  // SIM_DESCRIPTOR_TABLE_H_
