// Prints the calls of a trace in full.
#include "trace/strace_view.h"

#include <variant>
#include <vector>

#include "absl/strings/str_format.h"
#include "trace/call_text.h"
#include "trace/descriptor_names.h"
#include "trace/record_text.h"

namespace simloop::trace {
namespace {

// The events of the epoll_wait or poll of record `id`: the records that follow
// it.
std::vector<Readiness> ReportedBy(const Trace& trace, RecordId id) {
  std::vector<Readiness> reported;
  while (++id <= trace.size()) {
    const auto* ready = std::get_if<Readiness>(&trace.Get(id).body);
    if (ready == nullptr) break;
    reported.push_back(*ready);
  }
  return reported;
}

}  // namespace

std::string StraceView(const Trace& trace) {
  std::string text;
  DescriptorNames names;
  for (RecordId id = 1; id <= trace.size(); ++id) {
    const Record& record = trace.Get(id);
    names.Observe(record);
    const auto* call = std::get_if<Call>(&record.body);
    if (call == nullptr) continue;
    std::vector<Readiness> reported;
    if (call->call == Syscall::kEpollWait || call->call == Syscall::kPoll)
      reported = ReportedBy(trace, id);
    absl::StrAppendFormat(
        &text, "%14s %-8s %s\n", TimeText(record.time),
        ProcessName(trace, record.process),
        CallText(
            *call, [&](loop::Fd fd) { return names.Name(record.process, fd); },
            reported));
  }
  return text;
}

}  // namespace simloop::trace
