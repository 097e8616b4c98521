// Pipes: pages, packets, and when each end is told.

#include "sim/pipe.h"

#include <string>

#include "tests/sim/one_process.h"

namespace simloop::sim {
namespace {

using loop::Errno;

class PipeTest : public OneProcess {
 protected:
  PipeTest() { Open(loop::kONonblock); }

  void Open(int flags) {
    const auto pair = kernel_.Pipe2(flags);
    reader_ = pair->first;
    writer_ = pair->second;
  }
  int Write(size_t bytes) {
    return Number(kernel_.Write(writer_, std::string(bytes, 'x')));
  }
  int Read(size_t bytes) {
    std::string buffer(bytes, '\0');
    return Number(kernel_.Read(reader_, absl::MakeSpan(buffer)));
  }
  int Resize(int bytes) {
    return Number(kernel_.Fcntl(writer_, loop::kFSetpipeSz, bytes));
  }

  loop::Fd reader_;
  loop::Fd writer_;
};

TEST_F(PipeTest, HoldsSixteenPages) {
  EXPECT_EQ(Write(100'000), 65536);
  EXPECT_EQ(Write(1), Minus(Errno::kEAGAIN));
  EXPECT_EQ(Ready(writer_), 0u);
  EXPECT_EQ(Read(4095), 4095);
  EXPECT_EQ(Ready(writer_), 0u);
  EXPECT_EQ(Read(1), 1);
  EXPECT_EQ(Ready(writer_), kOut);
}

TEST_F(PipeTest, FillsUpTheLastPageWithWhatFits) {
  EXPECT_EQ(Resize(4096), 4096);
  EXPECT_EQ(Write(4000), 4000);
  EXPECT_EQ(Write(97), Minus(Errno::kEAGAIN));
  EXPECT_EQ(Write(96), 96);
  EXPECT_EQ(Ioctl(reader_, loop::kFionread), 4096);
}

TEST_F(PipeTest, DividesOnlyWritesOfMoreThanAPage) {
  EXPECT_EQ(Resize(8192), 8192);
  EXPECT_EQ(Write(5000), 5000);
  EXPECT_EQ(Write(4096), Minus(Errno::kEAGAIN));
  EXPECT_EQ(Write(4097), 1);
}

TEST_F(PipeTest, OfPacketsReadsOneAtATime) {
  Open(loop::kONonblock | loop::kODirect);
  EXPECT_EQ(Write(3), 3);
  EXPECT_EQ(Write(5000), 5000);
  EXPECT_EQ(Read(2), 2);
  EXPECT_EQ(Read(9000), 4096);
  EXPECT_EQ(Read(9000), 904);
}

TEST_F(PipeTest, EndsWithItsWriterAndBreaksWithItsReader) {
  EXPECT_EQ(Write(1), 1);
  EXPECT_TRUE(kernel_.Close(writer_).ok());
  EXPECT_EQ(Ready(reader_), kIn | kHup);
  EXPECT_EQ(Read(9), 1);
  EXPECT_EQ(Read(9), 0);
  Open(loop::kONonblock);
  EXPECT_TRUE(kernel_.Close(reader_).ok());
  EXPECT_EQ(Ready(writer_), kOut | kErr);
  EXPECT_EQ(Write(1), Minus(Errno::kEPIPE));
  EXPECT_EQ(kernel_.sigpipes(), 1u);
}

TEST_F(PipeTest, HasASizeThatIsAPowerOfTwo) {
  EXPECT_EQ(Resize(5000), 8192);
  EXPECT_EQ(Resize(-1), Minus(Errno::kEINVAL));
  EXPECT_EQ(Resize(Pipe::kMostBytes + 1), Minus(Errno::kEPERM));
  EXPECT_EQ(Write(5000), 5000);
  EXPECT_EQ(Resize(4096), Minus(Errno::kEBUSY));
  EXPECT_EQ(Number(kernel_.Fcntl(reader_, loop::kFGetpipeSz, 0)), 8192);
}

// A writer is told of the first free page, a reader of every write.
TEST_F(PipeTest, TellsWhoPolls) {
  const loop::Fd writer = Watch(writer_);
  const loop::Fd reader = Watch(reader_);
  EXPECT_EQ(Write(65536), 65536);
  EXPECT_EQ(Edge(reader), kIn);
  EXPECT_EQ(Write(1), Minus(Errno::kEAGAIN));
  EXPECT_EQ(Edge(reader), kIn);
  EXPECT_EQ(Read(4096), 4096);
  EXPECT_EQ(Edge(writer), kOut);
  EXPECT_EQ(Read(4096), 4096);
  EXPECT_EQ(Edge(writer), 0u);
}

TEST_F(PipeTest, LetsWhoMayWaitWriteMoreThanItHolds) {
  const loop::Fd listener = Listener(loop::kSockStream, "unix:s", 1);
  constexpr size_t kBytes = 100'000;
  size_t written = 0;
  InAnother([&](Kernel& kernel) {
    const auto pipe = kernel.Pipe2(0);
    const loop::Fd fd =
        *kernel.Socket(loop::Family::kUnix, loop::kSockStream, 0);
    EXPECT_TRUE(kernel.Connect(fd, Name("unix:s")).ok());
    std::string control;
    loop::ControlMessage::Rights({pipe->first}).AppendTo(&control);
    const absl::Span<const char> piece("x", 1);
    EXPECT_TRUE(
        kernel
            .Sendmsg(fd, {absl::MakeConstSpan(&piece, 1), nullptr, control}, 0)
            .ok());
    written = *kernel.Write(pipe->second, std::string(kBytes, 'x'));
  });
  RunFor(absl::Seconds(1));
  EXPECT_EQ(written, 0u);
  reader_ = RecvFiles(kernel_.Accept4(listener, 0)->fd).files.at(0);
  EXPECT_EQ(Read(kBytes), 65536);
  RunFor(absl::Seconds(1));
  EXPECT_EQ(written, kBytes);
  EXPECT_EQ(Read(kBytes), static_cast<int>(kBytes) - 65536);
}

}  // namespace
}  // namespace simloop::sim
