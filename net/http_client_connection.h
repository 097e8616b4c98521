// ClientConnection: what a client's connection makes of its bytes, for one
// request after the other. Not for programs.
#ifndef NET_HTTP_CLIENT_CONNECTION_H_
#define NET_HTTP_CLIENT_CONNECTION_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "net/http_agent.h"
#include "net/http_client.h"
#include "net/http_parser.h"
#include "net/protocol.h"
#include "net/socket.h"

namespace simloop::net::http {

class ClientConnection final
    : public Protocol,
      public std::enable_shared_from_this<ClientConnection> {
 public:
  // That of `socket`, made if it has none. `agent` may be null.
  static std::shared_ptr<ClientConnection> Of(Socket& socket,
                                              std::shared_ptr<Agent> agent);
  ClientConnection(Socket& socket, std::shared_ptr<Agent> agent);

  // From now on what comes is the response to `request`.
  void Serve(std::shared_ptr<ClientRequest> request);
  // The connection is free.
  void Release();

  void OnData(absl::string_view data) override;
  void OnEnd() override;
  void OnDrain() override;
  void OnError(const Error& error) override;
  void OnClose(bool had_error) override;
  void OnTimeout() override;

 private:
  Parser::Rest OnMessage(const std::shared_ptr<IncomingMessage>& response);
  void ListenBehind();
  void HearEnd();
  void HearError(const Error& error);
  void HearClose();

  Socket& socket_;  // that keeps this alive
  const std::shared_ptr<Agent> agent_;
  std::shared_ptr<ClientRequest> request_;
  Parser parser_;
  bool complete_ = false;  // the response is; what follows is not of it
  bool served_ = false;    // a request before this one
  // It hears of the socket's end by listeners, which stand behind those that
  // the program had added before.
  bool behind_ = false;
  ListenerId end_ = 0;
  ListenerId error_ = 0;
  ListenerId close_ = 0;
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_CLIENT_CONNECTION_H_
