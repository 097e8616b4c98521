// Values: made, asked, compared and written.
#include "conformance/json.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace simloop::conformance {
namespace {

std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const uint8_t byte = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\') {
      absl::StrAppend(&quoted, "\\", std::string(1, c));
    } else if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppendFormat(&quoted, "\\u%04x", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

bool SameMembers(const Json& a, const Json& b) {
  if (a.members().size() != b.members().size()) return false;
  return std::all_of(a.members().begin(), a.members().end(),
                     [&](const Json::Member& member) {
                       const Json* other = b.Find(member.first);
                       return other != nullptr && *other == member.second;
                     });
}

}  // namespace

Json Json::Bool(bool value) {
  Json json;
  json.kind_ = Kind::kBool;
  json.text_ = value ? "true" : "false";
  return json;
}

Json Json::Number(int64_t value) { return Digits(absl::StrCat(value)); }

Json Json::Unsigned(uint64_t value) { return Digits(absl::StrCat(value)); }

Json Json::Digits(std::string digits) {
  Json json;
  json.kind_ = Kind::kNumber;
  json.text_ = std::move(digits);
  return json;
}

Json Json::Text(absl::string_view text) {
  Json json;
  json.kind_ = Kind::kText;
  json.text_ = std::string(text);
  return json;
}

Json Json::List(std::vector<Json> items) {
  Json json;
  json.kind_ = Kind::kList;
  json.items_ = std::move(items);
  return json;
}

Json Json::Object(std::vector<Member> members) {
  Json json;
  json.kind_ = Kind::kObject;
  json.members_ = std::move(members);
  return json;
}

int64_t Json::Integer() const {
  if (!is_number()) return 0;
  int64_t exact = 0;
  if (absl::SimpleAtoi(text_, &exact)) return exact;
  const double real = Real();
  if (real >= 9.2e18) return std::numeric_limits<int64_t>::max();
  if (real <= -9.2e18) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(real);
}

uint64_t Json::Wrapped() const {
  uint64_t value = 0;
  for (const char c : text_) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) continue;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  return !text_.empty() && text_[0] == '-' ? -value : value;
}

double Json::Real() const {
  double real = 0;
  if (!is_number() || !absl::SimpleAtod(text_, &real)) return 0;
  return real;
}

const Json* Json::Find(absl::string_view name) const {
  for (const Member& member : members_) {
    if (member.first == name) return &member.second;
  }
  return nullptr;
}

void Json::Set(absl::string_view name, Json value) {
  Erase(name);
  members_.emplace_back(std::string(name), std::move(value));
}

void Json::Erase(absl::string_view name) {
  members_.erase(std::remove_if(members_.begin(), members_.end(),
                                [&](const Member& member) {
                                  return member.first == name;
                                }),
                 members_.end());
}

std::string Json::ToString() const {
  switch (kind_) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
    case Kind::kNumber:
      return text_;
    case Kind::kText:
      return Quoted(text_);
    case Kind::kList:
      return absl::StrCat("[",
                          absl::StrJoin(items_, ", ",
                                        [](std::string* out, const Json& item) {
                                          absl::StrAppend(out, item.ToString());
                                        }),
                          "]");
    case Kind::kObject:
      break;
  }
  return absl::StrCat("{",
                      absl::StrJoin(members_, ", ",
                                    [](std::string* out, const Member& member) {
                                      absl::StrAppend(out, Quoted(member.first),
                                                      ": ",
                                                      member.second.ToString());
                                    }),
                      "}");
}

bool Json::operator==(const Json& other) const {
  if (kind_ != other.kind_) return false;
  switch (kind_) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
    case Kind::kText:
      return text_ == other.text_;
    case Kind::kNumber:
      return text_ == other.text_ ||
             (text_.find_first_of(".eE") != text_.npos &&
              Real() == other.Real());
    case Kind::kList:
      return items_ == other.items_;
    case Kind::kObject:
      return SameMembers(*this, other);
  }
  return false;
}

}  // namespace simloop::conformance
