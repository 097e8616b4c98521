// Keeps records and their text in blocks that never move.
#include "trace/trace.h"

#include <cstring>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "loop/check.h"

namespace simloop::trace {

void Trace::Take(const Record& record) {
  SIMLOOP_CHECK(record.id == size_ + 1, "records come in order");
  hash_ = HashRecord(hash_, record);
  if (size_ % kBlockRecords == 0) {
    records_.push_back(std::make_unique<Record[]>(kBlockRecords));
  }
  Record& kept = records_.back()[size_++ % kBlockRecords];
  kept = record;
  if (auto* choice = std::get_if<Choice>(&kept.body)) {
    choice->name = Keep(choice->name);
  } else if (auto* call = std::get_if<Call>(&kept.body)) {
    call->data = Keep(call->data);
  } else if (auto* packet = std::get_if<Packet>(&kept.body)) {
    packet->reason = Keep(packet->reason);
    packet->wire.link_a = Keep(packet->wire.link_a);
    packet->wire.link_b = Keep(packet->wire.link_b);
    packet->wire.payload = Keep(packet->wire.payload);
  } else if (auto* note = std::get_if<Note>(&kept.body)) {
    note->actor = Keep(note->actor);
    note->event = Keep(note->event);
    note->detail = Keep(note->detail);
  }
}

void Trace::SetProcesses(std::vector<ProcessInfo> processes) {
  processes_ = std::move(processes);
}

const Record& Trace::Get(RecordId id) const {
  SIMLOOP_CHECK(1 <= id && id <= size_, "no such record");
  return records_[(id - 1) / kBlockRecords][(id - 1) % kBlockRecords];
}

void Trace::CopyTo(Sink& sink) const {
  for (RecordId id = 1; id <= size_; ++id) sink.Take(Get(id));
}

absl::string_view Trace::Keep(absl::string_view text) {
  if (text.empty()) return {};
  if (text.size() > kBlockBytes) {  // a block of its own
    text_.push_back(std::make_unique<char[]>(text.size()));
    std::memcpy(text_.back().get(), text.data(), text.size());
    text_left_ = 0;
    return {text_.back().get(), text.size()};
  }
  if (text.size() > text_left_) {
    text_.push_back(std::make_unique<char[]>(kBlockBytes));
    text_next_ = text_.back().get();
    text_left_ = kBlockBytes;
  }
  std::memcpy(text_next_, text.data(), text.size());
  const absl::string_view kept(text_next_, text.size());
  text_next_ += text.size();
  text_left_ -= text.size();
  return kept;
}

std::string ProcessName(const Trace& trace, ProcessId process) {
  if (process == kNoProcess) return "network";
  if (process >= trace.processes().size()) {
    return absl::StrCat("process ", process);
  }
  return trace.processes()[process].host;
}

std::string OwnerName(const Trace& trace, ProcessId process,
                      loop::Owner owner) {
  if (owner == 0) return "";
  if (process >= trace.processes().size() ||
      owner >= trace.processes()[process].owners.size()) {
    return absl::StrCat("owner ", owner);
  }
  return trace.processes()[process].owners[owner];
}

}  // namespace simloop::trace
