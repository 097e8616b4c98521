// The fixture of the recorded http programs of Node 20.
#ifndef TESTS_NET_V20_HTTP_H_
#define TESTS_NET_V20_HTTP_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "net/http_client.h"
#include "net/http_headers.h"
#include "net/http_server.h"
#include "tests/net/http_watch.h"
#include "tests/net/net_test.h"
#include "tests/net/recorded_case.h"

namespace simloop::net {

using Request = std::shared_ptr<http::IncomingMessage>;
using Response = std::shared_ptr<http::ServerResponse>;

// As JSON.stringify() writes `headers`, and `rawHeaders`.
inline std::string Object(const http::Headers& headers) {
  return absl::StrCat(
      "{",
      absl::StrJoin(headers.fields(), ",",
                    [](std::string* out, const http::Headers::Field& f) {
                      absl::StrAppend(out, Quoted(f.name), ":",
                                      Quoted(f.value));
                    }),
      "}");
}
inline std::string Array(const http::Headers& headers) {
  return absl::StrCat(
      "[",
      absl::StrJoin(headers.fields(), ",",
                    [](std::string* out, const http::Headers::Field& f) {
                      absl::StrAppend(out, Quoted(f.name), ",",
                                      Quoted(f.value));
                    }),
      "]");
}

class V20Http : public ModernNet {
 protected:
  // A server whose events are printed.
  std::shared_ptr<http::Server> Serve(
      http::Server::RequestListener listener,
      http::Server::Options options = http::Server::Options()) {
    auto server =
        http::Server::Create(process.stack(), options, std::move(listener));
    process.Watch(server->net(), "server");
    return server;
  }
  http::RequestOptions To(const std::shared_ptr<http::Server>& server,
                          const std::string& path = "/") {
    http::RequestOptions options;
    options.port = server->address()->port;
    options.path = path;
    return options;
  }
  std::shared_ptr<Socket> ConnectTo(
      const std::shared_ptr<http::Server>& server) {
    return Connect(process.stack(), server->address()->port, "127.0.0.1");
  }
  template <typename T>
  void WatchErrors(const std::shared_ptr<T>& object, const std::string& actor) {
    object->on.error([this, actor](const Error& error) {
      process.Log(actor, "error ", Described(error));
    });
  }
  void WatchEvents(Socket& socket) {
    WatchEvent(process, socket.on.end, "s.sock", "end");
    WatchEvent(process, socket.on.finish, "s.sock", "finish");
    socket.on.close([this](bool) { process.Log("s.sock", "close"); });
  }
};

}  // namespace simloop::net

#endif  // TESTS_NET_V20_HTTP_H_
