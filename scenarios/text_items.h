// TextItems: the fields of a scenario file as pieces of its text, so that one
// can be taken out and the rest stays as it was written.
#ifndef SCENARIOS_TEXT_ITEMS_H_
#define SCENARIOS_TEXT_ITEMS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace simloop::scenarios {

// [begin, end) of the text: `name: value`, or `name { ... }`, with the comments
// right before it.
struct TextItem {
  size_t begin = 0;
  size_t end = 0;
  // What is between the braces; `inner_begin` is 0 if there are none.
  size_t inner_begin = 0;
  size_t inner_end = 0;
  std::string name;  // "step"
};

// Of the part [begin, end) of `text`, in order; what is in braces is part of
// its item. REQUIRES: the text is a scenario that was read without an error.
std::vector<TextItem> ItemsOf(absl::string_view text, size_t begin, size_t end);

// `text` without [begin, end), and without the empty lines that it leaves.
std::string WithoutPart(absl::string_view text, size_t begin, size_t end);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_TEXT_ITEMS_H_
