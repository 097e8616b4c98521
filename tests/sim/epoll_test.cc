// Epoll over Unix sockets and eventfds: modes, order, sets within sets.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/sim/one_process.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using testing::ElementsAre;

class EpollModes : public OneProcess {
 protected:
  EpollModes() : epoll_(*kernel_.EpollCreate1(0)) {
    for (int i = 0; i < 3; ++i) {
      files_.push_back(*kernel_.Eventfd(0, loop::kEfdNonblock));
    }
  }

  Errno Control(int op, loop::Fd fd, uint32_t events) {
    const auto data = static_cast<uint64_t>(fd.number);
    return kernel_.EpollCtl(epoll_, op, fd, {events, data}).error();
  }
  void AddAll(uint32_t events) {
    for (const loop::Fd fd : files_) Control(loop::kEpollCtlAdd, fd, events);
  }
  void Write(size_t index) {
    EXPECT_TRUE(kernel_.Write(files_[index], {"\1\0\0\0\0\0\0\0", 8}).ok());
  }
  // Which files are reported, by their place.
  std::vector<int> Wait(size_t most = 8) {
    std::vector<loop::EpollEvent> events(most);
    events.resize(*kernel_.EpollWait(epoll_, absl::MakeSpan(events), {}));
    std::vector<int> places;
    for (const loop::EpollEvent& event : events) {
      places.push_back(static_cast<int>(event.data) - files_[0].number);
    }
    return places;
  }

  const loop::Fd epoll_;
  std::vector<loop::Fd> files_;
};

TEST_F(EpollModes, ReportInTheOrderOfWakeUps) {
  AddAll(kIn);
  Write(2);
  Write(0);
  EXPECT_THAT(Wait(), ElementsAre(2, 0));
}

TEST_F(EpollModes, OfLevelGoToTheEndWhenTheyAreReported) {
  AddAll(kIn);
  Write(0);
  Write(1);
  Write(2);
  EXPECT_THAT(Wait(2), ElementsAre(0, 1));
  EXPECT_THAT(Wait(2), ElementsAre(2, 0));
}

TEST_F(EpollModes, OfEdgesReportEachWakeUpOnce) {
  AddAll(kIn | loop::kEpollEt);
  Write(1);
  EXPECT_THAT(Wait(), ElementsAre(1));
  EXPECT_THAT(Wait(), ElementsAre());
  Write(1);
  EXPECT_THAT(Wait(), ElementsAre(1));
}

TEST_F(EpollModes, OfOneShotAreSilentUntilTheyAreSetAgain) {
  AddAll(kIn | loop::kEpollOneshot);
  Write(0);
  EXPECT_THAT(Wait(), ElementsAre(0));
  Write(0);
  EXPECT_THAT(Wait(), ElementsAre());
  EXPECT_EQ(Control(loop::kEpollCtlMod, files_[0], kIn), Errno::kOk);
  EXPECT_THAT(Wait(), ElementsAre(0));
}

TEST_F(EpollModes, OutliveTheDescriptorWhileTheFileTravels) {
  const auto [a, b] = Pair(loop::kSockStream);
  AddAll(kIn);
  SendFiles(a, "x", {files_[1]});
  EXPECT_TRUE(kernel_.Close(files_[1]).ok());
  files_[1] = RecvFiles(b).files.at(0);
  Write(1);
  EXPECT_THAT(Wait(), ElementsAre(1));
  EXPECT_TRUE(kernel_.Close(files_[1]).ok());
  EXPECT_THAT(Wait(), ElementsAre());
}

TEST_F(EpollModes, OfSetsWithinSetsPassReadinessOn) {
  const loop::Fd outer = Watch(epoll_);
  AddAll(kIn);
  EXPECT_EQ(Edge(outer), 0u);
  Write(0);
  EXPECT_EQ(Edge(outer), kIn);
  EXPECT_EQ(Control(loop::kEpollCtlAdd, outer, kIn), Errno::kELOOP);
}

TEST_F(EpollModes, RefuseFilesOfADisk) {
  const auto file = kernel_.OpenRegular("f", loop::kORdwr | loop::kOCreat);
  EXPECT_EQ(Control(loop::kEpollCtlAdd, *file, kIn), Errno::kEPERM);
  EXPECT_EQ(Ready(*file), kIn | kOut);
}

}  // namespace
}  // namespace simloop::sim
