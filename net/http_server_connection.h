// ServerConnection: one connection of an http::Server: its parser, and its
// requests with their responses, in order. Not for programs.
#ifndef NET_HTTP_SERVER_CONNECTION_H_
#define NET_HTTP_SERVER_CONNECTION_H_

#include <cstddef>
#include <memory>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "loop/instant.h"
#include "net/http_incoming.h"
#include "net/http_parser.h"
#include "net/http_response.h"
#include "net/http_server.h"
#include "net/protocol.h"
#include "net/socket.h"

namespace simloop::net::http {

class ServerConnection final
    : public Protocol,
      public std::enable_shared_from_this<ServerConnection> {
 public:
  // The socket keeps its connection alive.
  static void Start(std::shared_ptr<Server> server,
                    std::shared_ptr<Socket> socket);
  ServerConnection(std::shared_ptr<Server> server,
                   std::shared_ptr<Socket> socket);
  ~ServerConnection() override;

  // v0.1.96: lets the first response write, and the next ones as far as it is
  // their turn.
  void FlushOld();
  // Modern: the response at the head is with the kernel.
  void OnResponseFinished(ServerResponse& response);
  // Between two requests, and nothing more is to be written.
  bool idle() const;
  // Its request has taken longer to come than the server allows.
  bool Expired(loop::Instant now) const;
  // In the order in which all are closed.
  bool ComesBefore(const ServerConnection& other) const;
  void OnRequestTimeout();
  void OnIdleForTooLong();
  std::shared_ptr<ServerConnection> Handle() { return shared_from_this(); }
  void Destroy() { socket_->Destroy(); }

  void OnData(absl::string_view data) override;
  void OnEnd() override;
  void OnDrain() override;
  void OnError(const Error& error) override;
  void OnClose(bool had_error) override;
  void OnTimeout() override;

 private:
  friend class Server;
  // Requests whose answers wait, beyond which no more are read. Node has no
  // such bound but that on the bytes that wait.
  static constexpr size_t kMostExchanges = 1000;

  struct Exchange {
    std::shared_ptr<IncomingMessage> request;
    std::shared_ptr<ServerResponse> response;
  };

  Parser::Rest OnMessage(const std::shared_ptr<IncomingMessage>& request);
  void Announce(const std::shared_ptr<IncomingMessage>& request,
                const std::shared_ptr<ServerResponse>& response);
  bool AnnounceExpecting(const std::shared_ptr<IncomingMessage>& request,
                         const std::shared_ptr<ServerResponse>& response);
  void TakeOver();
  void LeaveAnswers();
  void NoteReceiving();
  void BeginIdle();
  bool EndIdle();
  void DropFirst() {
    if (exchanges_.size() == 1) {
      exchanges_.clear();
    } else {
      exchanges_.erase(exchanges_.begin());
    }
  }
  void EmitCloses(const Exchange& done);
  void PauseIfFlooded();
  void OnPending(std::ptrdiff_t bytes);
  void OnParseError(const Error& error);
  void AbortRequests();
  void Leave();

  const std::shared_ptr<Server> server_;
  const std::shared_ptr<Socket> socket_;
  const Quirks& quirks_;
  Parser parser_;
  // Mostly one; to take the first out of many costs less than their answers.
  absl::InlinedVector<Exchange, 1> exchanges_;
  size_t place_ = 0;  // in the server's list
  // Of the responses that wait for their turn.
  std::ptrdiff_t pending_bytes_ = 0;
  loop::Instant receiving_since_;
  // In the server's list of idle connections.
  loop::Instant idle_due_;
  ServerConnection* idle_before_ = nullptr;
  ServerConnection* idle_after_ = nullptr;
  uint32_t number_ = 0;  // of the server's connections
  // The socket's newest listener when the response at the head got it.
  ListenerId answering_since_ = 0;
  int requests_ = 0;
  bool held_ = false;  // reading waits until the output has shrunk
  bool receiving_ = false;
  bool is_idle_ = false;
  bool taken_over_ = false;  // by a listener of 'upgrade'
  bool left_ = false;        // the server's list
  bool had_error_ = false;   // the server has heard of an error
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_SERVER_CONNECTION_H_
