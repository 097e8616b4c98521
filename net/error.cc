// What Node hands to 'error' listeners or throws.
#include "net/error.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace simloop::net {

Error::Error(absl::string_view code, absl::string_view message)
    : code_(code), message_(message) {}

Error::Error(loop::Errno error, absl::string_view syscall,
             absl::string_view message)
    : code_(loop::ErrnoName(error)),
      message_(message),
      syscall_(syscall),
      error_(error) {}

Error SystemError(const Quirks& quirks, loop::Errno error,
                  absl::string_view syscall, absl::string_view where) {
  const absl::string_view name = loop::ErrnoName(error);
  if (quirks.old_error_texts) {
    return Error(error, syscall,
                 absl::StrCat(name, ", ", loop::ErrnoText(error)));
  }
  std::string text = absl::StrCat(syscall, " ", name);
  // Node's UVExceptionWithHostPort, which servers use, gives the text as well.
  if (syscall == "listen") {
    absl::StrAppend(&text, ": ", absl::AsciiStrToLower(loop::ErrnoText(error)));
  }
  if (!where.empty()) absl::StrAppend(&text, " ", where);
  return Error(error, syscall, text);
}

}  // namespace simloop::net
