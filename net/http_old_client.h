// OldClient: http.Client of Node v0.1.96, which serves its requests one by one,
// each over a connection of its own, and says little when one fails. REQUIRES:
// a stack of v0.1.96; what a modern Node has is ClientRequest.
#ifndef NET_HTTP_OLD_CLIENT_H_
#define NET_HTTP_OLD_CLIENT_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "net/error.h"
#include "net/event.h"
#include "net/http_headers.h"
#include "net/http_incoming.h"
#include "net/http_outgoing.h"
#include "net/http_parser.h"
#include "net/protocol.h"
#include "net/socket.h"

namespace simloop::net::http {

class OldClient;

// Its request. What becomes of it is told by 'response' alone: it has no
// 'error' and no 'close'.
class OldRequest final : public std::enable_shared_from_this<OldRequest> {
 public:
  using ResponseListener =
      absl::AnyInvocable<void(const std::shared_ptr<IncomingMessage>&)>;
  struct Events {
    Event<> sent;  // all has been given to the connection
    Event<const std::shared_ptr<IncomingMessage>&> response;
  };

  // Made by OldClient.
  OldRequest(std::shared_ptr<OldClient> client, Stack& stack,
             absl::string_view method, absl::string_view path,
             const Headers& headers);

  // Kept until the connection is this request's. The first is kept in any case,
  // until the second, End() or Flush().
  void Write(absl::string_view data);
  // The client connects, if it has not. Nothing keeps it from ending twice.
  void End();
  // request.flush().
  void Flush();

  Events on;

 private:
  friend class OldClient;

  const std::weak_ptr<OldClient> client_;
  Outgoing out_;
  bool flushing_ = false;  // the first piece has been kept
};

class OldClient final : public Resident,
                        public Protocol,
                        public std::enable_shared_from_this<OldClient> {
 public:
  // net.Stream's, of the connection of the moment.
  struct Events {
    Event<> connect;
    Event<absl::string_view> data;  // all that comes, before it is parsed
    Event<> end;
    Event<> drain;
    Event<> timeout;
    Event<const Error&> error;  // thrown if nobody listens; 'close' is lost
    Event<bool> close;
  };

  // http.createClient(port, host): opens nothing.
  static std::shared_ptr<OldClient> Create(Stack& stack, uint16_t port,
                                           absl::string_view host = "");
  ~OldClient();
  OldClient(const OldClient&) = delete;
  OldClient& operator=(const OldClient&) = delete;

  // client.request(). Connection: close is sent, unless `headers` say
  // otherwise; Host is not.
  std::shared_ptr<OldRequest> Request(absl::string_view method,
                                      absl::string_view path,
                                      const Headers& headers = {});
  // net.Stream's, of the connection of the moment.
  void Destroy() { socket_->Destroy(); }
  void Destroy(const Error& error) { socket_->Destroy(error); }
  void End() { socket_->End(); }
  void Pause() { socket_->Pause(); }
  void Resume() { socket_->Resume(); }
  // Of each connection from now on.
  void SetTimeout(absl::Duration idle);
  absl::string_view ready_state() const { return socket_->ready_state(); }
  // Another one for each connection.
  const std::shared_ptr<Socket>& socket() const { return socket_; }

  // response.upgradeHead: what came behind the head of a response with Upgrade.
  absl::string_view upgrade_head() const { return upgrade_head_; }

  Events on;

  // For net's own use.
  void Flush(OldRequest& request);
  void OnData(absl::string_view data) override;
  void OnEnd() override;
  void OnDrain() override { on.drain.Emit(); }
  void OnError(const Error& error) override;
  void OnClose(bool had_error) override;
  void OnTimeout() override { on.timeout.Emit(); }
  void Abandon();

 private:
  OldClient(Stack& stack, uint16_t port, absl::string_view host);
  void Connect();
  void OnConnected();
  void TakeOver();
  Parser::Rest OnMessage(const std::shared_ptr<IncomingMessage>& response);

  Stack* stack_;  // null once abandoned
  const uint16_t port_;
  const std::string host_;
  std::shared_ptr<Socket> socket_;
  std::unique_ptr<Parser> parser_;
  std::deque<std::shared_ptr<OldRequest>> requests_;
  std::shared_ptr<OldRequest> current_;
  absl::Duration idle_ = absl::ZeroDuration();
  std::string upgrade_head_;
  bool taken_over_ = false;  // its response was an upgrade
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_OLD_CLIENT_H_
