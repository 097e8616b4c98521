// Draws the ladder, record by record.
#include "trace/ladder_view.h"

#include <algorithm>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "trace/call_text.h"
#include "trace/descriptor_names.h"
#include "trace/endpoint_owners.h"
#include "trace/ladder_columns.h"
#include "trace/ladder_row.h"
#include "trace/loop_text.h"
#include "trace/packet_flights.h"
#include "trace/record_text.h"

namespace simloop::trace {
namespace {

using Kind = loop::LoopEvent::Kind;

// The widest time, and a margin.
size_t GutterOf(const Trace& trace) {
  size_t widest = 12;
  if (trace.size() > 0) {
    widest = std::max(widest, TimeText(trace.Get(trace.size()).time).size());
  }
  return widest + 2;
}

class Ladder final {
 public:
  Ladder(const Trace& trace, const LadderOptions& options)
      : trace_(trace),
        options_(options),
        gutter_(GutterOf(trace)),
        columns_(trace, gutter_, options.width),
        owners_(trace),
        flights_(trace) {
    row_cells_ = std::max(
        options.width, columns_.all().empty() ? 0 : columns_.all().back().end);
  }

  std::string Draw() {
    if (columns_.all().empty()) return "";
    DrawTitles();
    for (RecordId id = 1; id <= trace_.size(); ++id) {
      record_ = &trace_.Get(id);
      names_.Observe(*record_);
      std::visit([this](const auto& body) { DrawBody(body); }, record_->body);
    }
    return text_;
  }

 private:
  void DrawTitles();
  void DrawBody(const Choice& choice);
  void DrawBody(const Call& call);
  void DrawBody(const Packet& packet);
  void DrawBody(const Readiness&) {}  // shows by what fires
  void DrawBody(const Loop& loop);
  void DrawBody(const Note& note);

  // Draws an arrow, or its first or last part, between two columns.
  enum class Part { kWhole, kStart, kEnd };
  void DrawArrow(const LadderColumn& from, const LadderColumn& to, Part part,
                 bool lost, const std::string& label);
  void DrawLonePacket(const Packet& packet, int from, int to);
  // Writes in the column of the current record's program, within the callback
  // that runs.
  void Write(const std::string& text);
  void WriteIn(const LadderColumn& column, const std::string& text);
  // Dotted, over the columns of a process; of all for kNoProcess.
  void DrawDotted(ProcessId process, const std::string& text);

  LadderRow NewRow() const;
  void Append(LadderRow row);
  size_t& depth() { return depths_[record_->process]; }
  auto FdNames() const {
    return [this](loop::Fd fd) { return names_.Name(record_->process, fd); };
  }

  const Trace& trace_;
  const LadderOptions& options_;
  size_t gutter_;
  LadderColumns columns_;
  EndpointOwners owners_;
  PacketFlights flights_;
  size_t row_cells_ = 0;
  DescriptorNames names_;
  const Record* record_ = nullptr;      // the one being drawn
  std::map<ProcessId, size_t> depths_;  // of the callbacks that run
  std::optional<loop::Instant> shown_time_;
  int notes_ = 0;
  std::string text_;
};

void Ladder::DrawTitles() {
  LadderRow titles(row_cells_);
  LadderRow subtitles(row_cells_);
  for (const LadderColumn& column : columns_.all()) {
    const size_t room = column.end - column.line - 1;
    titles.Put(column.line, CutText(column.title, room));
    subtitles.Put(column.line, CutText(column.subtitle, room));
  }
  absl::StrAppend(&text_, titles.ToString(), "\n", subtitles.ToString(), "\n",
                  NewRow().ToString(), "\n");
}

LadderRow Ladder::NewRow() const {
  LadderRow row(row_cells_);
  for (const LadderColumn& column : columns_.all()) row.Put(column.line, "│");
  return row;
}

// Only the first line of an instant says its time.
void Ladder::Append(LadderRow row) {
  if (shown_time_ != record_->time) {
    shown_time_ = record_->time;
    const std::string time = TimeText(record_->time);
    row.Put(gutter_ - 2 - time.size(), time);
  }
  absl::StrAppend(&text_, row.ToString(), "\n");
}

void Ladder::WriteIn(const LadderColumn& column, const std::string& text) {
  const size_t left = column.line + 2;
  const size_t room = column.end - 1 - left;
  // However deep, some room is left for the text.
  const size_t indent = std::min(2 * depth(), room / 3);
  const size_t hanging = room < 30 ? 2 : 4;
  for (const std::string& line :
       WrapText(text, room - indent, hanging, options_.most_lines)) {
    LadderRow row = NewRow();
    row.Put(left + indent, line);
    Append(std::move(row));
  }
}

void Ladder::Write(const std::string& text) {
  const int column = columns_.Find({record_->process, record_->owner});
  if (column >= 0) {
    WriteIn(columns_.all()[static_cast<size_t>(column)], text);
  } else {
    DrawDotted(record_->process, text);
  }
}

void Ladder::DrawDotted(ProcessId process, const std::string& text) {
  LadderRow row = NewRow();
  size_t from = 0;
  size_t end = 0;  // of the first columns that stand side by side
  for (const LadderColumn& column : columns_.all()) {
    if (process != kNoProcess && column.program.process != process) continue;
    row.Fill(column.line + 1, column.end, "┈");
    if (end == 0) from = column.line + 3;
    if (end == 0 || end == column.line) end = column.end;
  }
  if (end != 0) {
    row.Put(from, absl::StrCat(" ", CutText(text, end - from - 3), " "));
  }
  Append(std::move(row));
}

void Ladder::DrawBody(const Choice& choice) {
  DrawDotted(kNoProcess, absl::StrFormat("choice %s: %u of %u", choice.name,
                                         choice.picked, choice.alternatives));
}

void Ladder::DrawBody(const Call& call) {
  if (call.call == Syscall::kEpollCreate1 || call.call == Syscall::kEpollCtl ||
      call.call == Syscall::kEpollWait) {
    return;
  }
  const auto fd_text = FdNames();
  Write(ShortCallText(call, fd_text));
}

void Ladder::DrawBody(const Note& note) {
  Write(absl::StrFormat("● %d %s %s%s%s", ++notes_, note.actor, note.event,
                        note.detail.empty() ? "" : " ", note.detail));
}

void Ladder::DrawBody(const Loop& loop) {
  const loop::LoopEvent& event = loop.event;
  switch (event.kind) {
    case Kind::kEnter:
      DrawDotted(record_->process, "enter ev_loop");
      return;
    case Kind::kTurn:
      absl::StrAppend(&text_, NewRow().ToString(), "\n");
      DrawDotted(record_->process,
                 absl::StrCat("loop iteration ", event.count));
      return;
    case Kind::kTicks:
      DrawDotted(record_->process,
                 absl::StrCat("tick: ", event.count, " callback(s)"));
      return;
    case Kind::kExit:
      DrawDotted(record_->process, "exit");
      return;
    case Kind::kReturn:
      if (depth() > 0) --depth();
      return;
    default:
      break;
  }
  const auto fd_text = FdNames();
  Write(LoopText(event, fd_text));
  switch (event.kind) {
    case Kind::kWatcherFire:
    case Kind::kTimerFire:
    case Kind::kTickFire:
    case Kind::kImmediateFire:
    case Kind::kPendingFire:
    case Kind::kCloseFire:
      ++depth();
      return;
    default:
      return;
  }
}

void Ladder::DrawBody(const Packet& packet) {
  const bool sent = packet.step == Packet::Step::kSent;
  const bool instant = flights_.IsInstant(packet.packet);
  if (sent && instant) return;  // its end draws it
  const auto column_of = [&](const loop::Address& address,
                             const loop::Address& peer) {
    const auto program = owners_.Find(record_->id, address, peer);
    return program.has_value() ? columns_.FindAny(*program) : -1;
  };
  const int from = column_of(packet.from, packet.to);
  const int to = column_of(packet.to, packet.from);
  if (from < 0 || to < 0 || from == to) {
    DrawLonePacket(packet, from, to);
    return;
  }
  std::string label = PacketText(packet);
  if (!packet.reason.empty()) {
    absl::StrAppend(&label, " (", std::string(packet.reason), ")");
  }
  DrawArrow(columns_.all()[static_cast<size_t>(from)],
            columns_.all()[static_cast<size_t>(to)],
            instant ? Part::kWhole
            : sent  ? Part::kStart
                    : Part::kEnd,
            packet.step == Packet::Step::kDropped, label);
}

void Ladder::DrawArrow(const LadderColumn& from, const LadderColumn& to,
                       Part part, bool lost, const std::string& label) {
  const bool right = from.line < to.line;
  // The cells between the two lines, and of them those that are drawn.
  const size_t first = std::min(from.line, to.line) + 1;
  const size_t end = std::max(from.line, to.line);
  const size_t third = part == Part::kWhole ? 0 : (end - first) / 3;
  const bool at_left = (part == Part::kStart) == right;
  const size_t begin_cell = at_left ? first : first + third;
  const size_t end_cell = at_left ? end - third : end;
  LadderRow row = NewRow();
  row.Fill(begin_cell, end_cell, "─");
  if (part != Part::kWhole) {  // it fades where it is on its way
    const size_t fade = std::min<size_t>(3, end_cell - begin_cell);
    if (at_left) row.Fill(end_cell - fade, end_cell, "┄");
    if (!at_left) row.Fill(begin_cell, begin_cell + fade, "┄");
  }
  if (part != Part::kStart) {
    row.Put(right ? end_cell - 1 : begin_cell,
            lost ? "✗" : (right ? "▶" : "◀"));
  }
  const size_t room = end_cell - begin_cell;
  const std::string text = CutText(label, room > 6 ? room - 6 : 0);
  const size_t cells = CellCount(text) + 2;
  row.Put(begin_cell + (room - std::min(room, cells)) / 2,
          absl::StrCat(" ", text, " "));
  Append(std::move(row));
}

// A packet that crosses no column: to oneself, or from or to a host that has
// no program.
void Ladder::DrawLonePacket(const Packet& packet, int from, int to) {
  const std::string what = PacketText(packet);
  const std::string reason =
      packet.reason.empty()
          ? ""
          : absl::StrCat(" (", std::string(packet.reason), ")");
  std::string text;
  int column = from;
  if (packet.step == Packet::Step::kDropped) {
    text = absl::StrCat("✗ ", what, " to ", packet.to.ToString());
    if (from < 0) column = to;
  } else if (flights_.IsInstant(packet.packet) && from == to) {
    text = absl::StrCat("↻ ", what, " to ", packet.to.ToString());
  } else if (packet.step == Packet::Step::kSent) {
    text = absl::StrCat("→ ", what, " to ", packet.to.ToString());
  } else {
    text = absl::StrCat("← ", what, " from ", packet.from.ToString());
    column = to;
  }
  if (column < 0) {
    DrawDotted(kNoProcess, absl::StrCat(text, reason));
  } else {
    WriteIn(columns_.all()[static_cast<size_t>(column)],
            absl::StrCat(text, reason));
  }
}

}  // namespace

std::string LadderView(const Trace& trace, const LadderOptions& options) {
  return Ladder(trace, options).Draw();
}

}  // namespace simloop::trace
