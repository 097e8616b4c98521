// What Node hands to 'error' listeners or throws.
#include "net/error.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace simloop::net {
namespace {

using loop::Address;
using loop::Errno;
using loop::Family;

// libuv's texts are Linux's in small letters, but for these.
std::string UvText(Errno error) {
  if (error == Errno::kEADDRNOTAVAIL) return "address not available";
  return absl::AsciiStrToLower(loop::ErrnoText(error));
}

std::string HostText(const Address& address) {
  if (address.family == Family::kUnix) return address.path;
  return address.family == Family::kInet6 ? address.ip.ToString6()
                                          : address.ip.ToString();
}

}  // namespace

Error::Error(absl::string_view code, absl::string_view message)
    : code_(code), message_(message) {}

Error::Error(Errno error, absl::string_view syscall, absl::string_view message)
    : code_(loop::ErrnoName(error)),
      message_(message),
      syscall_(syscall),
      error_(error) {}

Error::Error(std::vector<Error> errors)
    : code_(errors.front().code()),
      errors_(std::make_shared<const std::vector<Error>>(std::move(errors))) {}

const std::vector<Error>& Error::errors() const {
  static const std::vector<Error>& none = *new std::vector<Error>();
  return errors_ == nullptr ? none : *errors_;
}

std::string AddressText(const Address& address) {
  const std::string host = HostText(address);
  return address.port == 0 ? host : absl::StrCat(host, ":", address.port);
}

Error SystemError(const Quirks& quirks, Errno error,
                  absl::string_view syscall) {
  const absl::string_view name = loop::ErrnoName(error);
  return Error(error, syscall,
               quirks.old_error_texts
                   ? absl::StrCat(name, ", ", loop::ErrnoText(error))
                   : absl::StrCat(syscall, " ", name));
}

Error AddressError(const Quirks& quirks, Errno error, absl::string_view syscall,
                   const Address& address, const Address* local) {
  Error made = SystemError(quirks, error, syscall);
  if (quirks.old_error_texts) return made;
  // Node's UVExceptionWithHostPort, which servers use, gives the text as well.
  if (syscall == "listen") absl::StrAppend(&made.message_, ": ", UvText(error));
  if (address.family != Family::kUnspecified) {
    absl::StrAppend(&made.message_, " ", AddressText(address));
    made.address_ = HostText(address);
    made.port_ = address.port;
  }
  if (local != nullptr && local->family != Family::kUnspecified) {
    absl::StrAppend(&made.message_, " - Local (", HostText(*local), ":",
                    local->port, ")");
  }
  return made;
}

Error LookupError(const Quirks& quirks, absl::string_view code,
                  absl::string_view host) {
  if (quirks.old_error_texts) {
    absl::string_view name = code;
    if (absl::ConsumePrefix(&name, "EAI_")) name = "SERVFAIL";
    absl::ConsumePrefix(&name, "E");
    return Error(code, name);
  }
  Error made(code, absl::StrCat("getaddrinfo ", code, " ", host));
  made.syscall_ = "getaddrinfo";
  return made;
}

Error AlreadyFinished() {
  return Error("ERR_STREAM_ALREADY_FINISHED",
               "Cannot call end after a stream was finished");
}

Error StreamDestroyed(absl::string_view call) {
  return Error(
      "ERR_STREAM_DESTROYED",
      absl::StrCat("Cannot call ", call, " after a stream was destroyed"));
}

Error BufferSizeError(Errno error, absl::string_view syscall) {
  Error made(
      error, syscall,
      absl::StrCat("Could not get or set buffer size: ", syscall, " returned ",
                   loop::ErrnoName(error), " (", UvText(error), ")"));
  made.code_ = "ERR_SOCKET_BUFFER_SIZE";
  return made;
}

Error AbortError() { return Error("ABORT_ERR", "The operation was aborted"); }

}  // namespace simloop::net
