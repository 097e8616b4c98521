// Error: what Node hands to 'error' listeners or throws
// (https://nodejs.org/api/errors.html#class-systemerror). It carries no stack.
#ifndef NET_ERROR_H_
#define NET_ERROR_H_

#include <exception>
#include <string>

#include "absl/strings/string_view.h"
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

  const std::string& code() const { return code_; }
  const std::string& message() const { return message_; }
  // Empty if no system call failed.
  const std::string& syscall() const { return syscall_; }
  // kOk if no system call failed.
  loop::Errno error() const { return error_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string code_;
  std::string message_;
  std::string syscall_;
  loop::Errno error_ = loop::Errno::kOk;
};

// The Error for an answer of `syscall`, with the text of the Node in force.
// `where`: the address it was about, or empty.
Error SystemError(const Quirks& quirks, loop::Errno error,
                  absl::string_view syscall, absl::string_view where = "");

}  // namespace simloop::net

#endif  // NET_ERROR_H_
