// The loop over this machine's kernel: a connection over 127.0.0.1, made by
// hand with watchers in the way that Node's net module makes it, and the epoll
// calls that strace(1) showed of Node itself.
#include <memory>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "loop/event_loop.h"
#include "loop/linux_kernel.h"
#include "loop/socket_option.h"
#include "tests/loop/logging_kernel.h"
#include "tests/loop/loop_log.h"

namespace simloop::loop {
namespace {

using ::testing::ElementsAre;

constexpr int kStreamType = kSockStream | kSockNonblock | kSockCloexec;

// A server and a client in one process.
class Connection {
 public:
  explicit Connection(Discipline discipline)
      : kernel_(linux_, log_), loop_(kernel_, clock_, {discipline, nullptr}) {
    listener_ = *kernel_.Socket(Family::kInet, kStreamType, 0);
    EXPECT_TRUE(
        kernel_.Bind(listener_, Address::Inet(Ipv4::Loopback(), 0)).ok());
    EXPECT_TRUE(kernel_.Listen(listener_, 128).ok());
    client_ = *kernel_.Socket(Family::kInet, kStreamType, 0);
    EXPECT_EQ(kernel_.Connect(client_, *kernel_.Getsockname(listener_)).error(),
              Errno::kEINPROGRESS);
    accept_.Set(listener_, kReadable);
    client_read_.Set(client_, kReadable);
    client_write_.Set(client_, kWritable);
    accept_.Start();
    client_write_.Start();
  }

  void Close(Fd fd, IoWatcher& reader, IoWatcher& writer) {
    reader.Stop();
    writer.Stop();
    loop_.Forget(fd);
    EXPECT_TRUE(kernel_.Close(fd).ok());
    log_.Say("close");
  }
  std::string Read(Fd fd) {
    char buffer[1024];
    const Result<size_t> size = kernel_.Read(fd, absl::MakeSpan(buffer));
    EXPECT_TRUE(size.ok());
    return size.ok() ? std::string(buffer, *size) : "";
  }
  void Write(Fd fd, const std::string& text) {
    EXPECT_EQ(*kernel_.Write(fd, absl::MakeConstSpan(text.data(), text.size())),
              text.size());
  }

  LinuxKernel linux_;
  MonotonicClock clock_;
  LoopLog log_;
  LoggingKernel kernel_;
  EventLoop loop_;
  Fd listener_, client_, peer_;
  IoWatcher accept_{loop_, nullptr};
  IoWatcher client_read_{loop_, nullptr};
  IoWatcher client_write_{loop_, nullptr};
  IoWatcher peer_read_{loop_, nullptr};
  IoWatcher peer_write_{loop_, nullptr};
};

// Node v0.1.96 with an HTTP/1.0 request and its answer.
TEST(LiveLoop, MakesTheEpollCallsOfNodeV0196) {
  Connection net(Discipline::kV0196);
  LoopLog& log = net.log_;
  net.accept_.SetCallback([&](Interest) {
    net.peer_ = net.kernel_.Accept4(net.listener_, kSockNonblock)->fd;
    log.Say("server connection");
    net.peer_read_.Set(net.peer_, kReadable);
    net.peer_write_.Set(net.peer_, kWritable);
    net.peer_read_.Start();
    EXPECT_EQ(net.kernel_.Accept4(net.listener_, kSockNonblock).error(),
              Errno::kEAGAIN);
  });
  net.client_write_.SetCallback([&](Interest) {
    EXPECT_EQ(TakeSocketError(net.kernel_, net.client_), Errno::kOk);
    log.Say("client connect");
    net.client_read_.Start();
    net.client_write_.SetCallback([&](Interest) {
      net.client_write_.Stop();
      log.Say("client drain");
    });
    net.Write(net.client_, "GET");
  });
  net.peer_read_.SetCallback([&](Interest) {
    const std::string text = net.Read(net.peer_);
    log.Say("server read " + text);
    if (text.empty()) {
      net.Close(net.peer_, net.peer_read_, net.peer_write_);
      net.loop_.NextTick([&] { log.Say("server close"); });
      return;
    }
    net.Write(net.peer_, "200");
    EXPECT_TRUE(net.kernel_.Shutdown(net.peer_, kShutWr).ok());
  });
  net.client_read_.SetCallback([&](Interest) {
    const std::string text = net.Read(net.client_);
    log.Say("client read " + text);
    if (!text.empty()) return;
    net.Close(net.client_, net.client_read_, net.client_write_);
    net.loop_.NextTick([&] { log.Say("client close"); });
    net.Close(net.listener_, net.accept_, net.accept_);
  });
  net.loop_.Run();
  EXPECT_THAT(log.Take(),
              ElementsAre("ADD A IN", "ADD B OUT", "WAIT A:IN B:OUT",
                          "client connect", "server connection", "MOD B IN|OUT",
                          "ADD C IN", "WAIT B:OUT C:IN", "server read GET",
                          "client drain", "MOD B IN", "WAIT B:IN",
                          "client read 200", "WAIT B:IN", "client read ",
                          "close", "close", "client close", "WAIT C:IN|HUP",
                          "MOD C IN", "server read ", "close", "server close"));
}

// Node 20 with an echo server; the client ends.
TEST(LiveLoop, MakesTheEpollCallsOfNode20) {
  Connection net(Discipline::kModern);
  LoopLog& log = net.log_;
  net.accept_.SetCallback([&](Interest) {
    net.peer_ = net.kernel_.Accept4(net.listener_, kSockNonblock)->fd;
    log.Say("server connection");
    net.peer_read_.Set(net.peer_, kReadable);
    net.peer_read_.Start();
  });
  net.client_write_.SetCallback([&](Interest) {
    EXPECT_EQ(TakeSocketError(net.kernel_, net.client_), Errno::kOk);
    net.client_write_.Stop();
    log.Say("client connect");
    net.Write(net.client_, "hello");
    net.client_read_.Start();
  });
  net.peer_read_.SetCallback([&](Interest) {
    const std::string text = net.Read(net.peer_);
    log.Say("server read " + text);
    if (!text.empty()) return net.Write(net.peer_, text);
    net.loop_.QueuePending([&] {
      EXPECT_TRUE(net.kernel_.Shutdown(net.peer_, kShutWr).ok());
      net.Close(net.peer_, net.peer_read_, net.peer_write_);
      net.loop_.QueueClose([&] {
        log.Say("server close");
        net.Close(net.listener_, net.accept_, net.accept_);
      });
    });
  });
  net.client_read_.SetCallback([&](Interest) {
    const std::string text = net.Read(net.client_);
    log.Say("client read " + text);
    if (text.empty()) {
      net.Close(net.client_, net.client_read_, net.client_write_);
      net.loop_.QueueClose([&] { log.Say("client close"); });
      return;
    }
    net.loop_.QueuePending([&] {
      EXPECT_TRUE(net.kernel_.Shutdown(net.client_, kShutWr).ok());
      net.client_write_.Stop();
    });
  });
  net.loop_.Run();
  EXPECT_THAT(
      log.Take(),
      ElementsAre("ADD A IN", "ADD B OUT", "WAIT A:IN B:OUT",
                  "server connection", "client connect", "ADD C IN",
                  "ADD B IN = EEXIST", "MOD B IN", "WAIT C:IN",
                  "server read hello", "WAIT B:IN", "client read hello",
                  "MOD B IN", "WAIT C:IN", "server read ", "DEL C", "close",
                  "server close", "DEL A", "close", "WAIT B:IN|HUP",
                  "client read ", "DEL B", "close", "client close"));
}

TEST(LiveLoop, WaitsForItsTimers) {
  for (const Discipline discipline :
       {Discipline::kV0196, Discipline::kModern}) {
    LinuxKernel kernel;
    MonotonicClock clock;
    EventLoop loop(kernel, clock, {discipline, nullptr});
    Instant second_fired;
    const Instant start = clock.Now();
    loop.SetTimeout(absl::Milliseconds(3), [] {});
    loop.SetTimeout(absl::Milliseconds(5), [&] { second_fired = loop.Now(); });
    loop.Run();
    EXPECT_GE(second_fired, start + absl::Milliseconds(5));
    EXPECT_FALSE(loop.alive());
  }
}

TEST(LiveLoop, IsWatchedByAnotherThroughItsPollDescriptor) {
  LinuxKernel kernel;
  MonotonicClock clock;
  EventLoop inner(kernel, clock, {});
  EventLoop outer(kernel, clock, {});
  const Fd socket = *kernel.Socket(Family::kInet, kStreamType, 0);
  std::string order;
  IoWatcher watcher(inner, [&](Interest) {
    order += "inner";
    watcher.Stop();
  });
  watcher.Set(socket, kWritable);
  watcher.Start();
  // A socket that is not connected is writable, with a hang-up.
  IoWatcher relay(outer, [&](Interest) {
    order += "outer ";
    if (inner.RunOnce(clock.Now()) == EventLoop::Turn::kDone) relay.Stop();
  });
  EXPECT_EQ(inner.RunOnce(clock.Now()), EventLoop::Turn::kDone);
  EXPECT_EQ(order, "inner");
  watcher.Start();
  EXPECT_LE(inner.NextWakeup(), inner.Now());
  relay.Set(inner.poll_fd(), kReadable);
  relay.Start();
  outer.Run();
  EXPECT_EQ(order, "innerouter inner");
  EXPECT_TRUE(kernel.Close(socket).ok());
}

}  // namespace
}  // namespace simloop::loop
