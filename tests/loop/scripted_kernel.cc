// The scripted kernel.
#include "tests/loop/scripted_kernel.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/loop/epoll_text.h"

namespace simloop::loop {

Fd ScriptedKernel::Open() {
  int number = 3;
  while (files_.count(number) != 0) ++number;
  files_[number] = File();
  return Fd{number};
}

void ScriptedKernel::SetReady(Fd fd, uint32_t events) {
  files_.at(fd.number).ready = events;
  Enqueue(fd.number);
}

std::vector<std::string> ScriptedKernel::TakeLog() {
  return std::exchange(log_, {});
}

Result<Fd> ScriptedKernel::Socket(Family family, int type, int protocol) {
  return Open();
}

Result<void> ScriptedKernel::Close(Fd fd) {
  if (files_.erase(fd.number) == 0) return Errno::kEBADF;
  ready_list_.erase(
      std::remove(ready_list_.begin(), ready_list_.end(), fd.number),
      ready_list_.end());
  return {};
}

uint32_t ScriptedKernel::Reportable(const File& file) {
  if (!file.registered) return 0;
  return file.ready & (file.event.events | kEpollErr | kEpollHup);
}

void ScriptedKernel::Enqueue(int number) {
  if (Reportable(files_.at(number)) == 0) return;
  if (std::find(ready_list_.begin(), ready_list_.end(), number) !=
      ready_list_.end()) {
    return;
  }
  ready_list_.push_back(number);
}

Result<void> ScriptedKernel::EpollCtl(Fd epoll, int op, Fd fd,
                                      const EpollEvent& event) {
  std::string line = absl::StrCat(EpollOpText(op), " ", fd.number);
  if (op != kEpollCtlDel)
    absl::StrAppend(&line, " ", EpollBitsText(event.events));
  const auto file = files_.find(fd.number);
  Errno error = Errno::kOk;
  if (file == files_.end()) {
    error = Errno::kEBADF;
  } else if (op == kEpollCtlAdd && file->second.registered) {
    error = Errno::kEEXIST;
  } else if (op != kEpollCtlAdd && !file->second.registered) {
    error = Errno::kENOENT;
  }
  if (error != Errno::kOk) {
    log_.push_back(absl::StrCat(line, " = ", ErrnoName(error)));
    return error;
  }
  log_.push_back(line);
  file->second.registered = op != kEpollCtlDel;
  file->second.event = event;
  Enqueue(fd.number);
  return {};
}

Result<size_t> ScriptedKernel::EpollWait(Fd epoll,
                                         absl::Span<EpollEvent> events,
                                         absl::Duration timeout) {
  timeout_ = timeout;
  ++waits_;
  if (wait_error_ != Errno::kOk) return std::exchange(wait_error_, Errno::kOk);
  std::string line = "WAIT";
  size_t count = 0;
  std::vector<int> later, reported;
  for (const int number : ready_list_) {
    const File& file = files_.at(number);
    const uint32_t bits = Reportable(file);
    if (bits == 0) continue;
    if (count == events.size()) {
      later.push_back(number);
      continue;
    }
    events[count++] = {bits, file.event.data};
    reported.push_back(number);
    absl::StrAppend(&line, " ", number, ":", EpollBitsText(bits));
  }
  // Level-triggered: what was reported goes to the end of the list.
  ready_list_ = std::move(later);
  ready_list_.insert(ready_list_.end(), reported.begin(), reported.end());
  if (count > 0) log_.push_back(line);
  return count;
}

}  // namespace simloop::loop
