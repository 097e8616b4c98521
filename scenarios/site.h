// Site: what a program is given to run: its loop, its name, its arguments, a
// log, and a way to say that it has come to a certain point.
#ifndef SCENARIOS_SITE_H_
#define SCENARIOS_SITE_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "loop/address.h"
#include "loop/event_loop.h"
#include "net/stack.h"
#include "scenarios/log.h"

namespace simloop::scenarios {

class Site final {
 public:
  struct Parts {
    std::string name;
    // Every argument of the program's kind, checked (argument.h).
    std::map<std::string, std::string> args;
    // The address that a host argument stands for; not called with "".
    absl::AnyInvocable<loop::Ipv4(absl::string_view host) const> resolve;
    // Names that a host argument may be and that are looked up.
    std::vector<std::string> names;
    // Told of each signal; may be null.
    absl::AnyInvocable<void(absl::string_view signal)> signal;
  };

  // `stack` and `log` must outlive the site.
  Site(net::Stack& stack, Log& log, Parts parts);

  net::Stack& stack() const { return stack_; }
  loop::EventLoop& loop() const { return stack_.loop(); }
  Log& log() const { return log_; }
  const std::string& name() const { return parts_.name; }
  bool modern() const {
    return loop().discipline() == loop::Discipline::kModern;
  }

  // An argument of the program's kind, by type. REQUIRES: its kind has one of
  // that name and type.
  const std::string& Text(const char* key) const;
  uint16_t Port(const char* key) const;
  int Count(const char* key) const;
  absl::Duration Duration(const char* key) const;
  bool Flag(const char* key) const;
  // Dotted quad, or a name that net::Stack looks up, or "" where the argument
  // is "".
  std::string Host(const char* key) const;

  // Raises one of the kind's signals. Whoever waits for it is told before
  // this returns, if it is a program of the same process.
  void Signal(absl::string_view signal);

 private:
  net::Stack& stack_;
  Log& log_;
  Parts parts_;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_SITE_H_
