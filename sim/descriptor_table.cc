#include "sim/descriptor_table.h"

#include <utility>

#include "sim/epoll.h"

namespace simloop::sim {

DescriptorTable::DescriptorTable(int limit) : limit_(limit) {
  files_.resize(kFirst, nullptr);
}

void DescriptorTable::CloseAll() {
  for (size_t number = kFirst; number < files_.size(); ++number) {
    static_cast<void>(Close(loop::Fd{static_cast<int>(number)}));
  }
}

bool DescriptorTable::HasRoom() const {
  return static_cast<int>(open_) + kFirst < limit_;
}

loop::Result<loop::Fd> DescriptorTable::Add(std::unique_ptr<File> file) {
  if (!HasRoom()) {
    file->Release();
    return loop::Errno::kEMFILE;
  }
  int number = lowest_;
  while (number < static_cast<int>(files_.size()) &&
         files_[number] != nullptr) {
    ++number;
  }
  if (number == static_cast<int>(files_.size())) files_.push_back(nullptr);
  lowest_ = number + 1;
  ++open_;
  file->descriptors_ = 1;
  files_[number] = file.release();
  return loop::Fd{number};
}

loop::Result<void> DescriptorTable::Close(loop::Fd fd) {
  File* file = Find(fd);
  if (file == nullptr) return loop::Errno::kEBADF;
  files_[fd.number] = nullptr;
  if (fd.number < lowest_) lowest_ = fd.number;
  --open_;
  if (--file->descriptors_ > 0) return {};
  Epoll::Forget(*file);
  file->Release();
  delete file;
  return {};
}

}  // namespace simloop::sim
