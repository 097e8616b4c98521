// Back-pressure in both Nodes, by programs of theirs: how much a peer that does
// not read makes the kernel take, and when 'drain' comes. On the simulated
// kernel alone: how much that is, is a setting of the machine.
#include <string>

#include "gtest/gtest.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

constexpr int kWrites = 64;
constexpr size_t kWriteBytes = 65536;

TEST(V0196BackPressure, DrainsTwiceAroundAQueuedEnd) {
  const auto back_end = SimulatedBackEnd().make();
  NodeProcess process(*back_end, loop::Discipline::kV0196);
  const std::string big(kWriteBytes, 'A');
  size_t got = 0;
  const auto server = Server::Create(process.stack());
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    c->Pause();
    c->on.data([&](absl::string_view data) { got += data.size(); });
    c->on.end([&, c] {
      process.Log("srv.sock", "end got=", got);
      c->End();
    });
    c->on.close([&, s](bool had_error) {
      process.Log("srv.sock", "close ", Bool(had_error));
      s->Close();
    });
    process.loop().SetTimeout(absl::Milliseconds(50), [&, c] {
      process.Log("srv.sock", "resume()");
      c->Resume();
    });
  });
  process.Watch(server, "server");
  server->Listen(0);
  server->on.listening([&, s] {
    const auto client = Connect(process.stack(), s->address()->port);
    Socket* const c = client.get();
    process.Watch(client, "client");
    c->on.connect([&, c] {
      int first = -1;
      for (int i = 0; i < kWrites; ++i) {
        if (!c->Write(big) && first < 0) first = i;
      }
      const size_t queue =
          (c->writable_bytes() + kWriteBytes - 1) / kWriteBytes;
      process.Log("client", "first false at write #", first, " queue=", queue);
      c->End();
      process.Log("client", "end() with queue ", c->ready_state());
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v0.1.96/15-backpressure-drain.out"));
}

TEST(ModernBackPressure, DrainsBeforeTheLastCallback) {
  const auto back_end = SimulatedBackEnd().make();
  NodeProcess process(*back_end, loop::Discipline::kModern);
  const std::string big(kWriteBytes, 'A');
  size_t got = 0;
  int callbacks = 0;
  Server::Options paused;
  paused.pause_on_connect = true;
  const auto server = Server::Create(process.stack(), paused);
  Server* const s = server.get();
  server->on.connection([&, s](const std::shared_ptr<Socket>& socket) {
    Socket* const c = socket.get();
    c->on.data([&](absl::string_view data) { got += data.size(); });
    c->Pause();
    c->on.end([&] { process.Log("srv.sock", "end got=", got); });
    c->on.close([&, s](bool) {
      process.Log("srv.sock", "close");
      s->Close();
    });
    process.loop().SetTimeout(absl::Milliseconds(50), [&, c] {
      process.Log("srv.sock", "resume()");
      c->Resume();
    });
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  server->on.listening([&, s] {
    const auto client =
        Connect(process.stack(), s->address()->port, "127.0.0.1");
    Socket* const c = client.get();
    process.Watch(client, "client");
    c->on.connect([&, c] {
      int first = -1;
      for (int i = 0; i < kWrites; ++i) {
        const bool more = c->Write(big, [&](const Error*) {
          if (++callbacks == kWrites) process.Log("client", "last write cb");
        });
        if (!more && first < 0) first = i;
      }
      process.Log("client", "wrote first false at write #", first,
                  " needDrain=", Bool(c->writable_need_drain()));
      c->on.drain([&, c] {
        process.Log("client", "in drain cbs=", callbacks,
                    " writableLength=", c->writable_bytes());
        c->End();
      });
    });
  });
  EXPECT_EQ(process.Run(), Recorded("v20/15-backpressure-drain.out"));
}

}  // namespace
}  // namespace simloop::net
