// Parser: makes IncomingMessages of the bytes of a connection, by llhttp
// (https://llhttp.org), the parser of Node. It reads nothing itself.
#ifndef NET_HTTP_PARSER_H_
#define NET_HTTP_PARSER_H_

#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "llhttp.h"
#include "net/error.h"
#include "net/http_incoming.h"

namespace simloop::net::http {

class Parser final {
 public:
  enum class Kind { kRequests, kResponses };
  // A message whose head is complete; its body is reported to the message.
  // Answers whether it has no body whatever its head says (RFC 9112 sec. 6.3).
  using OnMessage =
      absl::AnyInvocable<bool(const std::shared_ptr<IncomingMessage>&)>;

  // `socket` is what the messages say they came over.
  Parser(Kind kind, std::weak_ptr<Socket> socket, OnMessage on_message);
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // All that `data` makes complete is reported inside the call. What a callback
  // throws is thrown on, and is the end of the parser. nullopt: all is well.
  // Node's error: HPE_INVALID_METHOD "Parse Error: ...".
  std::optional<Error> Execute(absl::string_view data);
  // The connection has ended: completes a body that lasts until then.
  std::optional<Error> Finish();
  // For a new message on the same connection.
  void Reset();

  // Inside a message, or before the first one.
  bool busy() const { return busy_; }
  // The message it is in, or was in last; null before the first.
  const std::shared_ptr<IncomingMessage>& message() const { return message_; }

 private:
  static Parser& Of(llhttp_t* parser) {
    return *static_cast<Parser*>(parser->data);
  }
  static const llhttp_settings_t& Settings();
  // Runs `f`, and keeps what it throws: no exception may cross llhttp.
  template <typename F>
  static int Guard(llhttp_t* parser, F&& f);
  void Begin();
  void AddField();
  int HeadComplete();
  std::optional<Error> Outcome(llhttp_errno_t code);

  llhttp_t parser_;
  const std::weak_ptr<Socket> socket_;
  OnMessage on_message_;
  std::shared_ptr<IncomingMessage> message_;
  std::string field_;
  std::string value_;
  std::exception_ptr thrown_;
  bool busy_ = true;
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_PARSER_H_
