// The fixture of the programs of Node 20 that are written and recorded here.
#ifndef TESTS_NET_V20_PROGRAM_H_
#define TESTS_NET_V20_PROGRAM_H_

#include <exception>
#include <functional>
#include <map>
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
  // What a socket says of itself: each property of Node's in a letter or two.
  static std::string State(const Socket& s) {
    const auto flag = [](absl::string_view name, bool value) {
      return absl::StrCat(" ", name, value ? "1" : "0");
    };
    const Error* const e = s.errored();
    const auto flowing = s.readable_flowing();
    return absl::StrCat(
        s.ready_state(), flag("c", s.connecting()), flag("p", s.pending()),
        flag("d", s.destroyed()), flag("r", s.readable()),
        flag("w", s.writable()), flag("re", s.readable_ended()),
        flag("we", s.writable_ended()), flag("wf", s.writable_finished()),
        flag("nd", s.writable_need_drain()), flag("cl", s.closed()), " er",
        e == nullptr           ? "-"
        : e->code() == "Error" ? e->message()
                               : e->code(),
        " fl",
        !flowing.has_value() ? "n"
        : *flowing           ? "1"
                             : "0",
        " rl", s.readable_bytes(), " wl", s.writable_bytes(), " br",
        s.bytes_read(), " bw", s.bytes_written());
  }
  // Prints all events of a socket but 'data', with its state.
  void WatchStates(const SocketHandle& socket, const std::string& actor) {
    Socket* const s = socket.get();
    const auto watch = [&](auto& event, const std::string& name) {
      event(
          [this, s, actor, name] { process.Log(actor, name, " ", State(*s)); });
    };
    watch(s->on.connect, "connect");
    watch(s->on.ready, "ready");
    watch(s->on.end, "end");
    watch(s->on.finish, "finish");
    watch(s->on.drain, "drain");
    watch(s->on.timeout, "timeout");
    watch(s->on.pause, "pause");
    watch(s->on.resume, "resume");
    s->on.error([this, s, actor](const Error& e) {
      process.Log(actor, "error ", Described(e), " ", State(*s));
    });
    s->on.close([this, s, actor](bool had_error) {
      process.Log(actor, "close ", Bool(had_error), " ", State(*s));
    });
  }
  // A callback of write() or end() that prints the state, too.
  auto Stated(const SocketHandle& socket, std::string actor, std::string name) {
    return [this, s = socket.get(), actor, name](const Error* error) {
      process.Log(actor, "cb ", name, " ",
                  error == nullptr ? "null" : Described(*error), " ",
                  State(*s));
    };
  }
  // The callback of the kind Node calls without arguments.
  template <typename Then>
  static auto Plain(Then then) {
    return [then](const Error*) { then(); };
  }
  void After(int ms, loop::Task task) {
    process.loop().SetTimeout(absl::Milliseconds(ms), std::move(task));
  }
  void Immediate(loop::Task task) {
    process.loop().SetImmediate(std::move(task));
  }
  void Tick(loop::Task task) { process.loop().NextTick(std::move(task)); }
  // Node's 'uncaughtException', whose listener prints the message behind `name`.
  void LogUncaught(std::function<void(const Error&)> then = nullptr,
                   const std::string& name = "uncaught") {
    process.loop().SetUncaughtHandler(
        [this, then, name](std::exception_ptr thrown) {
          try {
            std::rethrow_exception(thrown);
          } catch (const Error& error) {
            process.Log("process", name, " ", error.message());
            if (then != nullptr) then(error);
          }
        });
  }
  void LogExceptions() { LogUncaught(nullptr, "uncaughtException"); }
  [[noreturn]] static void Throw(absl::string_view message) {
    throw Error("", message);
  }
  // Numbers the connections of `server`, and tells when one has gone.
  void Number(const std::shared_ptr<http::Server>& server) {
    server->on.connection([this](const SocketHandle& s) {
      const int k = ++connections_;
      numbers_[s.get()] = k;
      s->on.close([this, k](bool) { process.Log("srv", "gone ", k); });
    });
  }
  int NumberOf(const Request& q) { return numbers_[q->socket().get()]; }

 private:
  int connections_ = 0;
  // Looked up only: which of the connections a socket is.
  std::map<const Socket*, int> numbers_;
};

}  // namespace simloop::net

#endif  // TESTS_NET_V20_PROGRAM_H_
