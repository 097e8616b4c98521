// Json: a value of RFC 8259, as case files hold them and as answers are told.
// Numbers keep their digits, so that those of 64 bits stay exact; members keep
// their order.
#ifndef CONFORMANCE_JSON_H_
#define CONFORMANCE_JSON_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace simloop::conformance {

class Json final {
 public:
  enum class Kind { kNull, kBool, kNumber, kText, kList, kObject };
  using Member = std::pair<std::string, Json>;

  Json() = default;
  static Json Bool(bool value);
  static Json Number(int64_t value);
  static Json Unsigned(uint64_t value);
  // Of its digits, as they are to be written.
  static Json Digits(std::string digits);
  static Json Text(absl::string_view text);
  static Json List(std::vector<Json> items);
  static Json Object(std::vector<Member> members = {});

  // INVALID_ARGUMENT, beginning with "line:column: ", if `text` is not one
  // value.
  static absl::StatusOr<Json> Parse(absl::string_view text);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_number() const { return kind_ == Kind::kNumber; }
  bool is_text() const { return kind_ == Kind::kText; }
  bool is_list() const { return kind_ == Kind::kList; }
  bool is_object() const { return kind_ == Kind::kObject; }

  // A text, or a number's digits; else empty.
  const std::string& text() const { return text_; }
  bool truth() const { return kind_ == Kind::kBool && text_ == "true"; }
  // The nearest int64_t to a number, of which a fraction is cut off; 0 of
  // anything else.
  int64_t Integer() const;
  // A whole number modulo 2^64.
  uint64_t Wrapped() const;
  // 0 of anything but a number.
  double Real() const;
  // Empty of anything but a list.
  const std::vector<Json>& items() const { return items_; }
  // Empty of anything but an object.
  const std::vector<Member>& members() const { return members_; }
  // The member of that name; null if there is none.
  const Json* Find(absl::string_view name) const;

  // Of an object: adds a member, or takes one away.
  void Set(absl::string_view name, Json value);
  void Erase(absl::string_view name);

  // Where Parse() found it, from 1.
  int line() const { return line_; }
  int column() const { return column_; }

  // On one line: {"ret": -1, "errno": "EAGAIN"}.
  std::string ToString() const;
  // The order of members means nothing, nor do positions.
  bool operator==(const Json& other) const;

 private:
  friend class JsonReader;

  Kind kind_ = Kind::kNull;
  int line_ = 0;
  int column_ = 0;
  std::string text_;  // also "true", "false"
  std::vector<Json> items_;
  std::vector<Member> members_;
};

}  // namespace simloop::conformance

#endif  // CONFORMANCE_JSON_H_
