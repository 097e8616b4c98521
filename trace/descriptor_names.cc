// Letters for descriptors.
#include "trace/descriptor_names.h"

#include <algorithm>
#include <cstddef>
#include <variant>

#include "absl/strings/str_cat.h"

namespace simloop::trace {
namespace {

// 0 is A, 25 Z, 26 AA, 27 AB.
std::string Letters(int index) {
  std::string letters;
  for (int rest = index; rest >= 0; rest = rest / 26 - 1) {
    letters.insert(letters.begin(), static_cast<char>('A' + rest % 26));
  }
  return letters;
}

}  // namespace

void DescriptorNames::Observe(const Record& record) {
  const Call* call = std::get_if<Call>(&record.body);
  if (call == nullptr || call->error != loop::Errno::kOk) return;
  std::string name;
  switch (call->call) {
    case Syscall::kSocket:
    case Syscall::kAccept4:
      name = absl::StrCat("fd", Letters(sockets_++));
      break;
    case Syscall::kEpollCreate1:
      name = absl::StrCat("ep", ++epolls_);
      break;
    default:
      return;
  }
  // A trace read from a file may hold any number; a process no more than this.
  constexpr int kMostDescriptors = 1 << 20;
  const int number = call->other.number;
  if (number < 0 || number >= kMostDescriptors) return;
  if (record.process >= names_.size()) names_.resize(record.process + 1);
  std::vector<std::string>& names = names_[record.process];
  names.resize(std::max(names.size(), static_cast<size_t>(number) + 1));
  names[static_cast<size_t>(number)] = name;
}

std::string DescriptorNames::Name(ProcessId process, loop::Fd fd) const {
  const size_t number = static_cast<size_t>(fd.number);
  if (process < names_.size() && fd.valid() &&
      number < names_[process].size() && !names_[process][number].empty()) {
    return names_[process][number];
  }
  return absl::StrCat("fd", fd.number);
}

}  // namespace simloop::trace
