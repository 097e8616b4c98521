#include "sim/descriptor_table.h"

#include <algorithm>

#include "loop/table_growth.h"

namespace simloop::sim {

DescriptorTable::DescriptorTable(int limit) : limit_(limit) {
  files_.resize(kFirst);
  cloexec_.resize(kFirst);
}

void DescriptorTable::CloseAll() {
  for (size_t number = kFirst; number < files_.size(); ++number) {
    static_cast<void>(Close(loop::Fd{static_cast<int>(number)}));
  }
}

int DescriptorTable::LowestFree(int least) const {
  int number = std::max(least, lowest_);
  while (number < static_cast<int>(files_.size()) &&
         files_[number] != nullptr) {
    ++number;
  }
  return number;
}

bool DescriptorTable::HasRoom(int count) const {
  int number = lowest_;
  while (true) {
    number = LowestFree(number);
    if (number >= limit_) return false;
    if (--count == 0) return true;
    ++number;
  }
}

loop::Result<loop::Fd> DescriptorTable::Add(FileRef file, bool cloexec,
                                            int least) {
  const int number = LowestFree(least);
  if (number >= limit_) return loop::Errno::kEMFILE;
  if (number >= static_cast<int>(files_.size())) {
    loop::GrowTable(&files_, static_cast<size_t>(number) + 1);
    cloexec_.resize(number + 1);
  }
  if (least <= lowest_) lowest_ = number + 1;
  ++open_;
  file->Ref();
  files_[number] = file.get();
  cloexec_[number] = cloexec;
  return loop::Fd{number};
}

loop::Result<loop::Fd> DescriptorTable::Put(FileRef file, loop::Fd onto) {
  if (onto.number < 0 || onto.number >= limit_) return loop::Errno::kEBADF;
  if (onto.number < kFirst) return loop::Errno::kEBADF;
  static_cast<void>(Close(onto));
  return Add(std::move(file), /*cloexec=*/false, onto.number);
}

loop::Result<void> DescriptorTable::Close(loop::Fd fd) {
  File* file = Find(fd);
  if (file == nullptr) return loop::Errno::kEBADF;
  files_[fd.number] = nullptr;
  if (fd.number < lowest_) lowest_ = fd.number;
  --open_;
  file->Unref();
  return {};
}

void DescriptorTable::LimitFree(int free) {
  int number = kFirst - 1;
  while (free >= 0) {
    if (Find(loop::Fd{++number}) == nullptr) --free;
  }
  limit_ = number;
}

}  // namespace simloop::sim
