// What sockets and servers of Node v0.1.96 do with descriptors: with one of the
// program's own, and where none is left.
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "loop/abi.h"
#include "loop/kernel.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

using V0196Descriptor = PlainNetTest<loop::Discipline::kV0196>;

// A descriptor of the program's own: nothing is read before resume().
TEST_P(V0196Descriptor, IsOpenedByTheProgram) {
  const auto pair =
      back_end->kernel().Socketpair(loop::Family::kUnix, loop::kSockStream, 0);
  ASSERT_TRUE(pair.ok());
  const auto a = Socket::Create(process.stack());
  const auto b = Socket::Create(process.stack());
  process.Watch(a, "a");
  process.Watch(b, "b");
  a->Open(pair->first);
  b->Open(pair->second);
  process.Log("main", a->ready_state(), " ", Bool(a->Write("hello")));
  a->End();
  After(process, 5, [&] {
    process.Log("b", "resume()");
    b->Resume();
    a->Resume();
  });
  b->on.end([&] { b->End("bye"); });
  EXPECT_EQ(process.Run(), R"(  1 main     open true
  2 b        resume()
  3 b        data "hello"
  4 b        end readyState=writeOnly
  5 b        close hadError=false readyState=closed
  6 a        data "bye"
  7 a        end readyState=closed
  8 a        close hadError=false readyState=closed
  9 process  exit
)");
}

// Of two that wait for a descriptor, one is restarted for each that is closed;
// a server that closes takes its own, but its clients are reset, and give back
// theirs.
TEST(V0196NoDescriptor, RestartsWhoWaitsForOne) {
  const auto back_end = SimulatedWith(10);
  NodeProcess process(*back_end, loop::Discipline::kV0196);
  std::vector<std::shared_ptr<Server>> servers;
  std::vector<std::shared_ptr<Socket>> held;
  for (int i = 0; i < 2; ++i) {
    servers.push_back(Server::Create(process.stack()));
    servers[i]->on.connection([&, i](const std::shared_ptr<Socket>& socket) {
      process.Log(absl::StrCat("server", i), "connection");
      held.push_back(socket);
    });
    servers[i]->Listen(0);
  }
  std::vector<std::shared_ptr<Socket>> clients;
  After(process, 5, [&] {
    // Descriptors 0 to 2, epoll, two listeners, four clients: none is left.
    for (int i = 0; i < 4; ++i) {
      clients.push_back(
          Connect(process.stack(), servers[i % 2]->address()->port));
      clients[i]->on.error([](const Error&) {});
    }
  });
  After(process, 10, [&] {
    process.Log("main", "accepted ", held.size(), "; one client goes");
    clients[3]->Destroy();
  });
  After(process, 15, [&] {
    process.Log("main", "accepted ", held.size(), "; a server closes");
    servers[0]->Close();
  });
  After(process, 20, [&] {
    process.Log("main", "accepted ", held.size(), "; all go");
    for (const auto& socket : held) socket->Destroy();
    for (const auto& client : clients) client->Destroy();
    servers[1]->Close();
  });
  EXPECT_EQ(process.Run(), R"(  1 main     accepted 0; one client goes
  2 server1  connection
  3 main     accepted 1; a server closes
  4 server1  connection
  5 main     accepted 2; all go
  6 process  exit
)");
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Descriptor,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
