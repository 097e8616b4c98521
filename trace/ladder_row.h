// LadderRow: one line of a ladder, drawn cell by cell; and the wrapping of
// text into lines. A cell is a code point: no wide or combining characters.
#ifndef TRACE_LADDER_ROW_H_
#define TRACE_LADDER_ROW_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace simloop::trace {

// How many cells UTF-8 text takes.
size_t CellCount(absl::string_view text);
// `text`, or as much of it as leaves room for a final "…" in `cells`.
std::string CutText(absl::string_view text, size_t cells);
// Lines of at most `cells`, broken at a space or after ",", "(" or "." where
// the line is half full by then; all but the first begin with `indent` spaces.
// What does not fit into `most_lines` is cut with "…". Control characters
// become "?".
std::vector<std::string> WrapText(absl::string_view text, size_t cells,
                                  size_t indent, size_t most_lines);

class LadderRow final {
 public:
  explicit LadderRow(size_t width) : cells_(width, " ") {}

  // Writes from cell `at` on; what is over the row's end is lost.
  void Put(size_t at, absl::string_view text);
  // Fills the cells [from, to).
  void Fill(size_t from, size_t to, absl::string_view cell);

  // Without trailing spaces.
  std::string ToString() const;

 private:
  std::vector<std::string> cells_;
};

}  // namespace simloop::trace

#endif  // TRACE_LADDER_ROW_H_
