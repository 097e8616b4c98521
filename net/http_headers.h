// Headers: the fields of an http message in their order (RFC 9110 section 5).
#ifndef NET_HTTP_HEADERS_H_
#define NET_HTTP_HEADERS_H_

#include <cstddef>
#include <initializer_list>
#include <string>
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

  // As IncomingMessage shows a field that came: its name in lower case, and
  // joined with one of that name before it, or dropped, by Node's rules.
  // `join_all`: nothing is dropped (joinDuplicateHeaders).
  void Join(absl::string_view name, absl::string_view value, bool join_all);
  // For Parser, which fills in a field piece by piece.
  void AddEmpty() { fields_.emplace_back(); }
  Field& last() { return fields_.back(); }
  const Field& last() const { return fields_.back(); }
  void RemoveLast() { fields_.pop_back(); }

  bool empty() const { return fields_.empty(); }
  const std::vector<Field>& fields() const { return fields_; }

 private:
  Field* FindField(absl::string_view name);

  std::vector<Field> fields_;
};

// Whether both are the same but for the case of ASCII letters. Inline: names
// are short, and compared for each message.
inline bool SameName(absl::string_view a, absl::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    const char lower = static_cast<char>(a[i] | 0x20);
    if (lower != (b[i] | 0x20) || lower < 'a' || lower > 'z') return false;
  }
  return true;
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
