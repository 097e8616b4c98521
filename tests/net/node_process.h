// NodeProcess: a process whose program prints its events as the recorded
// programs of Node do, one numbered line each: actor, event, arguments.
#ifndef TESTS_NET_NODE_PROCESS_H_
#define TESTS_NET_NODE_PROCESS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "loop/event_loop.h"
#include "net/error.h"
#include "net/server.h"
#include "net/socket.h"
#include "net/stack.h"
#include "tests/net/back_end.h"
#include "tests/net/node_trace.h"
#include "tests/net/system_call_log.h"

namespace simloop::net {

class NodeProcess final {
 public:
  // `traced`: with the system calls and the loop's events among the lines, as
  // in the recorded traces of v0.1.96.
  NodeProcess(BackEnd& back_end, loop::Discipline discipline,
              bool traced = false);

  // "  7 client   data "hello""; `actor` is padded to 8.
  template <typename... Parts>
  void Log(absl::string_view actor, const Parts&... parts) {
    Line(actor, absl::StrCat(parts...));
  }
  // Until nothing is left; then a line "process exit". Answers all lines.
  std::string Run();

  // Print all events of an object. `data`: also 'data' (and let it flow);
  // `attempts`: also those on the way to 'connect'; `error`: also 'error'.
  void Watch(const std::shared_ptr<Socket>& socket, std::string actor,
             bool data = true, bool attempts = false, bool error = true);
  void Watch(const std::shared_ptr<Server>& server, std::string actor);
  // A port of 127.0.0.1 on which nobody listens.
  uint16_t UnusedPort();

  loop::EventLoop& loop() { return loop_; }
  Stack& stack() { return stack_; }
  const std::string& text() const { return text_; }
  // Of v0.1.96: its system calls as strace(1) writes them, unaligned.
  std::string system_calls() const { return Unaligned(calls_.text()); }

 private:
  loop::Kernel& KernelOf(BackEnd& back_end, loop::Discipline discipline,
                         bool traced);
  static Stack::Options OptionsFor(BackEnd& back_end);
  void WatchAttempts(Socket& socket, std::string actor);
  void Line(absl::string_view actor, absl::string_view rest);

  BackEnd& back_end_;
  const bool modern_;
  std::string text_;
  SystemCallLog calls_;
  NodeTrace trace_;
  loop::EventLoop loop_;
  Stack stack_;
  int lines_ = 0;
};

// What Node printed: a file of tests/net/cases, "v20/01-echo-both-end.out".
std::string Recorded(absl::string_view name);
// As Node decodes what is no UTF-8: each byte is U+FFFD.
std::string Utf8(absl::string_view bytes);
// As JSON.stringify() writes a string.
std::string Quoted(absl::string_view text);
// "ECONNREFUSED syscall=connect", "EPIPE \"message\"".
std::string Described(const Error& error);
inline absl::string_view Bool(bool value) { return value ? "true" : "false"; }

}  // namespace simloop::net

#endif  // TESTS_NET_NODE_PROCESS_H_
