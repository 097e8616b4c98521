// Headers: the fields of an http message in their order (RFC 9110 section 5).
#ifndef NET_HTTP_HEADERS_H_
#define NET_HTTP_HEADERS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace simloop::net::http {

class Headers final {
 public:
  struct Field {
    std::string name;
    std::string value;
  };

  Headers() = default;
  Headers(std::initializer_list<std::pair<absl::string_view, absl::string_view>>
              fields) {
    for (const auto& [name, value] : fields) Add(name, value);
  }

  // Appends a field, whether or not there is one of that name.
  void Add(absl::string_view name, absl::string_view value);
  // Replaces all fields of that name by one, or appends it.
  void Set(absl::string_view name, absl::string_view value);
  // appendHeader(): behind the last field of that name, whose letters it takes;
  // or at the end.
  void Append(absl::string_view name, absl::string_view value);
  // What an object with such fields makes of `this`: those that are written
  // alike are one with several values, and replace what there was of that name.
  void SetAll(const Headers& headers);
  // The first value of that name, whatever its case; null if there is none.
  const std::string* Find(absl::string_view name) const;
  // All values of that name, in their order.
  std::vector<std::string> FindAll(absl::string_view name) const;
  bool Has(absl::string_view name) const { return Find(name) != nullptr; }
  // Removes all fields of that name.
  void Remove(absl::string_view name);
  void Clear() { fields_.clear(); }

  // uniqueHeaders: a copy with those of each of `names` in one field.
  Headers Merged(const std::vector<std::string>& names) const;

  // As IncomingMessage shows a field that came: its name in lower case, and
  // joined with one of that name before it, or dropped, by Node's rules.
  // `join_all`: nothing is dropped (joinDuplicateHeaders).
  void Join(absl::string_view name, absl::string_view value, bool join_all);
  // For Parser, which fills in a field piece by piece.
  void AddEmpty() {
    if (fields_.empty()) fields_.reserve(kUsualFields);
    fields_.emplace_back();
    valid_ = false;
  }
  Field& last() {
    valid_ = false;
    return fields_.back();
  }
  const Field& last() const { return fields_.back(); }
  void RemoveLast() { fields_.pop_back(); }

  // Every name IsToken(), and every value IsFieldValue(). Looked at once, since a
  // program may send the same fields with each answer.
  bool valid() const { return valid_ || (valid_ = AreValid()); }
  bool empty() const { return fields_.empty(); }
  const std::vector<Field>& fields() const { return fields_; }

 private:
  // A browser sends more, a program fewer.
  static constexpr size_t kUsualFields = 8;

  Field* FindField(absl::string_view name);
  bool AreValid() const;

  std::vector<Field> fields_;
  mutable bool valid_ = false;  // known to be, since the last change
};

// Whether a field's name, a token, is `lower` but for the case of its letters.
// `lower` is of small letters and hyphens, four at least. As absl's
// EqualsIgnoreCase, for what is compared with each field that is sent: its size
// is known.
template <size_t kSize>
inline bool IsNamed(absl::string_view name, const char (&lower)[kSize]) {
  constexpr size_t kLength = kSize - 1;
  static_assert(kLength >= 4);
  if (name.size() != kLength) return false;
  // Words from the front, and the last word from the end. The bit that small
  // letters have and capitals do not, a hyphen has, too, and what is a hyphen
  // without it is in no token.
  using Word = std::conditional_t<(kLength < 8), uint32_t, uint64_t>;
  constexpr Word kSmall = static_cast<Word>(0x2020202020202020);
  Word differences = 0;
  const auto compare = [&](size_t at) {
    Word here, there;
    std::memcpy(&here, name.data() + at, sizeof here);
    std::memcpy(&there, lower + at, sizeof there);
    differences |= (here | kSmall) ^ there;
  };
  for (size_t at = 0; at + sizeof(Word) < kLength; at += sizeof(Word)) {
    compare(at);
  }
  compare(kLength - sizeof(Word));
  return differences == 0;
}

// A token (RFC 9110 section 5.6.2): a method, the name of a field.
bool IsToken(absl::string_view text);
// Can be the value of a field (RFC 9110 section 5.5).
bool IsFieldValue(absl::string_view text);
// Whether `list` names `token`, apart from other letters and digits, whatever
// their case: "close" in "foo, Close".
bool ListNames(absl::string_view list, absl::string_view token);

// http.STATUS_CODES: "Not Found"; "unknown" for a code that is not listed.
absl::string_view StatusText(int status);

}  // namespace simloop::net::http

#endif  // NET_HTTP_HEADERS_H_
