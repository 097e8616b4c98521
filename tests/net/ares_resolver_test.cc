// Names asked for by c-ares, of a name server (RFC 1035) that is a socket of
// the same loop. Live.
#include "net/ares_resolver.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "net/datagram_socket.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

// Knows two names; the one it does not answer is "silent.test".
class NameServer final {
 public:
  explicit NameServer(Stack& stack) : socket_(DatagramSocket::Create(stack)) {
    socket_->on.message(
        [this](absl::string_view query, const loop::Address& from) {
          const std::string answer = Answer(std::string(query));
          if (answer.empty()) return;
          socket_->Send(answer, from.port, from.ip.ToString());
        });
    socket_->Bind(0, "127.0.0.1");
  }
  void OnListening(std::function<void(uint16_t)> task) {
    socket_->on.listening([this, task] { task(socket_->address().port); });
  }
  void Close() { socket_->Close(); }

 private:
  // The question's own header and name, with two A records, or none.
  static std::string Answer(const std::string& query) {
    std::string name;
    size_t at = 12;
    while (query[at] != 0) {
      const size_t length = static_cast<unsigned char>(query[at]);
      name += query.substr(at + 1, length) + ".";
      at += 1 + length;
    }
    if (name == "silent.test.") return "";
    const std::string type = query.substr(at + 1, 2);
    const bool has_records =
        name == "two.test." && type == std::string("\0\1", 2);
    std::string answer = query.substr(0, 2);
    answer += has_records || name == "two.test." ? "\x81\x80" : "\x81\x83";
    answer += std::string("\0\1", 2);
    answer += std::string(has_records ? "\0\2" : "\0\0", 2);
    answer += std::string("\0\0\0\0", 4);
    answer += query.substr(12, at + 5 - 12);
    if (!has_records) return answer;
    for (const char last : {'\1', '\2'}) {
      answer += std::string("\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0", 15);
      answer += last;
    }
    return answer;
  }

  std::shared_ptr<DatagramSocket> socket_;
};

TEST(AresResolver, AnswersFromTheLoop) {
  const auto back_end = LiveBackEnd().make();
  NodeProcess process(*back_end, loop::Discipline::kModern);
  NameServer names(process.stack());
  std::unique_ptr<AresResolver> resolver;
  std::map<std::string, std::string> answers;
  bool inside = false;  // of Resolve()
  names.OnListening([&](uint16_t port) {
    AresResolver::Options options;
    options.servers = absl::StrCat("127.0.0.1:", port);
    options.timeout = absl::Milliseconds(50);
    options.tries = 1;
    resolver = std::make_unique<AresResolver>(process.loop(), options);
    for (const char* name : {"two.test", "none.test", "silent.test"}) {
      inside = true;
      resolver->Resolve(name, AddressFamily::kAny,
                        [&, name](const Resolution& resolution) {
                          EXPECT_FALSE(inside);
                          std::string& text = answers[name];
                          text = resolution.error;
                          for (const loop::Ip& ip : resolution.addresses) {
                            text += ip.ToString() + " ";
                          }
                          if (answers.size() == 3) names.Close();
                        });
      inside = false;
    }
  });
  process.Run();
  resolver.reset();
  EXPECT_TRUE(answers["two.test"] == "127.0.0.1 127.0.0.2 " ||
              answers["two.test"] == "127.0.0.2 127.0.0.1 ")
      << answers["two.test"];
  EXPECT_EQ(answers["none.test"], "ENOTFOUND");
  EXPECT_EQ(answers["silent.test"], "EAI_AGAIN");
}

TEST(AresResolver, LetsASocketConnectByName) {
  const auto back_end = LiveBackEnd().make();
  NodeProcess process(*back_end, loop::Discipline::kModern);
  NameServer names(process.stack());
  std::string got;
  std::unique_ptr<Stack> stack;
  const auto server = Server::Create(
      process.stack(),
      [](const std::shared_ptr<Socket>& socket) { socket->End("hello"); });
  names.OnListening([&](uint16_t dns) {
    AresResolver::Options options;
    options.servers = absl::StrCat("127.0.0.1:", dns);
    Stack::Options with;
    with.resolver = std::make_shared<AresResolver>(process.loop(), options);
    stack = std::make_unique<Stack>(process.loop(), with);
    server->Listen(0, "127.0.0.1");
  });
  server->on.listening([&] {
    const auto client = Connect(*stack, server->address()->port, "two.test");
    client->on.data([&](absl::string_view data) { got += std::string(data); });
    client->on.error([](const Error& e) { ADD_FAILURE() << e.message(); });
    client->on.close([&](bool) {
      server->Close();
      names.Close();
    });
  });
  process.Run();
  stack.reset();
  EXPECT_EQ(got, "hello");
}

}  // namespace
}  // namespace simloop::net
