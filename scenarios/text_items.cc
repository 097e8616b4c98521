#include "scenarios/text_items.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace simloop::scenarios {
namespace {

class Scanner final {
 public:
  Scanner(absl::string_view text, size_t at, size_t end)
      : text_(text), at_(at), end_(end) {}

  bool Next(TextItem* item) {
    *item = {};
    SkipBlanks();
    item->begin = at_;
    SkipBlanksAndComments();
    if (at_ >= end_) return false;
    while (at_ < end_ && IsWord(text_[at_])) item->name += text_[at_++];
    SkipBlanksAndComments();
    if (Is(':')) {
      ++at_;
      SkipBlanksAndComments();
    }
    if (Is('{')) {
      item->inner_begin = ++at_;
      SkipBlock();
      item->inner_end = at_ - 1;
    } else if (!SkipValue()) {
      return false;
    }
    item->end = at_;
    return true;
  }

 private:
  static bool IsWord(char c) { return absl::ascii_isalnum(c) || c == '_'; }
  bool Is(char c) const { return at_ < end_ && text_[at_] == c; }

  void SkipBlanks() {
    while (at_ < end_ && (absl::ascii_isspace(text_[at_]) ||
                          text_[at_] == ',' || text_[at_] == ';')) {
      ++at_;
    }
  }
  void SkipLine() {
    while (at_ < end_ && text_[at_] != '\n') ++at_;
  }
  void SkipBlanksAndComments() {
    SkipBlanks();
    while (Is('#')) {
      SkipLine();
      SkipBlanks();
    }
  }
  void SkipString() {
    const char quote = text_[at_++];
    while (at_ < end_ && text_[at_] != quote) {
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    ++at_;
  }
  // Strings next to each other are one value.
  bool SkipValue() {
    const size_t before = at_;
    while (Is('"') || Is('\'')) {
      SkipString();
      const size_t end = at_;
      SkipBlanks();
      if (!Is('"') && !Is('\'')) {
        at_ = end;
        return true;
      }
    }
    while (at_ < end_ && (IsWord(text_[at_]) || Is('.') || Is('-') || Is('+')))
      ++at_;
    return at_ > before;
  }
  // From behind a brace to behind the one that closes it.
  void SkipBlock() {
    for (int depth = 1; at_ < end_ && depth > 0;) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        SkipString();
        continue;
      }
      if (c == '#') {
        SkipLine();
        continue;
      }
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      ++at_;
    }
  }

  absl::string_view text_;
  size_t at_;
  size_t end_;
};

}  // namespace

std::vector<TextItem> ItemsOf(absl::string_view text, size_t begin,
                              size_t end) {
  std::vector<TextItem> items;
  Scanner scanner(text, begin, end);
  TextItem item;
  while (scanner.Next(&item)) items.push_back(item);
  return items;
}

std::string WithoutPart(absl::string_view text, size_t begin, size_t end) {
  while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\n') &&
         end < text.size() && text[end] == '\n') {
    --begin;
  }
  return absl::StrCat(text.substr(0, begin), text.substr(end));
}

}  // namespace simloop::scenarios
