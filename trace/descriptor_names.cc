// Letters for descriptors.
#include "trace/descriptor_names.h"

#include <algorithm>
#include <cstddef>
#include <utility>
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
  switch (call->call) {
    case Syscall::kSocket:
    case Syscall::kAccept4:
    case Syscall::kDup:
    case Syscall::kDup2:
      Give(record.process, call->other.number,
           absl::StrCat("fd", Letters(sockets_++)));
      return;
    case Syscall::kSocketpair:
      for (const int64_t number : {int64_t{call->other.number}, call->result}) {
        Give(record.process, number, absl::StrCat("fd", Letters(sockets_++)));
      }
      return;
    case Syscall::kEpollCreate1:
      Give(record.process, call->other.number, absl::StrCat("ep", ++epolls_));
      return;
    case Syscall::kEventfd:
      Give(record.process, call->other.number, absl::StrCat("ev", ++events_));
      return;
    case Syscall::kTimerfdCreate:
      Give(record.process, call->other.number, absl::StrCat("tm", ++timers_));
      return;
    case Syscall::kPipe2:
      Give(record.process, call->other.number, absl::StrCat("rd", ++pipes_));
      Give(record.process, call->result, absl::StrCat("wr", pipes_));
      return;
    default:
      return;
  }
}

void DescriptorNames::Give(ProcessId process, int64_t number,
                           std::string name) {
  // A trace read from a file may hold any number; a process no more than this.
  constexpr int64_t kMostDescriptors = 1 << 20;
  if (number < 0 || number >= kMostDescriptors) return;
  if (process >= names_.size()) names_.resize(process + 1);
  std::vector<std::string>& names = names_[process];
  names.resize(std::max(names.size(), static_cast<size_t>(number) + 1));
  names[static_cast<size_t>(number)] = std::move(name);
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
