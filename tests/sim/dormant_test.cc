// Connections at rest (sim/tcp/dormant.h): they take little memory, and nobody
// but the memory can tell.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "explore/replay_scheduler.h"
#include "gtest/gtest.h"
#include "loop/abi.h"
#include "loop/socket_option.h"
#include "sim/choice.h"
#include "sim/tcp/past.h"
#include "sim/tcp/stack.h"
#include "tests/sim/dice.h"
#include "tests/sim/two_hosts.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using loop::Fd;

class DormantTest : public TwoHosts {
 protected:
  // Established, both ends.
  struct Ends {
    Fd client;
    Fd server;
  };
  Ends Join(Fd listener) {
    const Fd client = Connect();
    After(absl::Milliseconds(30));
    return {client, Accept(listener)};
  }
  void After(absl::Duration time) {
    RunTo(world_.Now() - loop::Instant() + time);
  }
  // All that are quiet go to rest: the stack looks at two for each that comes.
  void Rest(Fd listener, int connections) {
    After(absl::Milliseconds(250));
    for (int i = 0; i < connections; ++i) {
      const Ends other = Join(listener);
      static_cast<void>(client_.Close(other.client));
      static_cast<void>(server_.Close(other.server));
    }
    After(absl::Milliseconds(250));
  }
  size_t AtRest() {
    return client_host_.tcp().pasts().connections() +
           server_host_.tcp().pasts().connections();
  }
};

TEST_F(DormantTest, GoToRestAndShareTheirPast) {
  const Fd listener = Listen(64);
  for (int i = 0; i < 20; ++i) Connect();
  After(absl::Milliseconds(30));
  while (Accept(listener).valid()) {
  }
  EXPECT_EQ(AtRest(), 0u);
  Rest(listener, 25);
  EXPECT_EQ(AtRest(), 40u);
  EXPECT_EQ(client_host_.tcp().pasts().size(), 1u);
  EXPECT_EQ(server_host_.tcp().pasts().size(), 1u);
}

TEST_F(DormantTest, WakeForTheirPeer) {
  const Fd listener = Listen(4);
  const Ends ends = Join(listener);
  Rest(listener, 3);
  ASSERT_EQ(AtRest(), 2u);
  const Fd epoll = *server_.EpollCreate1(0);
  ASSERT_TRUE(
      server_
          .EpollCtl(epoll, loop::kEpollCtlAdd, ends.server, {loop::kEpollIn, 7})
          .ok());
  Rest(listener, 3);
  ASSERT_EQ(AtRest(), 2u);
  EXPECT_TRUE(Send(client_, ends.client, "awake").ok());
  After(kLatency);
  EXPECT_EQ(AtRest(), 0u);
  loop::EpollEvent event;
  ASSERT_EQ(*server_.EpollWait(epoll, absl::MakeSpan(&event, 1), {}), 1u);
  EXPECT_EQ(event.data, 7u);
  EXPECT_EQ(ReadAll(server_, ends.server), "awake");
}

TEST_F(DormantTest, TellWhoWaitsInACall) {
  const Fd listener = Listen(4);
  Kernel waiting(server_host_);
  std::string got;
  waiting.StartBlocking([&] {
    const Fd own = *waiting.Socket(loop::Family::kInet, loop::kSockStream, 0);
    ASSERT_TRUE(waiting.Bind(own, loop::Address::Inet(kServer, 7002)).ok());
    ASSERT_TRUE(waiting.Listen(own, 4).ok());
    const auto accepted = waiting.Accept4(own, 0);
    ASSERT_TRUE(accepted.ok());
    char bytes[8];
    const auto count = waiting.Read(accepted->fd, absl::MakeSpan(bytes));
    ASSERT_TRUE(count.ok());
    got.assign(bytes, *count);
  });
  After(absl::Milliseconds(1));
  const Fd client = NewSocket(client_);
  static_cast<void>(
      client_.Connect(client, loop::Address::Inet(kServer, 7002)));
  Rest(listener, 4);
  ASSERT_EQ(AtRest(), 2u);
  EXPECT_EQ(got, "");
  EXPECT_TRUE(Send(client_, client, "hello").ok());
  After(kLatency);
  EXPECT_EQ(got, "hello");
}

TEST_F(DormantTest, CloseWithFinAndTakeAReset) {
  const Fd listener = Listen(4);
  const Ends ends = Join(listener);
  const Ends other = Join(listener);
  Rest(listener, 4);
  ASSERT_EQ(AtRest(), 4u);
  log_.Clear();
  ASSERT_TRUE(client_.Close(ends.client).ok());
  After(kLatency);
  EXPECT_EQ(log_.With("came").size(), 1u);
  EXPECT_EQ(log_.With("FIN").size(), 2u);  // sent and come
  char byte;
  EXPECT_EQ(*server_.Read(ends.server, absl::MakeSpan(&byte, 1)), 0u);
  // Read by nobody when it is closed: a reset.
  ASSERT_TRUE(Send(server_, other.server, "x").ok());
  After(kLatency);
  Rest(listener, 4);
  ASSERT_TRUE(client_.Close(other.client).ok());
  After(kLatency);
  EXPECT_EQ(server_.Read(other.server, absl::MakeSpan(&byte, 1)).error(),
            Errno::kECONNRESET);
}

TEST_F(DormantTest, GoWithTheirProcess) {
  const Fd listener = Listen(64);
  {
    Kernel process(client_host_);
    for (int i = 0; i < 10; ++i) {
      const Fd fd = NewSocket(process);
      ASSERT_EQ(process.Connect(fd, ServerAddress()).error(),
                Errno::kEINPROGRESS);
    }
    After(absl::Milliseconds(30));
    while (Accept(listener).valid()) {
    }
    Rest(listener, 12);
    EXPECT_EQ(AtRest(), 20u);
  }
  EXPECT_EQ(AtRest(), 10u);
}

TEST_F(DormantTest, KeepTheirPortAndAreFoundAgain) {
  const Fd listener = Listen(4);
  const Ends ends = Join(listener);
  const loop::Address own = *client_.Getsockname(ends.client);
  Rest(listener, 3);
  ASSERT_EQ(AtRest(), 2u);
  const Fd second = NewSocket(client_);
  EXPECT_EQ(client_.Bind(second, own).error(), Errno::kEADDRINUSE);
  EXPECT_EQ(*client_.Getsockname(ends.client), own);
  EXPECT_EQ(*client_.Getpeername(ends.client), ServerAddress());
  EXPECT_EQ(*server_.Getpeername(ends.server), own);
  ASSERT_TRUE(client_.Close(ends.client).ok());
  ASSERT_TRUE(server_.Close(ends.server).ok());
}

// --- No difference -----------------------------------------------------------

// Two processes that do at random what can be done with some connections, and
// all that they are told.
class Pair final {
 public:
  Pair(Scheduler* scheduler, uint32_t seed)
      : world_(scheduler),
        recorder_(world_, nullptr),
        dice_(seed),
        hosts_{&AddHost("client", 0x0a000001), &AddHost("server", 0x0a000002)},
        kernels_{std::make_unique<Kernel>(*hosts_[0]),
                 std::make_unique<Kernel>(*hosts_[1])} {
    world_.AddLink(*hosts_[0], *hosts_[1], {absl::Milliseconds(3), {}});
    listener_ = *kernels_[1]->Socket(loop::Family::kInet, kType, 0);
    Note(kernels_[1]->Bind(listener_, Server()));
    Note(kernels_[1]->Listen(listener_, 100));
    Plan(absl::Milliseconds(1));
  }

  void Run() {
    static_cast<void>(world_.Run(loop::Instant() + absl::Minutes(5)));
  }
  uint64_t hash() const { return recorder_.hash(); }
  const std::string& told() const { return told_; }
  size_t most_at_rest() const { return most_at_rest_; }

 private:
  static constexpr int kType = loop::kSockStream | loop::kSockNonblock;
  static constexpr int kSteps = 1500;

  static loop::Address Server() {
    return loop::Address::Inet(loop::Ipv4{0x0a000002}, 7001);
  }
  Host& AddHost(const char* name, uint32_t address) {
    world_.SetRecorder(&recorder_);
    HostOptions options;
    options.name = name;
    options.address = loop::Ipv4{address};
    return world_.AddHost(options);
  }
  uint32_t Draw(uint64_t below) { return dice_.Draw(below); }
  void Note(const loop::Result<void>& result) {
    absl::StrAppend(&told_, loop::ErrnoName(result.error()), "\n");
  }
  template <typename T>
  void Note(const loop::Result<T>& result) {
    absl::StrAppend(&told_, loop::ErrnoName(result.error()), " ",
                    result.ok() ? static_cast<int64_t>(*result) : -1, "\n");
  }
  void Plan(absl::Duration pause) {
    world_.At(world_.Now() + pause, "step", [this] { Step(); });
  }

  void Step() {
    if (++steps_ == kSteps) return;
    if (fds_[0].size() < 12 || Draw(8) == 0) {
      const Fd fd = *kernels_[0]->Socket(loop::Family::kInet, kType, 0);
      Note(kernels_[0]->Connect(fd, Server()));
      fds_[0].push_back(fd);
    }
    while (true) {
      const auto accepted =
          kernels_[1]->Accept4(listener_, loop::kSockNonblock);
      if (!accepted.ok()) break;
      fds_[1].push_back(accepted->fd);
    }
    const uint32_t side = Draw(2);
    if (!fds_[side].empty()) {
      Act(*kernels_[side], fds_[side], Draw(fds_[side].size()));
    }
    most_at_rest_ =
        std::max(most_at_rest_, hosts_[0]->tcp().pasts().connections() +
                                    hosts_[1]->tcp().pasts().connections());
    // Now and then long enough to rest.
    Plan(Draw(4) == 0 ? absl::Milliseconds(Draw(200))
                      : absl::Microseconds(Draw(2000)));
  }

  void Act(Kernel& kernel, std::vector<Fd>& fds, size_t index) {
    const Fd fd = fds[index];
    switch (Draw(16)) {
      case 0:
        Note(kernel.Shutdown(fd, static_cast<int>(Draw(3))));
        break;
      case 1:
        Note(kernel.Close(fd));
        fds.erase(fds.begin() + static_cast<ptrdiff_t>(index));
        break;
      case 2:
        Set(kernel, fd, loop::kSolSocket, loop::kSoKeepalive, Draw(2));
        Set(kernel, fd, loop::kIpprotoTcp, loop::kTcpKeepidle, 1 + Draw(3));
        break;
      case 3:
        Set(kernel, fd, loop::kIpprotoTcp, loop::kTcpNodelay, Draw(2));
        break;
      case 4:
        Set(kernel, fd, loop::kIpprotoTcp, loop::kTcpCork, Draw(2));
        break;
      case 5:
        Set(kernel, fd, loop::kSolSocket, loop::kSoRcvlowat, 1 + Draw(9));
        break;
      case 6:
        Ask(kernel, fd);
        break;
      case 7: {
        loop::PollFd entry{fd, 0xffff, 0};
        Note(kernel.Poll(absl::MakeSpan(&entry, 1), {}));
        absl::StrAppend(&told_, entry.revents, "\n");
        break;
      }
      case 8:
        Note(kernel.Send(fd, "!", Draw(4) == 0 ? loop::kMsgOob : 0));
        break;
      case 9:
      case 10:
      case 11:
        Note(kernel.Send(fd, std::string(1 + Draw(1 << Draw(16)), 'x'), 0));
        break;
      default: {
        std::string buffer(1 + Draw(1 << Draw(17)), '\0');
        Note(kernel.Read(fd, absl::MakeSpan(buffer)));
      }
    }
  }
  void Set(Kernel& kernel, Fd fd, int level, int name, uint32_t value) {
    Note(loop::SetIntOption(kernel, fd, level, name, static_cast<int>(value)));
  }
  // All that Linux tells of a connection.
  void Ask(Kernel& kernel, Fd fd) {
    std::string info(256, '\0');
    const auto got = kernel.Getsockopt(fd, loop::kIpprotoTcp, loop::kTcpInfo,
                                       absl::MakeSpan(info));
    Note(got);
    told_ += info;
    for (const uint32_t request : {loop::kFionread, loop::kSiocoutq}) {
      int value = 0;
      Note(kernel.Ioctl(fd, request, &value));
      absl::StrAppend(&told_, value, "\n");
    }
  }

  World world_;
  trace::Recorder recorder_;
  Dice dice_;
  Host* hosts_[2];
  std::unique_ptr<Kernel> kernels_[2];
  Fd listener_;
  std::vector<Fd> fds_[2];
  int steps_ = 0;
  size_t most_at_rest_ = 0;
  std::string told_;
};

TEST(Dormant, MakesNoDifferenceToAnybody) {
  const explore::Schedule nothing;
  for (uint32_t seed = 1; seed <= 150; ++seed) {
    Pair resting(nullptr, seed);
    resting.Run();
    // Asked, and with nothing to say: the calm run, but nothing rests.
    explore::ReplayScheduler scheduler(nothing);
    Pair awake(&scheduler, seed);
    awake.Run();
    EXPECT_GT(resting.most_at_rest(), 3u) << "seed " << seed;
    EXPECT_EQ(awake.most_at_rest(), 0u);
    ASSERT_EQ(resting.told(), awake.told()) << "seed " << seed;
    ASSERT_EQ(resting.hash(), awake.hash()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace simloop::sim
