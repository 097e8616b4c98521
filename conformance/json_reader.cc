// The reader of RFC 8259's grammar.
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "conformance/json.h"

namespace simloop::conformance {

// Reads one text. A method that reads a part answers false, and sets
// `message_`, where the part is not there.
class JsonReader final {
 public:
  explicit JsonReader(absl::string_view text) : text_(text) {}

  absl::StatusOr<Json> Read() {
    Json value;
    bool good = Value(0, &value);
    if (good) {
      SkipSpace();
      good = at_ == text_.size() || Expected("nothing after the value");
    }
    if (good) return value;
    return absl::InvalidArgumentError(
        absl::StrCat(line_, ":", Column(), ": ", message_));
  }

 private:
  // Deeper nesting is refused: each level is a call.
  static constexpr int kMostLevels = 100;

  int Column() const { return static_cast<int>(at_ - line_start_) + 1; }
  bool More() const { return at_ < text_.size(); }

  bool Expected(absl::string_view what) {
    message_ = absl::StrCat("expected ", what);
    return false;
  }

  void SkipSpace() {
    for (; More(); ++at_) {
      const char c = text_[at_];
      if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return;
      if (c != '\n') continue;
      ++line_;
      line_start_ = at_ + 1;
    }
  }

  bool Take(char wanted) {
    SkipSpace();
    if (!More() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  bool Value(int level, Json* value) {
    SkipSpace();
    if (level > kMostLevels) return Expected("fewer levels");
    const int line = line_;
    const int column = Column();
    const bool good = ValueOfKind(level, value);
    value->line_ = line;
    value->column_ = column;
    return good;
  }

  bool ValueOfKind(int level, Json* value) {
    if (!More()) return Expected("a value");
    switch (text_[at_]) {
      case '{':
        return Object(level, value);
      case '[':
        return List(level, value);
      case '"':
        value->kind_ = Json::Kind::kText;
        return Text(&value->text_);
      default:
        return Word("null", Json(), value) ||
               Word("true", Json::Bool(true), value) ||
               Word("false", Json::Bool(false), value) || Number(value);
    }
  }

  bool Word(absl::string_view word, Json meaning, Json* value) {
    if (!absl::StartsWith(text_.substr(at_), word)) return false;
    at_ += word.size();
    *value = std::move(meaning);
    return true;
  }

  bool Digits() {
    const size_t start = at_;
    while (More() && absl::ascii_isdigit(static_cast<uint8_t>(text_[at_]))) {
      ++at_;
    }
    return at_ > start;
  }

  bool Number(Json* value) {
    const size_t start = at_;
    if (text_[at_] == '-') ++at_;
    if (!Digits()) return Expected("a value");
    if (More() && text_[at_] == '.') {
      ++at_;
      if (!Digits()) return Expected("a digit");
    }
    if (More() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (More() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!Digits()) return Expected("a digit");
    }
    *value = Json::Digits(std::string(text_.substr(start, at_ - start)));
    return true;
  }

  bool List(int level, Json* value) {
    value->kind_ = Json::Kind::kList;
    ++at_;
    if (Take(']')) return true;
    do {
      value->items_.emplace_back();
      if (!Value(level + 1, &value->items_.back())) return false;
    } while (Take(','));
    return Take(']') || Expected("',' or ']'");
  }

  bool Object(int level, Json* value) {
    value->kind_ = Json::Kind::kObject;
    ++at_;
    if (Take('}')) return true;
    do {
      SkipSpace();
      if (!More() || text_[at_] != '"') return Expected("a name");
      value->members_.emplace_back(std::string(), Json());
      Json::Member& member = value->members_.back();
      if (!Text(&member.first)) return false;
      if (!Take(':')) return Expected("':'");
      if (!Value(level + 1, &member.second)) return false;
    } while (Take(','));
    return Take('}') || Expected("',' or '}'");
  }

  bool Text(std::string* text) {
    for (++at_; More() && text_[at_] != '"'; ++at_) {
      if (static_cast<uint8_t>(text_[at_]) < 0x20) {
        return Expected("'\"' on this line");
      }
      if (text_[at_] != '\\') {
        *text += text_[at_];
      } else if (!Escape(text)) {
        return false;
      }
    }
    if (!More()) return Expected("'\"'");
    ++at_;
    return true;
  }

  bool Escape(std::string* text) {
    constexpr absl::string_view kNames = "\"\\/bfnrt";
    constexpr absl::string_view kMeanings = "\"\\/\b\f\n\r\t";
    ++at_;
    if (!More()) return Expected("an escape");
    if (text_[at_] == 'u') return UnicodeEscape(text);
    const size_t name = kNames.find(text_[at_]);
    if (name == kNames.npos) return Expected("an escape");
    *text += kMeanings[name];
    return true;
  }

  // The four digits after "\u", at_ being at the u and then at the last.
  bool FourDigits(uint32_t* unit) {
    *unit = 0;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      const unsigned char c =
          More() ? static_cast<unsigned char>(text_[at_]) : 0;
      if (!absl::ascii_isxdigit(c)) return Expected("four hexadecimal digits");
      const uint32_t digit =
          absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10u;
      *unit = *unit << 4 | digit;
    }
    return true;
  }

  // A character outside the first plane is two of them.
  bool UnicodeEscape(std::string* text) {
    uint32_t code = 0;
    if (!FourDigits(&code)) return false;
    if (code >> 10 == 0xd800 >> 10 &&
        absl::StartsWith(text_.substr(at_ + 1), "\\u")) {
      at_ += 2;
      uint32_t low = 0;
      if (!FourDigits(&low)) return false;
      code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
    }
    AppendUtf8(code, text);
    return true;
  }

  static void AppendUtf8(uint32_t code, std::string* text) {
    const auto add = [text](uint32_t byte) {
      *text += static_cast<char>(byte);
    };
    if (code < 0x80) return add(code);
    if (code < 0x800) {
      add(0xc0 | code >> 6);
    } else if (code < 0x10000) {
      add(0xe0 | code >> 12);
      add(0x80 | (code >> 6 & 0x3f));
    } else {
      add(0xf0 | code >> 18);
      add(0x80 | (code >> 12 & 0x3f));
      add(0x80 | (code >> 6 & 0x3f));
    }
    add(0x80 | (code & 0x3f));
  }

  absl::string_view text_;
  size_t at_ = 0;
  size_t line_start_ = 0;
  int line_ = 1;
  std::string message_;
};

absl::StatusOr<Json> Json::Parse(absl::string_view text) {
  return JsonReader(text).Read();
}

}  // namespace simloop::conformance
