// Recorder: where everything that happens in one run is reported, in order.
// It numbers the records, knows the cause of what happens now, keeps the hash,
// and hands each record to a sink. Holders keep a Recorder* that is null when
// nothing is traced: off, a trace costs one branch.
#ifndef TRACE_RECORDER_H_
#define TRACE_RECORDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "loop/clock.h"
#include "trace/record.h"

namespace simloop::trace {

// Takes records as they happen. An interface so that a run can be kept
// (Trace), compared with another (Comparer) or only hashed (none).
class Sink {
 public:
  virtual ~Sink() = default;
  // `record` and what it points to are valid during the call.
  virtual void Take(const Record& record) = 0;
  // Whether packets are to come with their bytes (Wire::payload). Asked once,
  // by the recorder's constructor.
  virtual bool WantsPayloads() const { return false; }
};

// One process of the run and its programs.
struct ProcessInfo {
  std::string host;                 // "server"
  loop::Address address;            // its host's
  std::vector<std::string> owners;  // names by loop::Owner; [0] is ""
};

class Recorder final {
 public:
  // `clock` must outlive the recorder. `sink` is not owned and may be null.
  Recorder(const loop::Clock& clock, Sink* sink);

  ProcessId AddProcess(absl::string_view host, const loop::Address& address);
  // Names the next owner of a process, and answers its number, from 1.
  loop::Owner AddOwner(ProcessId process, absl::string_view name);
  const std::vector<ProcessInfo>& processes() const { return processes_; }

  // Reports that `body` happens now, caused by cause(). Answers its id.
  RecordId Add(ProcessId process, loop::Owner owner, const Body& body) {
    return Add(process, owner, body, cause_);
  }
  RecordId Add(ProcessId process, loop::Owner owner, const Body& body,
               RecordId cause);

  // While it is muted nothing is reported: what dies with a crashed host says
  // nothing. Not within a call.
  void SetMuted(bool muted) { muted_ = muted; }

  // The record in whose consequence things happen now. Set by whoever runs
  // something (a packet's arrival, a callback), and set back by it.
  RecordId cause() const { return cause_; }
  RecordId SetCause(RecordId cause);

  // A system call is made. Its record stands before those of the packets it
  // sends, though its answer is known last: its place is kept, it is the cause
  // of what is reported now, and that waits for LeaveCall(). Answers its id.
  // REQUIRES: no other call is under way.
  RecordId EnterCall();
  // The call's record, caused by `cause`.
  void LeaveCall(ProcessId process, loop::Owner owner, const Call& call,
                 RecordId cause);

  // Whether who reports a packet's sending is to add its bytes.
  bool keeps_payloads() const { return keeps_payloads_; }

  RecordId last() const { return last_; }
  // Of all records so far: equal runs have equal hashes, on every compiler,
  // optimisation level and machine.
  uint64_t hash() const { return hash_; }

 private:
  // What was reported during a call, with its own copy of the text.
  struct Waiting {
    Record record;
    std::string text;
  };

  void Hand(const Record& record);
  void Wait(const Record& record);

  const loop::Clock& clock_;
  Sink* sink_;
  const bool keeps_payloads_;
  std::vector<ProcessInfo> processes_;
  RecordId last_ = 0;
  RecordId cause_ = 0;
  RecordId call_ = 0;  // under way; 0: none
  RecordId cause_before_call_ = 0;
  std::vector<Waiting> waiting_;
  uint64_t hash_;
  bool muted_ = false;
};

// Sets a recorder's cause for a scope; does nothing for a null recorder.
class CauseScope final {
 public:
  CauseScope(Recorder* recorder, RecordId cause)
      : recorder_(recorder),
        before_(recorder == nullptr ? 0 : recorder->SetCause(cause)) {}
  ~CauseScope() {
    if (recorder_ != nullptr) recorder_->SetCause(before_);
  }
  CauseScope(const CauseScope&) = delete;
  CauseScope& operator=(const CauseScope&) = delete;

 private:
  Recorder* recorder_;
  RecordId before_;
};

}  // namespace simloop::trace

#endif  // TRACE_RECORDER_H_
