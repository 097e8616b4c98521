// DescriptorNames: a name for each open file of a trace, by which a reader can
// tell two that had the same number: fdA, fdB ... fdZ, fdAA, in order of
// creation; epoll descriptors are ep1, ep2 ..., eventfds ev1, timerfds tm1, the
// ends of pipes rd1 and wr1.
#ifndef TRACE_DESCRIPTOR_NAMES_H_
#define TRACE_DESCRIPTOR_NAMES_H_

#include <string>
#include <vector>

#include "trace/record.h"

namespace simloop::trace {

class DescriptorNames final {
 public:
  // Names what `record` made, if it is a call that made a descriptor. Give it
  // every record, in order, before its text is written.
  void Observe(const Record& record);

  // The name of the file that `fd` of `process` is now (or was last); "fd7"
  // for one that was never seen being made.
  std::string Name(ProcessId process, loop::Fd fd) const;

 private:
  void Give(ProcessId process, int64_t number, std::string name);

  int sockets_ = 0;
  int epolls_ = 0;
  int events_ = 0;
  int timers_ = 0;
  int pipes_ = 0;
  // By process, then by number; "" for unknown.
  std::vector<std::vector<std::string>> names_;
};

}  // namespace simloop::trace

#endif  // TRACE_DESCRIPTOR_NAMES_H_
