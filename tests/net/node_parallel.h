// What Node's own tests of test/parallel share here: a server of 127.0.0.1, a
// client of it, and a look-up that answers in the next tick.
#ifndef TESTS_NET_NODE_PARALLEL_H_
#define TESTS_NET_NODE_PARALLEL_H_

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "tests/net/net_test.h"

namespace simloop::net {

// Calls `then` with its port when it listens.
inline std::shared_ptr<Server> Serve(NodeProcess& process,
                                     Server::Options options,
                                     Server::ConnectionListener listener,
                                     std::function<void(uint16_t port)> then) {
  const auto server =
      Server::Create(process.stack(), options, std::move(listener));
  Server* const s = server.get();
  s->on.listening([s, then] { then(s->address()->port); });
  s->Listen(0, "127.0.0.1");
  return server;
}

inline std::shared_ptr<Socket> To(NodeProcess& process, uint16_t port) {
  return Connect(process.stack(), port, "127.0.0.1");
}

inline LookupFunction Answers(NodeProcess& process,
                              std::vector<const char*> texts) {
  std::vector<loop::Ip> addresses;
  for (const char* text : texts) addresses.push_back(*loop::Ip::Parse(text));
  return [&process, addresses](absl::string_view, AddressFamily,
                               ResolveCallback done) {
    process.loop().NextTick([done = std::move(done), addresses]() mutable {
      done(Resolution{"", addresses});
    });
  };
}

}  // namespace simloop::net

#endif  // TESTS_NET_NODE_PARALLEL_H_
