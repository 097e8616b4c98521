// Trace: the record of a run, kept. A sink that copies each record and the
// text it points to; trace/trace_file.h writes it and reads it back, and every
// view is a function of it.
#ifndef TRACE_TRACE_H_
#define TRACE_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "trace/record_hash.h"
#include "trace/recorder.h"

namespace simloop::trace {

class Trace final : public Sink {
 public:
  Trace() = default;
  Trace(Trace&&) = default;
  Trace& operator=(Trace&&) = default;

  // Keeps the bytes of packets too. Before the run.
  void KeepPayloads() { keeps_payloads_ = true; }
  bool WantsPayloads() const override { return keeps_payloads_; }

  // REQUIRES: record.id is one more than that of the record before.
  void Take(const Record& record) override;

  // Recorder::processes(), once the run is over. Without it the views call
  // processes by number.
  void SetProcesses(std::vector<ProcessInfo> processes);
  const std::vector<ProcessInfo>& processes() const { return processes_; }

  size_t size() const { return size_; }
  // REQUIRES: 1 <= id <= size(). Valid as long as the trace.
  const Record& Get(RecordId id) const;
  // Recorder::hash() after the last record.
  uint64_t hash() const { return hash_; }
  // Hands every record to `sink`, in order.
  void CopyTo(Sink& sink) const;

 private:
  // Records and text stay where they are when more come: both grow by blocks.
  static constexpr size_t kBlockRecords = 256;
  static constexpr size_t kBlockBytes = 1 << 16;

  absl::string_view Keep(absl::string_view text);

  std::vector<std::unique_ptr<Record[]>> records_;
  size_t size_ = 0;
  std::vector<std::unique_ptr<char[]>> text_;
  size_t text_left_ = 0;  // free bytes of the last block
  char* text_next_ = nullptr;
  std::vector<ProcessInfo> processes_;
  uint64_t hash_ = kEmptyHash;
  bool keeps_payloads_ = false;
};

// "server", or "process 3" where the table does not know it; "network" for
// kNoProcess.
std::string ProcessName(const Trace& trace, ProcessId process);
// "client", or "" for the process itself.
std::string OwnerName(const Trace& trace, ProcessId process, loop::Owner owner);

}  // namespace simloop::trace

#endif  // TRACE_TRACE_H_
