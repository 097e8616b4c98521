// DescriptorStates: what a sanitizer remembers of each open descriptor of each
// process; forgotten with its close(2).
#ifndef EXPLORE_DESCRIPTOR_STATES_H_
#define EXPLORE_DESCRIPTOR_STATES_H_

#include <cstddef>
#include <vector>

#include "loop/abi.h"
#include "loop/fd.h"
#include "trace/record.h"

namespace simloop::explore {

template <typename State>
class DescriptorStates final {
 public:
  State& Of(trace::ProcessId process, loop::Fd fd) {
    if (processes_.size() <= process) processes_.resize(size_t{process} + 1);
    std::vector<State>& states = processes_[process];
    const auto number = static_cast<size_t>(fd.number < 0 ? 0 : fd.number);
    if (states.size() <= number) states.resize(number + 1);
    return states[number];
  }
  // visit(process, fd number, state).
  template <typename Visit>
  void ForEach(Visit visit) {
    for (size_t i = 0; i < processes_.size(); ++i) {
      for (size_t j = 0; j < processes_[i].size(); ++j) {
        visit(static_cast<trace::ProcessId>(i), j, processes_[i][j]);
      }
    }
  }
  void Clear(trace::ProcessId process) {
    if (process < processes_.size()) processes_[process].clear();
  }

 private:
  std::vector<std::vector<State>> processes_;
};

// The descriptor that a call has made; not valid if it made none. Of two the
// first.
inline loop::Fd MadeBy(const trace::Call& call) {
  using trace::Syscall;
  if (call.error != loop::Errno::kOk) return {};
  switch (call.call) {
    case Syscall::kSocket:
    case Syscall::kAccept4:
    case Syscall::kDup:
    case Syscall::kDup2:
    case Syscall::kEpollCreate1:
    case Syscall::kEventfd:
    case Syscall::kTimerfdCreate:
    case Syscall::kPipe2:
    case Syscall::kSocketpair:
      return call.other;
    default:
      return {};
  }
}

// The process says that it exits.
inline bool IsExit(const trace::Record& record) {
  const auto* note = std::get_if<trace::Note>(&record.body);
  return note != nullptr && note->actor == "process" && note->event == "exit";
}

inline bool Reads(trace::Syscall call) {
  return call == trace::Syscall::kRead || call == trace::Syscall::kReadv ||
         call == trace::Syscall::kRecv || call == trace::Syscall::kRecvfrom ||
         call == trace::Syscall::kRecvmsg || call == trace::Syscall::kAccept4;
}

inline bool Writes(trace::Syscall call) {
  return call == trace::Syscall::kWrite || call == trace::Syscall::kWritev ||
         call == trace::Syscall::kSend || call == trace::Syscall::kSendto ||
         call == trace::Syscall::kSendmsg;
}

}  // namespace simloop::explore

#endif  // EXPLORE_DESCRIPTOR_STATES_H_
