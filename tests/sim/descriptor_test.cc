// Descriptors and epoll of one process.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/sim/two_hosts.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using testing::ElementsAre;

HostOptions FewDescriptors() {
  HostOptions options;
  options.descriptor_limit = 6;  // the first three included
  return options;
}

class Descriptors : public TwoHosts {
 protected:
  Descriptors() : TwoHosts(HostOptions(), FewDescriptors()) {}
};

TEST_F(Descriptors, AreTheLowestFreeNumber) {
  EXPECT_EQ(NewSocket(client_).number, 3);
  EXPECT_EQ(NewSocket(client_).number, 4);
  EXPECT_EQ(client_.EpollCreate1(0)->number, 5);
  EXPECT_TRUE(client_.Close(loop::Fd{4}).ok());
  EXPECT_TRUE(client_.Close(loop::Fd{3}).ok());
  EXPECT_EQ(NewSocket(client_).number, 3);
  EXPECT_EQ(NewSocket(client_).number, 4);
  EXPECT_EQ(NewSocket(client_).number, 6);
}

TEST_F(Descriptors, RunOutAtTheLimit) {
  NewSocket(server_);
  NewSocket(server_);
  NewSocket(server_);
  EXPECT_EQ(server_.Socket(loop::Family::kInet, kType, 0).error(),
            Errno::kEMFILE);
  EXPECT_EQ(server_.EpollCreate1(0).error(), Errno::kEMFILE);
  EXPECT_EQ(server_.open_descriptors(), 3u);
}

// accept4(2) looks for a descriptor first; what waits goes on waiting.
TEST_F(Descriptors, AreMissedBeforeTheAcceptQueueIsLookedAt) {
  const loop::Fd listener = Listen(4);
  NewSocket(server_);
  const loop::Fd last = NewSocket(server_);
  const auto accept = [&] {
    return server_.Accept4(listener, loop::kSockNonblock).error();
  };
  EXPECT_EQ(accept(), Errno::kEMFILE);
  Connect();
  RunTo(absl::Milliseconds(100));
  EXPECT_EQ(accept(), Errno::kEMFILE);
  EXPECT_TRUE(server_.Close(last).ok());
  EXPECT_EQ(accept(), Errno::kOk);
  EXPECT_EQ(accept(), Errno::kEMFILE);
}

TEST_F(Descriptors, OfAProcessThatEndsAreClosed) {
  Listen(4);
  const loop::Fd fd = Connect();
  RunTo(absl::Milliseconds(100));
  {
    Kernel other(server_host_);
    EXPECT_TRUE(other.Socket(loop::Family::kInet, kType, 0).ok());
  }
  EXPECT_EQ(Ready(client_, fd), loop::kEpollOut);
}

class EpollTest : public TwoHosts {
 protected:
  EpollTest() : epoll_(*server_.EpollCreate1(0)) {
    const loop::Fd listener = Listen(8);
    for (int i = 0; i < 3; ++i) {
      near_.push_back(Connect());
      RunTo(absl::Milliseconds(100 * (i + 1)));
      far_.push_back(Accept(listener));
    }
  }
  void Watch(int i, uint32_t events) {
    EXPECT_TRUE(server_
                    .EpollCtl(epoll_, loop::kEpollCtlAdd, far_[i],
                              {events, static_cast<uint64_t>(i)})
                    .ok());
  }
  // The data of the events that are ready.
  std::vector<int> Wait(size_t most) {
    std::vector<loop::EpollEvent> events(most);
    const auto count = server_.EpollWait(epoll_, absl::MakeSpan(events), {});
    std::vector<int> data;
    for (size_t i = 0; i < *count; ++i) {
      data.push_back(static_cast<int>(events[i].data));
    }
    return data;
  }

  loop::Fd epoll_;
  std::vector<loop::Fd> near_;
  std::vector<loop::Fd> far_;
};

TEST_F(EpollTest, ReportsInTheOrderInWhichThingsHappened) {
  for (int i = 0; i < 3; ++i) Watch(i, loop::kEpollIn);
  static_cast<void>(Send(client_, near_[2], "x"));
  static_cast<void>(Send(client_, near_[0], "x"));
  static_cast<void>(Send(client_, near_[1], "x"));
  static_cast<void>(Send(client_, near_[2], "x"));
  RunTo(absl::Milliseconds(400));
  EXPECT_THAT(Wait(8), ElementsAre(2, 0, 1));
}

TEST_F(EpollTest, TakesTurnsWhenFewAreAskedFor) {
  for (int i = 0; i < 3; ++i) Watch(i, loop::kEpollOut);
  EXPECT_THAT(Wait(2), ElementsAre(0, 1));
  EXPECT_THAT(Wait(2), ElementsAre(2, 0));
  EXPECT_THAT(Wait(2), ElementsAre(1, 2));
  EXPECT_THAT(Wait(8), ElementsAre(0, 1, 2));
}

TEST_F(EpollTest, ForgetsAFileThatIsClosed) {
  for (int i = 0; i < 3; ++i) Watch(i, loop::kEpollOut);
  EXPECT_TRUE(server_.Close(far_[1]).ok());
  EXPECT_THAT(Wait(8), ElementsAre(0, 2));
  // The number's next owner is not watched.
  EXPECT_EQ(NewSocket(server_), far_[1]);
  EXPECT_THAT(Wait(8), ElementsAre(0, 2));
  EXPECT_EQ(server_.EpollCtl(epoll_, loop::kEpollCtlDel, far_[1], {}).error(),
            Errno::kENOENT);
}

TEST_F(EpollTest, LeavesItsFilesAloneWhenClosed) {
  for (int i = 0; i < 3; ++i) Watch(i, loop::kEpollOut | loop::kEpollIn);
  EXPECT_TRUE(server_.Close(epoll_).ok());
  static_cast<void>(Send(client_, near_[0], "x"));
  RunTo(absl::Milliseconds(400));
  EXPECT_EQ(ReadAll(server_, far_[0]), "x");
}

// The process waits 25 ms for what takes 10 ms to come, and then for nothing.
TEST_F(EpollTest, StepsAProcessWhenItsWaitIsOver) {
  Watch(0, loop::kEpollIn);
  std::vector<int64_t> stepped_millis;
  server_.Start([&] {
    stepped_millis.push_back(world_.Now().nanos() / 1'000'000);
    loop::EpollEvent event;
    while (*server_.EpollWait(epoll_, absl::MakeSpan(&event, 1),
                              absl::Milliseconds(25)) > 0) {
      ReadAll(server_, far_[0]);
    }
    return false;
  });
  static_cast<void>(Send(client_, near_[0], "x"));
  RunTo(absl::Milliseconds(370));
  EXPECT_THAT(stepped_millis, ElementsAre(300, 310, 335, 360));
}

}  // namespace
}  // namespace simloop::sim
