// UDP sockets as Node 20's dgram shows them: the order of events, callbacks and
// errors.
#include <functional>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "net/datagram_socket.h"
#include "tests/net/net_test.h"

namespace simloop::net {
namespace {

using Datagram = PlainNetTest<loop::Discipline::kModern>;

std::string Code(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return "";
}

void Watch(NodeProcess& process, DatagramSocket& socket, std::string actor) {
  socket.on.listening([&process, actor] { process.Log(actor, "listening"); });
  socket.on.message([&process, actor](absl::string_view data,
                                      const loop::Address& from) {
    process.Log(actor, "message ", Quoted(data), " from ", from.ip.ToString());
  });
  socket.on.connect([&process, actor] { process.Log(actor, "connect"); });
  socket.on.error([&process, actor](const Error& error) {
    process.Log(actor, "error ", Described(error));
  });
  socket.on.close([&process, actor] { process.Log(actor, "close"); });
}

TEST_P(Datagram, EmitsListeningOneTickAfterBind) {
  const auto socket = DatagramSocket::Create(process.stack());
  Watch(process, *socket, "socket");
  socket->Bind(0, "127.0.0.1");
  process.Log("main", "bind() returned");
  EXPECT_EQ(Code([&] { socket->Bind(0); }), "ERR_SOCKET_ALREADY_BOUND");
  EXPECT_EQ(Code([&] { (void)socket->address(); }), "EBADF");
  process.loop().NextTick([&] { process.Log("main", "nextTick"); });
  socket->on.listening([&] {
    EXPECT_NE(socket->address().port, 0);
    socket->Close();
    process.Log("main", "close() returned");
    EXPECT_EQ(Code([&] { socket->Close(); }), "ERR_SOCKET_DGRAM_NOT_RUNNING");
  });
  EXPECT_EQ(process.Run(), R"(  1 main     bind() returned
  2 socket   listening
  3 main     close() returned
  4 main     nextTick
  5 socket   close
  6 process  exit code=0
)");
}

TEST_P(Datagram, BindsByItselfAndCallsBackInATickAfterTheSend) {
  const auto server = DatagramSocket::Create(process.stack());
  const auto client = DatagramSocket::Create(process.stack());
  Watch(process, *server, "server");
  Watch(process, *client, "client");
  server->on.message([&](absl::string_view, const loop::Address& from) {
    server->Send("pong", from.port, "127.0.0.1", [&](const Error*, size_t) {
      process.Log("server", "sent");
      server->Close();
    });
  });
  client->on.message(
      [&](absl::string_view, const loop::Address&) { client->Close(); });
  server->on.listening([&] {
    client->Send("ping", server->address().port, "127.0.0.1",
                 [&](const Error* error, size_t bytes) {
                   EXPECT_EQ(error, nullptr);
                   process.Log("client", "sent ", bytes);
                 });
    process.Log("client", "send() returned");
  });
  server->Bind(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), R"(  1 server   listening
  2 client   send() returned
  3 client   listening
  4 client   sent 4
  5 server   message "ping" from 127.0.0.1
  6 server   sent
  7 server   close
  8 client   message "pong" from 127.0.0.1
  9 client   close
 10 process  exit code=0
)");
}

TEST_P(Datagram, ReportsAPortInUse) {
  const auto first = DatagramSocket::Create(process.stack());
  const auto second = DatagramSocket::Create(process.stack());
  Watch(process, *second, "second");
  first->on.listening(
      [&] { second->Bind(first->address().port, "127.0.0.1"); });
  second->on.error([&](const Error& error) {
    EXPECT_EQ(error.message(), absl::StrCat("bind EADDRINUSE 127.0.0.1:",
                                            first->address().port));
    first->Close();
    second->Close();
  });
  first->Bind(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), R"(  1 second   error EADDRINUSE syscall=bind
  2 second   close
  3 process  exit code=0
)");
}

TEST_P(Datagram, ConnectsAndHearsOfARefusal) {
  const auto probe = DatagramSocket::Create(process.stack());
  const auto client = DatagramSocket::Create(process.stack());
  Watch(process, *client, "client");
  EXPECT_EQ(Code([&] { client->Send("x"); }), "ERR_SOCKET_BAD_PORT");
  EXPECT_EQ(Code([&] { client->Disconnect(); }),
            "ERR_SOCKET_DGRAM_NOT_CONNECTED");
  probe->on.listening([&] {
    const uint16_t port = probe->address().port;
    probe->Close();
    client->Connect(port, "127.0.0.1");
    EXPECT_EQ(Code([&] { client->Connect(port, "127.0.0.1"); }),
              "ERR_SOCKET_DGRAM_IS_CONNECTED");
  });
  client->on.connect([&] {
    EXPECT_EQ(client->remote_address().ip.ToString(), "127.0.0.1");
    client->Send("x", [&](const Error*, size_t bytes) {
      process.Log("client", "sent ", bytes);
    });
  });
  client->on.error([&](const Error&) {
    client->Disconnect();
    client->Close();
  });
  probe->Bind(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), R"(  1 client   listening
  2 client   connect
  3 client   sent 1
  4 client   error ECONNREFUSED syscall=recvmsg
  5 client   close
  6 process  exit code=0
)");
}

TEST_P(Datagram, SpeaksIpv6) {
  DatagramSocket::Options v6;
  v6.ipv6 = true;
  const auto socket = DatagramSocket::Create(process.stack(), v6);
  Watch(process, *socket, "socket");
  socket->on.listening(
      [&] { socket->Send("to myself", socket->address().port, "::1"); });
  socket->on.message(
      [&](absl::string_view, const loop::Address&) { socket->Close(); });
  socket->Bind(0);
  EXPECT_EQ(process.Run(), R"(  1 socket   listening
  2 socket   message "to myself" from ::1
  3 socket   close
  4 process  exit code=0
)");
}

TEST_P(Datagram, SetsOptions) {
  DatagramSocket::Options options;
  options.receive_buffer_size = 10'000;
  const auto socket = DatagramSocket::Create(process.stack(), options);
  EXPECT_EQ(Code([&] { socket->SetTtl(16); }), "EBADF");
  socket->on.listening([&] {
    socket->SetBroadcast(true);
    socket->SetTtl(16);
    socket->SetMulticastTtl(16);
    socket->SetMulticastLoopback(false);
    EXPECT_EQ(socket->receive_buffer_size(), 20'000) << "Linux doubles it";
    EXPECT_EQ(Code([&] { socket->SetTtl(1000); }), "EINVAL");
    EXPECT_EQ(Code([&] { socket->AddMembership("not.a.group"); }), "EINVAL");
    socket->Close();
  });
  socket->Bind(0, "127.0.0.1");
  process.Run();
}

TEST_P(Datagram, ReportsANameThatIsNotFound) {
  const auto socket = DatagramSocket::Create(process.stack());
  Watch(process, *socket, "socket");
  socket->Send("x", 9, "no.such.example", [&](const Error* error, size_t) {
    process.Log("socket", "sent ", Described(*error));
    socket->Send("x", 9, "no.such.example");
  });
  socket->on.error([&](const Error&) { socket->Close(); });
  EXPECT_EQ(process.Run(), R"(  1 socket   listening
  2 socket   sent ENOTFOUND syscall=getaddrinfo
  3 socket   error ENOTFOUND syscall=getaddrinfo
  4 socket   close
  5 process  exit code=0
)");
}

TEST_P(Datagram, DoesNotKeepTheLoopGoingWhenUnreferenced) {
  const auto socket = DatagramSocket::Create(process.stack());
  socket->Unref();
  socket->Bind(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), "  1 process  exit code=0\n");
}

TEST_P(Datagram, ClosesWhenItIsAborted) {
  DatagramSocket::Options options;
  options.signal = std::make_shared<AbortSignal>();
  const auto socket = DatagramSocket::Create(process.stack(), options);
  Watch(process, *socket, "socket");
  socket->on.listening([&] { options.signal->Abort(); });
  socket->Bind(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), R"(  1 socket   listening
  2 socket   close
  3 process  exit code=0
)");
}

INSTANTIATE_TEST_SUITE_P(Kernels, Datagram, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
