// How a server listens in Node 20: when 'listening' comes, Unix paths; its own
// programs, and what it printed.
#include <unistd.h>

#include <functional>
#include <string>

#include "gtest/gtest.h"
#include "loop/abi.h"
#include "loop/kernel.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

using V20Server = PlainNetTest<loop::Discipline::kModern>;

// One label of case 35, and then the next.
void Go(NodeProcess& process, std::string label, Server::ListenOptions options,
        std::function<void()> next) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  const auto address = [s] {
    return s->address().has_value() ? "bound" : "null";
  };
  server->on.listening([&process, s, label, next] {
    process.Log(label, "listening cb");
    s->Close([&process, label, next](const Error*) {
      process.Log(label, "close cb");
      if (next) next();
    });
  });
  server->Listen(options);
  process.Log(label, "listen() returned address=", address());
  process.loop().NextTick([&process, label, server, address] {
    process.Log(label, "nextTick 1 address=", address());
  });
  process.loop().QueueMicrotask(
      [&process, label] { process.Log(label, "microtask"); });
  process.loop().SetImmediate(
      [&process, label] { process.Log(label, "immediate"); });
}

std::string Path(const char* name) {
  return absl::StrCat("./net_test_", getpid(), "_", name, ".sock");
}

TEST_P(V20Server, EmitsListeningInTheNextTickOrTheOneAfter) {
  Server::ListenOptions ip;
  ip.host = "127.0.0.1";
  Server::ListenOptions path;
  path.path = Path("35");
  Go(process, "nohost", {}, [&, ip, path] {
    Go(process, "ip", ip, [&, path] { Go(process, "path", path, nullptr); });
  });
  EXPECT_EQ(process.Run(), Recorded("v20/35-listen-events-order.out"));
}

// The case but for what it finds by fs.existsSync(), and with a stale socket
// file that is left by a bind(2) of its own, where the case links one.
TEST_P(V20Server, ReportsWhatIsWrongWithAPath) {
  const std::string path = Path("40");
  const std::string stale = Path("40.stale");
  loop::Kernel& kernel = back_end->kernel();
  const loop::Fd fd = *kernel.Socket(loop::Family::kUnix, loop::kSockStream, 0);
  ASSERT_TRUE(kernel.Bind(fd, loop::Address::Unix(stale)).ok());
  (void)kernel.Close(fd);
  const auto good = [&] {
    const auto server = Server::Create(process.stack());
    Server* const g = server.get();
    server->on.connection([&, g](const std::shared_ptr<Socket>& socket) {
      process.Watch(socket, "srv.sock");
      socket->on.close([g](bool) { g->Close(); });
    });
    process.Watch(server, "serverG");
    server->on.listening([&] {
      const auto client = ConnectPath(process.stack(), path);
      process.Watch(client, "good");
      Socket* const c = client.get();
      c->on.connect([c] { c->End("over unix"); });
    });
    Server::ListenOptions options;
    options.path = path;
    server->Listen(options);
  };
  const auto enoent = ConnectPath(process.stack(), path);
  process.Watch(enoent, "enoent");
  enoent->on.close([&](bool) {
    process.Log("main", "exists after close false");
    const auto refused = ConnectPath(process.stack(), stale);
    process.Watch(refused, "refused");
    refused->on.close([&](bool) {
      const auto b = Server::Create(process.stack());
      process.Watch(b, "serverB");
      b->on.error([&](const Error&) {
        (void)kernel.Unlink(stale);
        good();
      });
      Server::ListenOptions options;
      options.path = stale;
      b->Listen(options);
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v20/40-unix-socket-errors.out"));
}

TEST_P(V20Server, ListensOnBothFamiliesWithoutAHost) {
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    process.Log("server", "from ",
                AddressText({socket->remote_address()->family,
                             0,
                             0,
                             socket->remote_address()->ip,
                             {}}));
    socket->Destroy();
    if (s->connections() == 0) s->Close();
  });
  server->on.listening([&, s] {
    process.Log("server", s->address()->ip.ToString6(), " family ",
                s->address()->family == loop::Family::kInet6 ? 6 : 4);
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    client->on.error([](const Error&) {});
  });
  server->Listen(0);
  EXPECT_EQ(process.Run(), R"(  1 server   :: family 6
  2 server   from ::ffff:127.0.0.1
  3 process  exit code=0
)");
}

INSTANTIATE_TEST_SUITE_P(Kernels, V20Server, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
