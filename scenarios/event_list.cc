#include "scenarios/event_list.h"

#include <variant>

#include "absl/strings/str_cat.h"

namespace simloop::scenarios {

void EventList::Take(const trace::Record& record) {
  const auto* note = std::get_if<trace::Note>(&record.body);
  if (note == nullptr) return;
  events_.push_back({record.time, std::string(note->actor),
                     OneBlank(absl::StrCat(note->actor, " ", note->event, " ",
                                           note->detail))});
}

std::string OneBlank(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\t') {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

bool Matches(absl::string_view pattern, absl::string_view line) {
  // Where to go on from when what follows the last star did not match: the
  // pattern after that star, and one more byte taken by it.
  size_t star = absl::string_view::npos;
  size_t taken = 0;
  size_t p = 0;
  size_t l = 0;
  while (l < line.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      taken = l;
    } else if (p < pattern.size() && pattern[p] == line[l]) {
      ++p;
      ++l;
    } else if (star != absl::string_view::npos) {
      p = star;
      l = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace simloop::scenarios
