// Protocol: who reads a socket besides its listeners. An interface because
// http's server and client do: the ondata and onend hooks of Node v0.1.96, the
// socket that llhttp consumes in a modern one. Not for programs.
#ifndef NET_PROTOCOL_H_
#define NET_PROTOCOL_H_

#include "absl/strings/string_view.h"
#include "net/error.h"

namespace simloop::net {

class Protocol {
 public:
  virtual ~Protocol() = default;
  // What was read; 'data' listeners have had it (v0.1.96), or do not get it.
  virtual void OnData(absl::string_view data) = 0;
  // The peer's FIN: next to 'end'.
  virtual void OnEnd() = 0;
  virtual void OnDrain() = 0;
  // Stands for an 'error' listener: the error is not thrown.
  virtual void OnError(const Error& error) = 0;
  // Before the listeners of 'close'.
  virtual void OnClose(bool had_error) = 0;
  // Before the listeners of 'timeout'.
  virtual void OnTimeout() = 0;
};

}  // namespace simloop::net

#endif  // NET_PROTOCOL_H_
