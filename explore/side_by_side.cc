// Two stories next to each other, and the causes of what went wrong.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "explore/explanation.h"
#include "trace/record_text.h"

namespace simloop::explore {
namespace {

constexpr size_t kTimeWidth = 13;  // "1234.000000ms"
// Beyond so many moments two runs have little in common.
constexpr size_t kMost = 400;

std::string Cell(const Moment* moment, size_t width) {
  std::string cell;
  if (moment != nullptr) {
    cell = absl::StrFormat("%*s %s", static_cast<int>(kTimeWidth),
                           trace::TimeText(moment->time), moment->text);
    if (cell.size() > width) cell = cell.substr(0, width - 3) + "...";
  }
  cell.resize(width, ' ');
  return cell;
}

// The longest common subsequence of the names (Hunt, McIlroy 1976), by the
// table of its lengths.
class Alignment final {
 public:
  Alignment(const std::vector<const Moment*>& a,
            const std::vector<const Moment*>& b)
      : a_(a), b_(b), lengths_((a.size() + 1) * (b.size() + 1)) {
    for (size_t i = a.size(); i-- > 0;) {
      for (size_t j = b.size(); j-- > 0;) {
        At(i, j) = Same(i, j) ? At(i + 1, j + 1) + 1
                              : std::max(At(i + 1, j), At(i, j + 1));
      }
    }
  }

  struct Row {
    const Moment* left;
    const Moment* right;
  };
  std::vector<Row> Rows() {
    std::vector<Row> rows;
    size_t i = 0;
    size_t j = 0;
    while (i < a_.size() || j < b_.size()) {
      if (i < a_.size() && j < b_.size() && Same(i, j)) {
        rows.push_back({a_[i++], b_[j++]});
      } else if (j == b_.size() ||
                 (i < a_.size() && At(i + 1, j) >= At(i, j + 1))) {
        rows.push_back({a_[i++], nullptr});
      } else {
        rows.push_back({nullptr, b_[j++]});
      }
    }
    return rows;
  }

 private:
  bool Same(size_t i, size_t j) const { return a_[i]->name == b_[j]->name; }
  uint32_t& At(size_t i, size_t j) { return lengths_[i * (b_.size() + 1) + j]; }

  const std::vector<const Moment*>& a_;
  const std::vector<const Moment*>& b_;
  std::vector<uint32_t> lengths_;
};

std::vector<const Moment*> From(const Story& story, size_t place) {
  std::vector<const Moment*> moments;
  for (size_t i = place; i < story.moments().size() && i < place + kMost; ++i) {
    moments.push_back(&story.moments()[i]);
  }
  return moments;
}

}  // namespace

std::string SideBySide(const Story& holds, const Story& fails, size_t width,
                       size_t lines) {
  // Two moments that both have, to see where it is.
  constexpr size_t kBefore = 2;
  const Parting parting = FindParting(holds, fails);
  const size_t before = std::min(kBefore, parting.holds);
  const std::vector<const Moment*> left = From(holds, parting.holds - before);
  const std::vector<const Moment*> right = From(fails, parting.fails - before);
  const size_t half = (width - 3) / 2;
  std::string header = "     it holds";
  header.resize(half, ' ');
  std::string text = absl::StrCat(header, " |      it fails\n");
  size_t count = 0;
  for (const Alignment::Row& row : Alignment(left, right).Rows()) {
    if (++count > lines) {
      absl::StrAppend(&text, "...\n");
      break;
    }
    std::string line =
        absl::StrCat(Cell(row.left, half), " | ", Cell(row.right, half));
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

std::string CausesText(const trace::Trace& trace, const Story& holds,
                       const Story& fails) {
  const Parting parting = FindParting(holds, fails);
  const Moment* effect = nullptr;
  for (size_t i = parting.fails; i < fails.moments().size(); ++i) {
    const Moment& moment = fails.moments()[i];
    if (moment.kind != Moment::Kind::kNote) continue;
    const size_t there = holds.Find(moment.name);
    if (there < holds.moments().size() &&
        holds.moments()[there].text == moment.text) {
      continue;
    }
    effect = &moment;
    break;
  }
  if (effect == nullptr) return "";
  std::map<trace::RecordId, const Moment*> by_record;
  for (const Moment& moment : fails.moments()) {
    by_record[moment.record] = &moment;
  }
  std::string text = absl::StrCat("`", effect->text.substr(2), "` at ",
                                  trace::TimeText(effect->time), "\n");
  constexpr int kMostCauses = 14;
  int told = 0;
  for (trace::RecordId id = trace.Get(effect->record).cause;
       id != 0 && told < kMostCauses; id = trace.Get(id).cause) {
    const auto moment = by_record.find(id);
    if (moment == by_record.end()) continue;
    absl::StrAppend(&text, "  because ", moment->second->text, " at ",
                    trace::TimeText(moment->second->time), "\n");
    ++told;
  }
  return text;
}

}  // namespace simloop::explore
