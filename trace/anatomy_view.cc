// Prints what the anatomy shows, line by line.
#include "trace/anatomy_view.h"

#include <algorithm>
#include <cstddef>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "trace/call_text.h"
#include "trace/descriptor_names.h"
#include "trace/events_view.h"
#include "trace/loop_text.h"

namespace simloop::trace {
namespace {

bool Shows(loop::LoopEvent::Kind kind) {
  using Kind = loop::LoopEvent::Kind;
  switch (kind) {
    case Kind::kTimerFire:
    case Kind::kTickFire:
    case Kind::kReturn:
    case Kind::kExit:
      return false;
    default:
      return true;
  }
}

bool IsEpoll(Syscall call) {
  return call == Syscall::kEpollCreate1 || call == Syscall::kEpollCtl ||
         call == Syscall::kEpollWait;
}

class Anatomy final {
 public:
  explicit Anatomy(const Trace& trace) : trace_(trace) {
    for (const ProcessInfo& process : trace.processes()) {
      host_width_ = std::max(host_width_, process.host.size());
    }
  }

  std::string Print() {
    for (RecordId id = 1; id <= trace_.size(); ++id) {
      const Record& record = trace_.Get(id);
      names_.Observe(record);
      if (const auto* note = std::get_if<Note>(&record.body)) {
        Line(record.process, EventLine(++notes_, *note));
      } else if (const auto* call = std::get_if<Call>(&record.body)) {
        if (!IsEpoll(call->call)) PrintCall(record, *call);
      } else if (const auto* loop = std::get_if<Loop>(&record.body)) {
        if (Shows(loop->event.kind)) {
          Line(record.process,
               absl::StrCat("      | ", LoopText(loop->event, [&](loop::Fd fd) {
                              return names_.Name(record.process, fd);
                            })));
        }
      }
    }
    return text_;
  }

 private:
  // An option set for the bind that follows stands on the bind's line.
  void PrintCall(const Record& record, const Call& call) {
    std::string text = ShortCallText(
        call, [&](loop::Fd fd) { return names_.Name(record.process, fd); });
    if (IsForBind(record, call)) {
      text.resize(text.rfind(" -> "));
      for_bind_ = absl::StrCat(text, "; ");
      return;
    }
    Line(record.process, absl::StrCat("      | ", for_bind_, text));
    for_bind_.clear();
  }

  bool IsForBind(const Record& record, const Call& call) const {
    if (call.call != Syscall::kSetsockopt || call.error != loop::Errno::kOk ||
        record.id == trace_.size()) {
      return false;
    }
    const Record& next = trace_.Get(record.id + 1);
    const Call* bind = std::get_if<Call>(&next.body);
    return bind != nullptr && bind->call == Syscall::kBind &&
           next.process == record.process && bind->fd == call.fd;
  }

  void Line(ProcessId process, const std::string& line) {
    if (trace_.processes().size() > 1) {
      absl::StrAppendFormat(&text_, "%-*s ", static_cast<int>(host_width_),
                            ProcessName(trace_, process));
    }
    absl::StrAppend(&text_, line, "\n");
  }

  const Trace& trace_;
  DescriptorNames names_;
  size_t host_width_ = 0;
  int notes_ = 0;
  std::string for_bind_;
  std::string text_;
};

}  // namespace

std::string AnatomyView(const Trace& trace) { return Anatomy(trace).Print(); }

}  // namespace simloop::trace
