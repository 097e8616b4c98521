// Parser: makes IncomingMessages of the bytes of a connection, by llhttp
// (https://llhttp.org), the parser of Node, as strict as Node's is. It reads
// nothing itself.
#ifndef NET_HTTP_PARSER_H_
#define NET_HTTP_PARSER_H_

#include <cstddef>
#include <cstdint>
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
  struct Limits {
    // All of a head, or of a chunk's extensions (--max-http-header-size).
    size_t head_bytes = 16 * 1024;
    // What more of them there are is dropped; 0: no limit (maxHeadersCount).
    size_t fields = 1000;
  };
  // What follows a head: the body that it announces; none, whatever it says
  // (RFC 9112 section 6.3); or bytes that are no http any more.
  enum class Rest { kBody, kNothing, kOtherProtocol };
  // A message whose head is complete; its body is reported to the message.
  using OnMessage =
      absl::AnyInvocable<Rest(const std::shared_ptr<IncomingMessage>&)>;

  // `socket` is what the messages say they came over.
  Parser(Kind kind, std::weak_ptr<Socket> socket, Limits limits,
         OnMessage on_message);
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // All that `data` makes complete is reported inside the call. What a callback
  // throws is thrown on, and is the end of the parser. nullopt: all is well.
  // Node's error: HPE_INVALID_METHOD "Parse Error: ...". After an error each
  // call answers it again. v0.1.96: "Parse Error"; and what a callback throws
  // is thrown on, the rest of `data` is lost, and the parser goes on from where
  // it was before the call.
  std::optional<Error> Execute(absl::string_view data);
  // The connection has ended: completes a body that lasts until then. After an
  // error there is no other.
  std::optional<Error> Finish();
  // For a new message on the same connection.
  void Reset(Limits limits);

  // After an Execute() that met Rest::kOtherProtocol: what followed the head.
  bool upgraded() const { return upgraded_; }
  absl::string_view after_upgrade() const { return after_upgrade_; }
  // Inside a message, or before the first one.
  bool busy() const { return busy_; }
  // Messages that have begun, and those whose heads are complete.
  uint64_t begun() const { return begun_; }
  uint64_t heads() const { return heads_; }
  // The message it is in; of responses, and of what was upgraded, the one it
  // was in last. Else null.
  const std::shared_ptr<IncomingMessage>& message() const { return message_; }

 private:
  static Parser& Of(llhttp_t* parser) {
    return *static_cast<Parser*>(parser->data);
  }
  static const llhttp_settings_t& Settings();
  static llhttp_settings_t MakeSettings();
  // Runs `f`, and keeps what it throws: no exception may cross llhttp.
  template <typename F>
  static int Guard(llhttp_t* parser, F&& f);

  int Begin();
  int OnUrl(absl::string_view piece);
  int OnVersion(const char* end);
  bool AfterPiece();
  int OnStatus(absl::string_view piece);
  int RefuseStatus();
  int RefuseLine();
  int OnName(absl::string_view piece);
  int OnNameComplete();
  int OnValue(absl::string_view piece);
  int OnValueComplete();
  int OnHead();
  int OnComplete();
  int OnChunk();
  int OnExtension(size_t bytes);
  // Counts bytes of the head.
  int Track(size_t bytes);
  int Refuse(absl::string_view code, absl::string_view reason);
  // A field that goes on in the next line (obs-fold).
  int RefuseFold();
  // What llhttp of this version lets pass, and Node's does not.
  bool BeginsBadly() const;
  bool EndsBadly() const;
  Error MadeError(llhttp_errno_t code) const;
  // An error of what comes, or none: as in Node nobody hears of it behind a
  // head that asks for an upgrade, until another head has come.
  std::optional<Error> Told() const {
    if (quiet_) return std::nullopt;
    return *error_;
  }
  std::optional<Error> Outcome(llhttp_errno_t code);
  Rest RestOfOldResponse();

  static bool IsBlank(char c) { return c == ' ' || c == '\t'; }
  // What Node says of a program that threw in a piece of a body.
  static constexpr char kThrew[] = "JS Exception";

  llhttp_t parser_;
  const std::weak_ptr<Socket> socket_;
  const bool old_;  // v0.1.96's
  Limits limits_;
  OnMessage on_message_;
  std::shared_ptr<IncomingMessage> message_;
  Headers* fields_ = nullptr;  // where a field goes: the head's, or trailers
  std::exception_ptr thrown_;
  std::unique_ptr<const Error> error_;  // what was refused
  absl::string_view data_;              // of the Execute() under way
  absl::string_view after_upgrade_;
  const char* value_end_ = nullptr;  // of the last piece of a field's value
  size_t head_bytes_ = 0;
  size_t extension_bytes_ = 0;
  uint64_t begun_ = 0;
  uint64_t heads_ = 0;
  bool tick_threw_ = false;  // after a piece of a body
  bool quiet_ = false;       // errors are not told: see Told()
  bool busy_ = true;
  bool upgraded_ = false;
  bool in_fields_ = false;      // of the head, or the trailers
  bool in_name_ = false;        // of a field
  bool in_value_ = false;       // a piece of it has come
  bool version_ended_ = false;  // with the data: a CR is to come
  bool status_ended_ = false;   // likewise, of a status line
  bool line_ended_ = false;     // with the data
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_PARSER_H_
