// Chooses and places columns.
#include "trace/ladder_columns.h"

#include <algorithm>
#include <map>
#include <variant>

#include "absl/strings/str_cat.h"

namespace simloop::trace {
namespace {

// For each program that is seen, whether it listens.
std::map<Program, bool> ProgramsOf(const Trace& trace) {
  std::map<Program, bool> programs;
  for (RecordId id = 1; id <= trace.size(); ++id) {
    const Record& record = trace.Get(id);
    if (record.process == kNoProcess) continue;
    const Program program{record.process, record.owner};
    const auto* call = std::get_if<Call>(&record.body);
    if (call != nullptr || std::get_if<Note>(&record.body) != nullptr ||
        std::get_if<Loop>(&record.body) != nullptr) {
      programs.try_emplace(program, false);
    }
    if (call != nullptr && call->call == Syscall::kListen) {
      programs[program] = true;
    }
  }
  // A process shows itself only where it has no program.
  std::erase_if(programs, [&programs](const auto& entry) {
    const Program& program = entry.first;
    if (program.owner != 0) return false;
    const auto next = programs.upper_bound(program);
    return next != programs.end() && next->first.process == program.process;
  });
  return programs;
}

LadderColumn ColumnOf(const Trace& trace, Program program) {
  LadderColumn column;
  column.program = program;
  const std::string host = ProcessName(trace, program.process);
  const std::string owner = OwnerName(trace, program.process, program.owner);
  column.title = owner.empty() ? host : owner;
  if (column.title != host) column.subtitle = host;
  if (program.process < trace.processes().size()) {
    absl::StrAppend(&column.subtitle, column.subtitle.empty() ? "" : " ",
                    trace.processes()[program.process].address.ip.ToString());
  }
  return column;
}

}  // namespace

LadderColumns::LadderColumns(const Trace& trace, size_t left, size_t width) {
  const std::map<Program, bool> programs = ProgramsOf(trace);
  for (const bool listens : {false, true}) {
    for (const auto& [program, listening] : programs) {
      if (listening == listens) columns_.push_back(ColumnOf(trace, program));
    }
  }
  if (columns_.empty()) return;
  constexpr size_t kLeast = 24;  // most calls in two lines
  const size_t room = width > left ? width - left : 0;
  const size_t each = std::max(kLeast, room / columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    columns_[i].line = left + i * each;
    columns_[i].end = left + (i + 1) * each;
  }
}

int LadderColumns::Find(Program program) const {
  int of_process = -1;
  int count = 0;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].program == program) return static_cast<int>(i);
    if (columns_[i].program.process == program.process) {
      of_process = static_cast<int>(i);
      ++count;
    }
  }
  return count == 1 ? of_process : -1;
}

int LadderColumns::FindAny(Program program) const {
  const int own = Find(program);
  if (own >= 0) return own;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].program.process == program.process) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

}  // namespace simloop::trace
