// The fixture of the programs of Node 20 that are written and recorded here.
#ifndef TESTS_NET_V20_PROGRAM_H_
#define TESTS_NET_V20_PROGRAM_H_

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "tests/net/v20_http.h"

namespace simloop::net {

using SocketHandle = std::shared_ptr<Socket>;

class V20Program : public V20Http {
 protected:
  // A callback of write(), end() or close(), printed: "cb name null". `none`:
  // what Node hands over when there is no error.
  auto Called(std::string actor, std::string name, std::string none = "null") {
    return [this, actor, name, none](const Error* error) {
      process.Log(actor, "cb ", name, " ",
                  error == nullptr ? none : Described(*error));
    };
  }
  // A callback of server.close(), printed: "name undefined".
  auto Answered(std::string actor, std::string name) {
    return [this, actor, name](const Error* error) {
      process.Log(actor, name, " ",
                  error == nullptr ? "undefined" : Described(*error));
    };
  }
  SocketHandle Dial(Server& server) {
    return Connect(process.stack(), server.address()->port, "127.0.0.1");
  }
  SocketHandle Dial(Server& server, const std::string& actor,
                    bool data = true) {
    const SocketHandle socket = Dial(server);
    process.Watch(socket, actor, data);
    return socket;
  }
  std::shared_ptr<Server> Watched(Server::ConnectionListener listener = nullptr,
                                  Server::Options options = Server::Options()) {
    const auto server =
        Server::Create(process.stack(), options, std::move(listener));
    process.Watch(server, "server");
    return server;
  }
  void After(int ms, loop::Task task) {
    process.loop().SetTimeout(absl::Milliseconds(ms), std::move(task));
  }
  void Immediate(loop::Task task) {
    process.loop().SetImmediate(std::move(task));
  }
  void Tick(loop::Task task) { process.loop().NextTick(std::move(task)); }
  // Node's 'uncaughtException', whose listener prints the message.
  void LogUncaught(std::function<void(const Error&)> then = nullptr) {
    process.loop().SetUncaughtHandler([this, then](std::exception_ptr thrown) {
      try {
        std::rethrow_exception(thrown);
      } catch (const Error& error) {
        process.Log("process", "uncaught ", error.message());
        if (then != nullptr) then(error);
      }
    });
  }
  [[noreturn]] static void Throw(absl::string_view message) {
    throw Error("", message);
  }
};

}  // namespace simloop::net

#endif  // TESTS_NET_V20_PROGRAM_H_
