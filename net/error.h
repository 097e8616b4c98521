// Error: what Node hands to 'error' listeners or throws
// (https://nodejs.org/api/errors.html#class-systemerror). It carries no stack.
#ifndef NET_ERROR_H_
#define NET_ERROR_H_

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "loop/address.h"
#include "loop/errno.h"
#include "net/quirks.h"

namespace simloop::net {

class Error final : public std::exception {
 public:
  // `code` as Node's: "ERR_STREAM_WRITE_AFTER_END"; may be empty.
  Error(absl::string_view code, absl::string_view message);
  // What the system call `syscall` answered: code() is the errno's name.
  // `message` is Node's text for it, which differs between versions.
  Error(loop::Errno error, absl::string_view syscall,
        absl::string_view message);
  // AggregateError: all that was tried has failed. Its code is the first's.
  // REQUIRES: there is one.
  explicit Error(std::vector<Error> errors);

  const std::string& code() const { return code_; }
  const std::string& message() const { return message_; }
  // Empty if no system call failed.
  const std::string& syscall() const { return syscall_; }
  // kOk if no system call failed.
  loop::Errno error() const { return error_; }
  // What the call was about: an address ("::1") or a pathname, and a port, 0
  // for none. Empty where Node gives none.
  const std::string& address() const { return address_; }
  uint16_t port() const { return port_; }
  // Of an AggregateError; else empty.
  const std::vector<Error>& errors() const;
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  friend Error AddressError(const Quirks& quirks, loop::Errno error,
                            absl::string_view syscall,
                            const loop::Address& address,
                            const loop::Address* local);
  friend Error BufferSizeError(loop::Errno error, absl::string_view syscall);
  friend Error LookupError(const Quirks& quirks, absl::string_view code,
                           absl::string_view host);

  std::string code_;
  std::string message_;
  std::string syscall_;
  std::string address_;
  uint16_t port_ = 0;
  loop::Errno error_ = loop::Errno::kOk;
  std::shared_ptr<const std::vector<Error>> errors_;
};

// The Error for an answer of `syscall`, with the text of the Node in force.
Error SystemError(const Quirks& quirks, loop::Errno error,
                  absl::string_view syscall);
// Likewise, about `address`: "connect ECONNREFUSED 127.0.0.1:80". `local`, if
// not null, is told as well: " - Local (0.0.0.0:0)".
Error AddressError(const Quirks& quirks, loop::Errno error,
                   absl::string_view syscall, const loop::Address& address,
                   const loop::Address* local = nullptr);
// What a name came to: "getaddrinfo ENOTFOUND example.org"; v0.1.96:
// "NOTFOUND".
Error LookupError(const Quirks& quirks, absl::string_view code,
                  absl::string_view host);
// ERR_SOCKET_BUFFER_SIZE of `syscall`.
Error BufferSizeError(loop::Errno error, absl::string_view syscall);
// AbortError.
Error AbortError();
// What end() says the second time: ERR_STREAM_ALREADY_FINISHED; and what `call`
// does of a stream that was destroyed: ERR_STREAM_DESTROYED.
Error AlreadyFinished();
Error StreamDestroyed(absl::string_view call);

// As Node shows an address and a port: "127.0.0.1:80", "::1:80"; a pathname.
std::string AddressText(const loop::Address& address);

}  // namespace simloop::net

#endif  // NET_ERROR_H_
