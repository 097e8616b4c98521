// The fixture of http's tests after Node's own: a server, raw clients that
// keep what they read, and what was counted.
#ifndef TESTS_NET_HTTP_TEST_H_
#define TESTS_NET_HTTP_TEST_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "net/http_client.h"
#include "net/http_old_client.h"
#include "net/http_server.h"
#include "tests/net/net_test.h"

namespace simloop::net {

using Request = std::shared_ptr<http::IncomingMessage>;
using Response = std::shared_ptr<http::ServerResponse>;

// A client that speaks bytes.
struct RawClient {
  std::shared_ptr<Socket> socket;
  std::string received;
  bool ended = false;
  bool closed = false;
  std::string error;  // its code

  // How often `text` was received.
  int Count(absl::string_view text) const {
    int count = 0;
    for (size_t at = received.find(std::string(text)); at != std::string::npos;
         at = received.find(std::string(text), at + text.size())) {
      ++count;
    }
    return count;
  }
};

template <loop::Discipline kDiscipline>
class HttpTest : public PlainNetTest<kDiscipline> {
 protected:
  // Listens; `then` runs at 'listening'.
  std::shared_ptr<http::Server> Serve(
      http::Server::RequestListener listener, std::function<void()> then,
      http::Server::Options options = http::Server::Options()) {
    server = http::Server::Create(this->process.stack(), options,
                                  std::move(listener));
    server->Listen(0, "127.0.0.1");
    server->on.listening([then] { then(); });
    return server;
  }
  uint16_t port() { return server->address()->port; }
  http::RequestOptions To(const std::string& path = "/") {
    http::RequestOptions options;
    options.port = port();
    options.path = path;
    return options;
  }
  // Writes `text` as soon as it is connected; `closed` runs at 'close'.
  RawClient& Dial(const std::string& text,
                  std::function<void()> closed = nullptr) {
    clients.push_back(std::make_unique<RawClient>());
    RawClient& client = *clients.back();
    client.socket = Connect(this->process.stack(), port(), "127.0.0.1");
    Socket* const s = client.socket.get();
    s->on.connect([s, text] {
      if (!text.empty()) s->Write(text);
    });
    s->on.data([&client](absl::string_view d) {
      absl::StrAppend(&client.received, d);
    });
    s->on.end([&client] { client.ended = true; });
    s->on.error([&client](const Error& error) { client.error = error.code(); });
    s->on.close([&client, closed](bool) {
      client.closed = true;
      if (closed != nullptr) closed();
    });
    return client;
  }
  void After(int milliseconds, std::function<void()> then) {
    this->process.loop().SetTimeout(absl::Milliseconds(milliseconds),
                                    [then] { then(); });
  }
  int64_t Milliseconds() {
    return absl::ToInt64Milliseconds(this->process.loop().Now() -
                                     loop::Instant());
  }

  std::shared_ptr<http::Server> server;
  std::vector<std::unique_ptr<RawClient>> clients;
};

using ModernHttp = HttpTest<loop::Discipline::kModern>;
using OldHttp = HttpTest<loop::Discipline::kV0196>;

// Tests of v0.1.96.
class OldNodeHttp : public OldHttp {
 protected:
  // Adds up `body`; `ended` runs at 'end'.
  static void Collect(const Request& message, std::string* body,
                      std::function<void()> ended) {
    message->on.data([body](absl::string_view d) { absl::StrAppend(body, d); });
    message->on.end([ended] {
      if (ended != nullptr) ended();
    });
  }
  std::shared_ptr<http::OldClient> Client() {
    return http::OldClient::Create(process.stack(), port());
  }
  static void Answer(const Response& r, absl::string_view body) {
    r->WriteHead(200, {{"Content-Type", "text/plain"}});
    r->End(body);
  }
};

inline std::string Get(const std::string& path,
                       const std::string& fields = "") {
  return absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: x\r\n", fields, "\r\n");
}

}  // namespace simloop::net

#endif  // TESTS_NET_HTTP_TEST_H_
