// Cells of UTF-8.
#include "trace/ladder_row.h"

#include <algorithm>

namespace simloop::trace {
namespace {

bool Continues(char byte) { return (byte & 0xc0) == 0x80; }

// Each cell's text.
std::vector<std::string> CellsOf(absl::string_view text) {
  std::vector<std::string> cells;
  for (char byte : text) {
    if (Continues(byte) && !cells.empty()) {
      cells.back() += byte;
    } else {
      const bool control = static_cast<unsigned char>(byte) < ' ';
      cells.emplace_back(1, control || byte == 0x7f ? '?' : byte);
    }
  }
  return cells;
}

// Where a call or a watcher's line may be broken, besides at spaces.
bool BreaksAfter(const std::string& cell) {
  return cell == "," || cell == "(" || cell == ".";
}

std::string Join(const std::vector<std::string>& cells, size_t from,
                 size_t to) {
  std::string text;
  for (size_t i = from; i < to; ++i) text += cells[i];
  return text;
}

}  // namespace

size_t CellCount(absl::string_view text) { return CellsOf(text).size(); }

std::string CutText(absl::string_view text, size_t cells) {
  const std::vector<std::string> all = CellsOf(text);
  if (all.size() <= cells) return Join(all, 0, all.size());
  return cells == 0 ? "" : Join(all, 0, cells - 1) + "…";
}

std::vector<std::string> WrapText(absl::string_view text, size_t cells,
                                  size_t indent, size_t most_lines) {
  const std::vector<std::string> all = CellsOf(text);
  std::vector<std::string> lines;
  size_t from = 0;
  while (from < all.size() || lines.empty()) {
    const size_t margin = lines.empty() ? 0 : indent;
    const size_t room = cells > margin + 1 ? cells - margin : 1;
    const bool last = lines.size() + 1 == most_lines;
    size_t to = std::min(from + room, all.size());
    size_t next = to;
    if (to < all.size() && !last) {
      for (size_t i = to; i > from + room / 2; --i) {
        if (all[i] == " ") {  // goes to neither line
          to = i;
          next = i + 1;
          break;
        }
        if (BreaksAfter(all[i - 1])) {
          to = next = i;
          break;
        }
      }
    }
    std::string line = Join(all, from, to);
    if (last && to < all.size()) {
      line = Join(all, from, to - 1) + "…";
      next = all.size();
    }
    lines.push_back(std::string(margin, ' ') + line);
    from = next;
  }
  return lines;
}

void LadderRow::Put(size_t at, absl::string_view text) {
  for (std::string& cell : CellsOf(text)) {
    if (at >= cells_.size()) return;
    cells_[at++] = std::move(cell);
  }
}

void LadderRow::Fill(size_t from, size_t to, absl::string_view cell) {
  for (size_t i = from; i < std::min(to, cells_.size()); ++i) {
    cells_[i] = std::string(cell.data(), cell.size());
  }
}

std::string LadderRow::ToString() const {
  std::string text = Join(cells_, 0, cells_.size());
  text.resize(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace simloop::trace
