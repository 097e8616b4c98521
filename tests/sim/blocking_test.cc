// Processes with a stack of their own: calls that wait.

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "loop/abi.h"
#include "tests/sim/two_hosts.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using loop::Fd;
using testing::ElementsAre;

// A descriptor without O_NONBLOCK.
Fd BlockingSocket(Kernel& kernel) {
  return *kernel.Socket(loop::Family::kInet, loop::kSockStream, 0);
}

class Blocking : public TwoHosts {
 protected:
  void Log(const char* what) {
    events_.push_back(absl::FormatDuration(world_.Now() - loop::Instant()) +
                      " " + what);
  }
  std::vector<std::string> events_;
};

// One way takes 10 ms: accept ends with the ACK at 30 ms, connect with the
// SYN-ACK at 20 ms; the bytes sent then come at 30 ms, the answer at 40 ms.
TEST_F(Blocking, WaitsInEachCallForWhatItAsksFor) {
  server_.StartBlocking([&] {
    const Fd listener = BlockingSocket(server_);
    ASSERT_TRUE(server_.Bind(listener, ServerAddress()).ok());
    ASSERT_TRUE(server_.Listen(listener, 4).ok());
    const auto accepted = server_.Accept4(listener, 0);
    ASSERT_TRUE(accepted.ok());
    Log("accepted");
    char bytes[8];
    ASSERT_EQ(*server_.Read(accepted->fd, absl::MakeSpan(bytes)), 4u);
    Log("server read");
    ASSERT_EQ(*server_.Write(accepted->fd, {"pong", 4}), 4u);
  });
  client_.StartBlocking([&] {
    const Fd fd = BlockingSocket(client_);
    ASSERT_TRUE(client_.Connect(fd, ServerAddress()).ok());
    Log("connected");
    ASSERT_EQ(*client_.Write(fd, {"ping", 4}), 4u);
    char bytes[8];
    ASSERT_EQ(*client_.Read(fd, absl::MakeSpan(bytes)), 4u);
    Log("client read");
  });
  RunTo(absl::Seconds(1));
  EXPECT_THAT(events_, ElementsAre("20ms connected", "30ms accepted",
                                   "30ms server read", "40ms client read"));
}

TEST_F(Blocking, IsRefusedAfterARoundTrip) {
  client_.StartBlocking([&] {
    EXPECT_EQ(client_.Connect(BlockingSocket(client_), ServerAddress()).error(),
              Errno::kECONNREFUSED);
    Log("refused");
  });
  RunTo(absl::Seconds(1));
  EXPECT_THAT(events_, ElementsAre("20ms refused"));
}

// SO_RCVTIMEO (socket(7)).
TEST_F(Blocking, EndsWithItsTimeout) {
  Listen(1);
  client_.StartBlocking([&] {
    const Fd fd = BlockingSocket(client_);
    ASSERT_TRUE(client_.Connect(fd, ServerAddress()).ok());
    const loop::TimeValue timeout{0, 500'000};
    ASSERT_TRUE(client_
                    .Setsockopt(fd, loop::kSolSocket, loop::kSoRcvtimeo,
                                {reinterpret_cast<const char*>(&timeout),
                                 sizeof timeout})
                    .ok());
    char byte;
    EXPECT_EQ(client_.Read(fd, absl::MakeSpan(&byte, 1)).error(),
              Errno::kEAGAIN);
    Log("timed out");
  });
  RunTo(absl::Seconds(1));
  EXPECT_THAT(events_, ElementsAre("520ms timed out"));
}

// send(2): all of it, however little the peer takes at a time.
TEST_F(Blocking, SendsAllBeforeItReturns) {
  constexpr size_t kBytes = 20'000'000;
  size_t read = 0;
  server_.StartBlocking([&] {
    const Fd listener = BlockingSocket(server_);
    ASSERT_TRUE(server_.Bind(listener, ServerAddress()).ok());
    ASSERT_TRUE(server_.Listen(listener, 4).ok());
    const Fd fd = server_.Accept4(listener, 0)->fd;
    std::string buffer(100'000, '\0');
    while (true) {
      const auto count = server_.Read(fd, absl::MakeSpan(buffer));
      ASSERT_TRUE(count.ok());
      if (*count == 0) break;
      read += *count;
      server_.Sleep(absl::Milliseconds(1));
    }
  });
  client_.StartBlocking([&] {
    const Fd fd = BlockingSocket(client_);
    ASSERT_TRUE(client_.Connect(fd, ServerAddress()).ok());
    EXPECT_EQ(*client_.Send(fd, std::string(kBytes, 'x'), 0), kBytes);
    static_cast<void>(client_.Close(fd));
  });
  RunTo(absl::Seconds(100));
  EXPECT_EQ(read, kBytes);
}

TEST_F(Blocking, PollsAndWaitsForEpollWithinTheCall) {
  const Fd listener = Listen(1);
  server_.StartBlocking([&] {
    loop::PollFd entry{listener, loop::kEpollIn};
    EXPECT_EQ(*server_.Poll(absl::MakeSpan(&entry, 1), absl::Milliseconds(5)),
              0u);
    Log("poll timed out");
    EXPECT_EQ(*server_.Poll(absl::MakeSpan(&entry, 1), absl::Seconds(5)), 1u);
    Log("polled");
    const Fd epoll = *server_.EpollCreate1(0);
    ASSERT_TRUE(server_
                    .EpollCtl(epoll, loop::kEpollCtlAdd, listener,
                              {loop::kEpollIn | loop::kEpollEt, 7})
                    .ok());
    loop::EpollEvent event;
    EXPECT_EQ(*server_.EpollWait(epoll, absl::MakeSpan(&event, 1),
                                 absl::InfiniteDuration()),
              1u);
    EXPECT_EQ(event.data, 7u);
    EXPECT_EQ(*server_.EpollWait(epoll, absl::MakeSpan(&event, 1),
                                 absl::Milliseconds(7)),
              0u);
    Log("epoll timed out");
  });
  Connect();
  RunTo(absl::Seconds(1));
  EXPECT_THAT(events_, ElementsAre("5ms poll timed out", "30ms polled",
                                   "37ms epoll timed out"));
}

// An event loop would stop altogether.
TEST_F(Blocking, IsRefusedToAProcessThatCannotWait) {
  const Fd listener = BlockingSocket(server_);
  ASSERT_TRUE(server_.Bind(listener, ServerAddress()).ok());
  ASSERT_TRUE(server_.Listen(listener, 4).ok());
  EXPECT_EQ(server_.Accept4(listener, 0).error(), Errno::kEDEADLK);
}

TEST_F(Blocking, IsUnwoundWhenItsProcessEnds) {
  struct Witness {
    bool& gone;
    ~Witness() { gone = true; }
  };
  bool gone = false;
  bool returned = false;
  {
    Kernel third(client_host_);
    third.StartBlocking([&] {
      const Witness witness{gone};
      const Fd listener = BlockingSocket(third);
      EXPECT_TRUE(third.Listen(listener, 1).ok());
      static_cast<void>(third.Accept4(listener, 0));
      returned = true;
    });
    RunTo(absl::Seconds(1));
    EXPECT_FALSE(gone);
  }
  EXPECT_TRUE(gone);
  EXPECT_FALSE(returned);
}

}  // namespace
}  // namespace simloop::sim
