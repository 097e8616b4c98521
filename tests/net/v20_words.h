// The fixture of the programs of Node 20 that print what errors say, word for
// word.
#ifndef TESTS_NET_V20_WORDS_H_
#define TESTS_NET_V20_WORDS_H_

#include <cctype>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "net/datagram_socket.h"
#include "tests/net/v20_program.h"

namespace simloop::net {

class V20WordsProgram : public V20Program {
 protected:
  using Done = std::function<void()>;
  using Datagram = std::shared_ptr<DatagramSocket>;

  // With the ports and the paths of all runs.
  std::string Usual(absl::string_view text) const {
    std::string usual;
    for (size_t i = 0; i < text.size();) {
      if (absl::StartsWith(text.substr(i), kPath)) {
        usual += "TMP";
        i += sizeof kPath - 1;
        continue;
      }
      size_t end = i;
      while (end < text.size() && std::isdigit(text[end]) && end - i < 5) ++end;
      if (end - i < 4) {
        usual += text[i++];
        continue;
      }
      const absl::string_view number = text.substr(i, end - i);
      usual += number == absl::StrCat(port) ? "PORT"
               : udp != nullptr && number == absl::StrCat(udp->address().port)
                   ? "UDP"
                   : "N";
      i = end;
    }
    return usual;
  }
  std::string Full(const Error& e) const {
    const auto shown = [](const std::string& text) {
      return text.empty() ? std::string("-") : text;
    };
    const bool coded = e.code() != "Error";
    return absl::StrJoin({coded ? shown(e.code()) : "-", Usual(e.message()),
                          shown(e.syscall()), Usual(shown(e.address())),
                          e.port() == 0 ? "-" : Usual(absl::StrCat(e.port()))},
                         " | ");
  }
  void Tell(const std::string& kind, const std::string& name, const Error& e) {
    process.Log(kind, name, ": ", Full(e));
  }
  auto Telling(const std::string& name) {
    return [this, name](const Error* e) {
      if (e == nullptr) {
        process.Log("cb", name, ": ok");
      } else {
        Tell("cb", name, *e);
      }
    };
  }
  void Try(const std::string& name, const std::function<void()>& f) {
    try {
      f();
      process.Log("ok", name);
    } catch (const Error& e) {
      Tell("throws", name, e);
    }
  }
  // One after the other, each until it is done.
  void Step(std::function<void(const Done&)> step) {
    steps.push_back(std::move(step));
  }
  void Go(size_t i) {
    if (i == steps.size()) {
      server->Close();
      if (unix_server != nullptr) unix_server->Close();
      if (udp != nullptr) udp->Close();
      return;
    }
    steps[i]([this, i, over = std::make_shared<bool>(false)] {
      if (!std::exchange(*over, true)) After(5, [this, i] { Go(i + 1); });
    });
  }
  // What most of them connect to.
  void Serve() {
    server = Server::Create(process.stack(), [](const SocketHandle& s) {
      s->on.error([](const Error&) {});
      s->on.end([s = s.get()] { s->End(); });
      s->Resume();
    });
    server->on.listening([this] {
      port = server->address()->port;
      Go(0);
    });
  }

  static constexpr char kPath[] = "/words";
  std::vector<std::function<void(const Done&)>> steps;
  std::shared_ptr<Server> server;
  std::shared_ptr<Server> unix_server;
  Datagram udp;
  uint16_t port = 0;
};

}  // namespace simloop::net

#endif  // TESTS_NET_V20_WORDS_H_
