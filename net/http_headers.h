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
  // Replaces the field of that name, or appends it.
  void Set(absl::string_view name, absl::string_view value);
  // The first value of that name, whatever its case; null if there is none.
  const std::string* Find(absl::string_view name) const;
  std::string* FindMutable(absl::string_view name);
  void Clear() { fields_.clear(); }

  bool empty() const { return fields_.empty(); }
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

// http.STATUS_CODES: "Not Found"; "unknown" for a code that is not listed.
absl::string_view StatusText(int status);

}  // namespace simloop::net::http

#endif  // NET_HTTP_HEADERS_H_
