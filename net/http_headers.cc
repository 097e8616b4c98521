// The fields of an http message.
#include "net/http_headers.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace simloop::net::http {
namespace {

struct StatusCode {
  int code;
  absl::string_view text;
};

// RFC 9110 section 15, with the texts of Node's STATUS_CODES.
constexpr StatusCode kStatusCodes[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {102, "Processing"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {208, "Already Reported"},
    {226, "IM Used"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Payload Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {418, "I'm a Teapot"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Entity"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {506, "Variant Also Negotiates"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {509, "Bandwidth Limit Exceeded"},
    {510, "Not Extended"},
    {511, "Network Authentication Required"},
};

constexpr std::array<bool, 256> TokenBytes() {
  std::array<bool, 256> bytes = {};
  for (int c = '0'; c <= '9'; ++c) bytes[c] = true;
  for (int c = 'A'; c <= 'Z'; ++c) bytes[c] = bytes[c - 'A' + 'a'] = true;
  for (const unsigned char c : "^_`-!#$%&'*+.|~") bytes[c] = c != 0;
  return bytes;
}

constexpr std::array<bool, 256> kIsTokenByte = TokenBytes();

// Of these Node keeps the first value only.
constexpr absl::string_view kSingletons[] = {
    "age",
    "authorization",
    "content-length",
    "content-type",
    "etag",
    "expires",
    "from",
    "host",
    "if-modified-since",
    "if-unmodified-since",
    "last-modified",
    "location",
    "max-forwards",
    "proxy-authorization",
    "referer",
    "retry-after",
    "server",
    "user-agent",
};

// Whether none of eight or more bytes is below 0x20, or 0x7f. Eight at once,
// the last of them once more.
bool IsPlain(absl::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  uint64_t found = 0;  // the high bit of a byte that is
  const auto look = [&](const char* at) {
    uint64_t bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    const uint64_t rubbed_out = bytes ^ (kOnes * 0x7f);
    found |= (bytes - kOnes * 0x20) & ~bytes;
    found |= (rubbed_out - kOnes) & ~rubbed_out;
  };
  const size_t last = text.size() - sizeof(uint64_t);
  for (size_t at = 0; at < last; at += sizeof(uint64_t)) look(&text[at]);
  look(&text[last]);
  return (found & (kOnes * 0x80)) == 0;
}

bool IsSingleton(absl::string_view name) {
  for (const absl::string_view singleton : kSingletons) {
    if (name == singleton) return true;
  }
  return false;
}

}  // namespace

void Headers::Add(absl::string_view name, absl::string_view value) {
  valid_ = false;
  fields_.push_back({std::string(name), std::string(value)});
}

void Headers::Set(absl::string_view name, absl::string_view value) {
  Field* const first = FindField(name);
  if (first == nullptr) {
    Add(name, value);
    return;
  }
  valid_ = false;
  first->name = std::string(name);
  first->value = std::string(value);
  const Field* const kept = first;
  fields_.erase(std::remove_if(fields_.begin(), fields_.end(),
                               [&](const Field& field) {
                                 return &field > kept && absl::EqualsIgnoreCase(
                                                             field.name, name);
                               }),
                fields_.end());
}

void Headers::Append(absl::string_view name, absl::string_view value) {
  const auto last =
      std::find_if(fields_.rbegin(), fields_.rend(), [&](const Field& field) {
        return absl::EqualsIgnoreCase(field.name, name);
      });
  if (last == fields_.rend()) {
    Add(name, value);
  } else {
    valid_ = false;
    fields_.insert(last.base(), {last->name, std::string(value)});
  }
}

void Headers::SetAll(const Headers& headers) {
  const std::vector<Field>& all = headers.fields();
  for (auto field = all.begin(); field != all.end(); ++field) {
    const bool again = std::any_of(all.begin(), field, [&](const Field& one) {
      return one.name == field->name;
    });
    if (again) {
      Append(field->name, field->value);
    } else {
      Set(field->name, field->value);
    }
  }
}

void Headers::Remove(absl::string_view name) {
  fields_.erase(std::remove_if(fields_.begin(), fields_.end(),
                               [&](const Field& field) {
                                 return absl::EqualsIgnoreCase(field.name,
                                                               name);
                               }),
                fields_.end());
}

Headers Headers::Merged(const std::vector<std::string>& names) const {
  Headers merged;
  for (const Field& field : fields_) {
    const bool unique =
        std::any_of(names.begin(), names.end(), [&](const std::string& name) {
          return absl::EqualsIgnoreCase(name, field.name);
        });
    if (!unique) {
      merged.Add(field.name, field.value);
    } else if (!merged.Has(field.name)) {
      merged.Add(field.name, absl::StrJoin(FindAll(field.name), "; "));
    }
  }
  return merged;
}

void Headers::Join(absl::string_view name, absl::string_view value,
                   bool join_all) {
  valid_ = false;
  const std::string lower = absl::AsciiStrToLower(name);
  Field* const before = lower == "set-cookie" ? nullptr : FindField(lower);
  if (before == nullptr) {
    fields_.push_back({lower, std::string(value)});
  } else if (join_all || !IsSingleton(lower)) {
    absl::StrAppend(&before->value, lower == "cookie" ? "; " : ", ", value);
  }
}

bool Headers::AreValid() const {
  return std::all_of(fields_.begin(), fields_.end(), [](const Field& field) {
    return IsToken(field.name) && IsFieldValue(field.value);
  });
}

Headers::Field* Headers::FindField(absl::string_view name) {
  for (Field& field : fields_) {
    if (absl::EqualsIgnoreCase(field.name, name)) return &field;
  }
  return nullptr;
}

const std::string* Headers::Find(absl::string_view name) const {
  const Field* const field = const_cast<Headers*>(this)->FindField(name);
  return field == nullptr ? nullptr : &field->value;
}

std::vector<std::string> Headers::FindAll(absl::string_view name) const {
  std::vector<std::string> values;
  for (const Field& field : fields_) {
    if (absl::EqualsIgnoreCase(field.name, name)) values.push_back(field.value);
  }
  return values;
}

bool IsToken(absl::string_view text) {
  bool all = true;  // nearly always: to look on costs less than to ask
  for (const char c : text) {
    all &= kIsTokenByte[static_cast<unsigned char>(c)];
  }
  return all && !text.empty();
}

bool IsFieldValue(absl::string_view text) {
  if (text.size() >= sizeof(uint64_t) && IsPlain(text)) return true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return false;
  }
  return true;
}

bool ListNames(absl::string_view list, absl::string_view token) {
  const auto is_word = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  for (size_t at = 0; at + token.size() <= list.size(); ++at) {
    const size_t end = at + token.size();
    if (absl::EqualsIgnoreCase(list.substr(at, token.size()), token) &&
        (at == 0 || !is_word(list[at - 1])) &&
        (end == list.size() || !is_word(list[end]))) {
      return true;
    }
  }
  return false;
}

absl::string_view StatusText(int status) {
  for (const StatusCode& known : kStatusCodes) {
    if (known.code == status) return known.text;
  }
  return "unknown";
}

}  // namespace simloop::net::http
