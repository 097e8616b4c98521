#include "scenarios/scenario_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "scenarios/nearest.h"

namespace simloop::scenarios {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

constexpr size_t kLongestMessage = 200;
constexpr char kUnknownEnumValue[] = "Unknown enumeration value of";

std::vector<std::string> FieldNames(const Descriptor& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) {
    names.push_back(message.field(i)->name());
  }
  return names;
}

// The n-th text between double quotes, from 0; "" if there is none.
std::string Quoted(absl::string_view message, size_t n) {
  const std::vector<absl::string_view> parts = absl::StrSplit(message, '"');
  const size_t index = 2 * n + 1;
  return index < parts.size() ? std::string(parts[index]) : "";
}

// What people call a message: "host" for simloop.scenarios.pb.Host.
std::string PlainName(const Descriptor& message) {
  std::string name = message.name();
  name[0] = static_cast<char>(name[0] | 0x20);
  return name == "scenario" ? "a scenario" : absl::StrCat("`", name, "`");
}

// `Message type "X" has no field named "Y".`
std::string UnknownField(absl::string_view message) {
  const Descriptor* type =
      DescriptorPool::generated_pool()->FindMessageTypeByName(
          Quoted(message, 0));
  const std::string field = Quoted(message, 1);
  if (type == nullptr) return std::string(message);
  const std::vector<std::string> names = FieldNames(*type);
  return absl::StrCat(PlainName(*type), " has no field \"", field, "\"",
                      DidYouMean(field, names), "; expected one of ",
                      absl::StrJoin(names, ", "));
}

// `Unknown enumeration value of "X" for field "Y".`
std::string UnknownEnumValue(absl::string_view message) {
  const std::string value = Quoted(message, 0);
  const FieldDescriptor* field =
      pb::Scenario::descriptor()->FindFieldByName(Quoted(message, 1));
  if (field == nullptr || field->enum_type() == nullptr) {
    return std::string(message);
  }
  std::vector<std::string> names;
  const EnumDescriptor& type = *field->enum_type();
  for (int i = 0; i < type.value_count(); ++i) {
    names.push_back(type.value(i)->name());
  }
  return absl::StrCat("\"", value, "\" is no ", field->name(),
                      DidYouMean(value, names), "; expected one of ",
                      absl::StrJoin(names, ", "));
}

// One line of printable text, of bounded length, whatever the file holds.
std::string Tame(absl::string_view message) {
  std::string text = absl::Utf8SafeCEscape(message);
  // The escapes of quotes are for C; people read the quotes themselves.
  text = absl::StrReplaceAll(text, {{"\\\"", "\""}, {"\\'", "'"}});
  if (text.size() <= kLongestMessage) return text;
  return absl::StrCat(text.substr(0, kLongestMessage), "...");
}

std::string Explain(absl::string_view message) {
  if (absl::StrContains(message, "has no field named")) {
    return UnknownField(message);
  }
  if (absl::StartsWith(message, kUnknownEnumValue)) {
    return UnknownEnumValue(message);
  }
  return std::string(message);
}

// Keeps the first error.
class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  FirstError(const std::string& file, absl::string_view input)
      : file_(file), input_(input) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (!text_.empty()) return;
    if (absl::StartsWith(message, kUnknownEnumValue)) {
      FindBefore(Quoted(message, 0), &line, &column);
    }
    text_ = absl::StrCat(file_, ":", line + 1, ":", column + 1, ": ",
                         Tame(Explain(message)));
  }
  const std::string& text() const { return text_; }

 private:
  // Of an unknown value protobuf tells where the next word is. Sets line and
  // column, both from 0, to where `word` stands last before them.
  void FindBefore(absl::string_view word, int* line, int* column) const {
    const std::vector<absl::string_view> lines = absl::StrSplit(input_, '\n');
    for (int i = std::min<int>(*line, lines.size() - 1); i >= 0; --i) {
      const absl::string_view before =
          i == *line ? lines[i].substr(0, *column) : lines[i];
      const size_t found = before.rfind(word);
      if (found == absl::string_view::npos) continue;
      *line = i;
      *column = static_cast<int>(found);
      return;
    }
  }

  const std::string& file_;
  const absl::string_view input_;
  std::string text_;
};

// The length of the UTF-8 character that starts `bytes` (RFC 3629); 0 if none
// does.
size_t Utf8Length(absl::string_view bytes) {
  const auto at = [&bytes](size_t i) -> uint32_t {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
  };
  const auto follows = [&at](size_t i) { return (at(i) & 0xc0) == 0x80; };
  const uint32_t first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    const bool overlong = first == 0xe0 && at(1) < 0xa0;
    const bool surrogate = first == 0xed && at(1) >= 0xa0;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5) {
    const bool overlong = first == 0xf0 && at(1) < 0x90;
    const bool beyond = first == 0xf4 && at(1) >= 0x90;
    return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4
                                                                          : 0;
  }
  return 0;
}

absl::Status CheckBytes(const std::string& file, absl::string_view text) {
  int line = 1;
  int column = 1;
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8Length(text.substr(i));
    const bool control = static_cast<unsigned char>(text[i]) < 0x20 &&
                         text[i] != '\n' && text[i] != '\r' &&
                         text[i] != '\t' && text[i] != '\f' && text[i] != '\v';
    if (length == 0 || control) {
      return absl::InvalidArgumentError(absl::StrCat(
          file, ":", line, ":", column, ": byte 0x",
          absl::Hex(static_cast<unsigned char>(text[i]), absl::kZeroPad2),
          " is no UTF-8 text; expected a scenario in protobuf's text format"));
    }
    column = text[i] == '\n' ? 1 : column + 1;
    if (text[i] == '\n') ++line;
    i += length;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ScenarioText>> ParseScenarioText(
    const std::string& file, absl::string_view text) {
  const absl::Status bytes = CheckBytes(file, text);
  if (!bytes.ok()) return bytes;
  auto parsed = std::make_unique<ScenarioText>();
  FirstError error(file, text);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(&parsed->places);
  if (!parser.ParseFromString(std::string(text), &parsed->scenario)) {
    return absl::InvalidArgumentError(error.text());
  }
  return parsed;
}

}  // namespace simloop::scenarios
