// Unix sockets: connections, records, names, descriptors that travel.

#include <string>

#include "absl/strings/match.h"
#include "loop/socket_option.h"
#include "sim/choice.h"
#include "tests/sim/one_process.h"

namespace simloop::sim {
namespace {

using loop::Errno;

constexpr int kStream = loop::kSockStream;
constexpr int kDgram = loop::kSockDgram;
constexpr int kSeqpacket = loop::kSockSeqpacket;

class UnixStream : public OneProcess {};
class UnixNames : public OneProcess {};
class UnixDatagrams : public OneProcess {};
class UnixRights : public OneProcess {};

TEST_F(UnixStream, IsConnectedBeforeItIsAccepted) {
  const loop::Fd listener = Listener(kStream, "unix:a", 4);
  const loop::Fd client = Unix(kStream);
  EXPECT_EQ(Ready(client), kOut | kHup);
  EXPECT_TRUE(kernel_.Connect(client, Name("unix:a")).ok());
  EXPECT_EQ(Ready(client), kOut);
  EXPECT_EQ(Ready(listener), kIn);
  EXPECT_EQ(Send(client, "early"), 5);
  const auto accepted = kernel_.Accept4(listener, loop::kSockNonblock);
  EXPECT_EQ(Recv(accepted->fd), "early");
  EXPECT_EQ(accepted->peer, Name("unix:"));
  EXPECT_EQ(*kernel_.Getsockname(accepted->fd), Name("unix:a"));
}

TEST_F(UnixStream, ThatFindsTheBacklogFullMayTryAgain) {
  const loop::Fd listener = Listener(kStream, "unix:a", 0);
  const loop::Fd first = Unix(kStream);
  const loop::Fd second = Unix(kStream);
  EXPECT_TRUE(kernel_.Connect(first, Name("unix:a")).ok());
  EXPECT_EQ(kernel_.Connect(second, Name("unix:a")).error(), Errno::kEAGAIN);
  EXPECT_TRUE(kernel_.Accept4(listener, 0).ok());
  EXPECT_TRUE(kernel_.Connect(second, Name("unix:a")).ok());
}

TEST_F(UnixStream, ThatMayWaitConnectsWhenAnotherIsAccepted) {
  const loop::Fd listener = Listener(kStream, "unix:a", 0);
  EXPECT_TRUE(kernel_.Connect(Unix(kStream), Name("unix:a")).ok());
  Errno answer = Errno::kEINPROGRESS;
  InAnother([&](Kernel& kernel) {
    const loop::Fd fd = *kernel.Socket(loop::Family::kUnix, kStream, 0);
    answer = kernel.Connect(fd, Name("unix:a")).error();
  });
  RunFor(absl::Seconds(1));
  EXPECT_EQ(answer, Errno::kEINPROGRESS);
  EXPECT_TRUE(kernel_.Accept4(listener, 0).ok());
  RunFor(absl::Seconds(1));
  EXPECT_EQ(answer, Errno::kOk);
}

TEST_F(UnixStream, OfAClosedPeerEndsAndBreaks) {
  const auto [a, b] = Pair(kStream);
  EXPECT_EQ(Send(a, "x"), 1);
  EXPECT_TRUE(kernel_.Close(a).ok());
  EXPECT_EQ(Ready(b), kIn | kOut | kRdhup | kHup);
  EXPECT_EQ(Recv(b), "x");
  EXPECT_EQ(Recv(b), "");
  EXPECT_EQ(Send(b, "y"), Minus(Errno::kEPIPE));
  EXPECT_EQ(kernel_.sigpipes(), 1u);
}

TEST_F(UnixStream, IsResetByAPeerThatDidNotReadAll) {
  const auto [a, b] = Pair(kStream);
  EXPECT_EQ(Send(a, "unread"), 6);
  EXPECT_EQ(Send(b, "kept"), 4);
  EXPECT_TRUE(kernel_.Close(b).ok());
  EXPECT_EQ(Ready(a), kIn | kOut | kRdhup | kErr | kHup);
  EXPECT_EQ(Recv(a), "kept");
  EXPECT_EQ(Recv(a), "ECONNRESET");
  EXPECT_EQ(Recv(a), "");
}

TEST_F(UnixStream, TakesAsMuchAsItsSendBufferHolds) {
  const auto [a, b] = Pair(kStream);
  EXPECT_TRUE(
      loop::SetIntOption(kernel_, a, loop::kSolSocket, loop::kSoSndbuf, 16384)
          .ok());
  const loop::Fd watch = Watch(a);
  const std::string chunk(4096, 'x');
  size_t total = 0;
  while (Send(a, chunk) > 0) total += chunk.size();
  EXPECT_EQ(total, 28672u);
  EXPECT_EQ(Ready(a), 0u);
  // Writable again when a quarter is taken at most.
  while (Edge(watch) == 0) Recv(b, 0, 4096);
  EXPECT_EQ(Ioctl(a, loop::kSiocoutq), 4864);
}

TEST_F(UnixStream, IsReadAcrossMessages) {
  const auto [a, b] = Pair(kStream);
  Send(a, "abc");
  Send(a, "def");
  EXPECT_EQ(Recv(b, loop::kMsgPeek, 4), "abcd");
  EXPECT_EQ(Recv(b, 0, 2), "ab");
  EXPECT_EQ(Ioctl(b, loop::kFionread), 4);
  EXPECT_EQ(Recv(b, loop::kMsgWaitall, 9), "cdef");
  EXPECT_EQ(Recv(b), "EAGAIN");
}

TEST_F(UnixStream, StopsReadingAtTheUrgentByte) {
  const auto [a, b] = Pair(kStream);
  EXPECT_EQ(Send(a, "abX", loop::kMsgOob), 3);
  Send(a, "c");
  EXPECT_EQ(Ready(b), kIn | kPri | kOut);
  EXPECT_EQ(Recv(b), "ab");
  EXPECT_EQ(Ioctl(b, loop::kSiocatmark), 1);
  EXPECT_EQ(Recv(b, loop::kMsgOob, 1), "X");
  EXPECT_EQ(Recv(b, loop::kMsgOob, 1), "EINVAL");
  EXPECT_EQ(Recv(b), "c");
}

// A look at no bytes goes over all that is there; if the last of it is the
// urgent byte, there is nothing to look at.
TEST_F(UnixStream, LooksAtNoBytesUpToTheUrgentByte) {
  const auto [a, b] = Pair(kStream);
  EXPECT_EQ(Send(a, "bX", loop::kMsgOob), 2);
  EXPECT_EQ(Recv(b, loop::kMsgPeek, 0), "EAGAIN");
  EXPECT_EQ(Recv(b, loop::kMsgPeek, 1), "b");
  Send(a, "c");
  EXPECT_EQ(Recv(b, loop::kMsgPeek, 0), "");
}

TEST_F(UnixStream, WakesForEachMessageAndForEachOneRead) {
  const auto [a, b] = Pair(kStream);
  const loop::Fd sender = Watch(a);
  const loop::Fd receiver = Watch(b);
  Send(a, "one");
  EXPECT_EQ(Edge(receiver), kIn | kOut);
  EXPECT_EQ(Edge(receiver), 0u);
  Send(a, "two");
  EXPECT_EQ(Edge(receiver), kIn | kOut);
  EXPECT_EQ(Recv(b, 0, 2), "on");
  EXPECT_EQ(Edge(sender), 0u);
  EXPECT_EQ(Recv(b, 0, 1), "e");
  EXPECT_EQ(Edge(sender), kOut);
}

TEST_F(UnixStream, ReadsNoFurtherThanOneSenderWhereItAsksForCredentials) {
  const auto [a, b] = Pair(kStream);
  Send(a, "before");
  EXPECT_TRUE(
      loop::SetIntOption(kernel_, b, loop::kSolSocket, loop::kSoPasscred, 1)
          .ok());
  Send(a, "after");
  EXPECT_EQ(Recv(b), "before");
  EXPECT_EQ(Recv(b), "after");
}

TEST_F(UnixNames, OfPathsOutliveTheirSockets) {
  const loop::Fd listener = Listener(kStream, "unix:a", 4);
  const loop::Fd client = Unix(kStream);
  EXPECT_EQ(kernel_.Connect(client, Name("unix:b")).error(), Errno::kENOENT);
  EXPECT_TRUE(kernel_.Close(listener).ok());
  EXPECT_EQ(kernel_.Connect(client, Name("unix:a")).error(),
            Errno::kECONNREFUSED);
  EXPECT_EQ(kernel_.Bind(client, Name("unix:a")).error(), Errno::kEADDRINUSE);
  EXPECT_TRUE(kernel_.Unlink("a").ok());
  EXPECT_TRUE(kernel_.Bind(client, Name("unix:a")).ok());
}

TEST_F(UnixNames, OfTheAbstractSpaceGoWithTheirSockets) {
  const loop::Fd listener = Listener(kStream, "unix:@a", 4);
  EXPECT_EQ(kernel_.Bind(Unix(kStream), Name("unix:@a")).error(),
            Errno::kEADDRINUSE);
  EXPECT_TRUE(kernel_.Bind(Unix(kDgram), Name("unix:@a")).ok());
  EXPECT_TRUE(kernel_.Close(listener).ok());
  EXPECT_TRUE(kernel_.Bind(Unix(kStream), Name("unix:@a")).ok());
}

TEST_F(UnixNames, NeedADirectoryThatIsThere) {
  const loop::Fd fd = Unix(kStream);
  EXPECT_EQ(kernel_.Bind(fd, Name("unix:no/such")).error(), Errno::kENOENT);
  EXPECT_EQ(kernel_.Bind(fd, Name("unix:.")).error(), Errno::kEADDRINUSE);
  EXPECT_TRUE(kernel_.OpenRegular("f", loop::kORdwr | loop::kOCreat).ok());
  EXPECT_EQ(kernel_.Bind(fd, Name("unix:f/x")).error(), Errno::kENOTDIR);
  EXPECT_EQ(kernel_.Connect(fd, Name("unix:f")).error(), Errno::kECONNREFUSED);
  EXPECT_TRUE(kernel_.Bind(fd, Name("unix:/var/../run/s")).ok());
  EXPECT_TRUE(kernel_.Unlink("/run/s").ok());
}

TEST_F(UnixDatagrams, KeepTheirBoundsAndLoseWhatDoesNotFit) {
  const auto [a, b] = Pair(kDgram);
  Send(a, "abc");
  Send(a, "");
  Send(a, "de");
  EXPECT_EQ(Ioctl(b, loop::kFionread), 3);
  EXPECT_EQ(Recv(b, 0, 2), "ab");
  EXPECT_EQ(Recv(b), "");
  EXPECT_EQ(Recv(b), "de");
  EXPECT_EQ(Recv(b), "EAGAIN");
}

TEST_F(UnixDatagrams, WaitForRoomAtTheReceiver) {
  const loop::Fd receiver = Unix(kDgram);
  const loop::Fd sender = Unix(kDgram);
  EXPECT_TRUE(kernel_.Bind(receiver, Name("unix:r")).ok());
  EXPECT_TRUE(kernel_.Connect(sender, Name("unix:r")).ok());
  const loop::Fd watch = Watch(sender);
  int sent = 0;
  while (Send(sender, "x") == 1) ++sent;
  EXPECT_EQ(sent, 11);
  EXPECT_EQ(Ready(sender), 0u);
  EXPECT_EQ(Edge(watch), 0u);
  EXPECT_EQ(Recv(receiver), "x");
  EXPECT_EQ(Edge(watch), kOut);
}

TEST_F(UnixDatagrams, GoToNobodyElseThanThePeer) {
  const loop::Fd a = Unix(kDgram);
  const loop::Fd b = Unix(kDgram);
  EXPECT_TRUE(kernel_.Bind(a, Name("unix:a")).ok());
  EXPECT_TRUE(kernel_.Bind(b, Name("unix:b")).ok());
  EXPECT_TRUE(kernel_.Connect(b, Name("unix:a")).ok());
  EXPECT_EQ(kernel_.Connect(Unix(kDgram), Name("unix:b")).error(),
            Errno::kEPERM);
  EXPECT_TRUE(kernel_.Connect(a, Name("unix:b")).ok());
}

TEST_F(UnixDatagrams, ToAClosedPeerAreRefusedOnce) {
  const auto [a, b] = Pair(kDgram);
  EXPECT_TRUE(kernel_.Close(b).ok());
  EXPECT_EQ(Send(a, "x"), Minus(Errno::kECONNREFUSED));
  EXPECT_EQ(Send(a, "x"), Minus(Errno::kENOTCONN));
}

TEST_F(UnixDatagrams, OfAConnectionBreakWithoutASignal) {
  const auto [a, b] = Pair(kSeqpacket);
  Send(a, "unread");
  EXPECT_TRUE(kernel_.Close(b).ok());
  EXPECT_EQ(Recv(a), "ECONNRESET");
  EXPECT_EQ(Recv(a), "");
  EXPECT_EQ(Send(a, "x"), Minus(Errno::kEPIPE));
  EXPECT_EQ(kernel_.sigpipes(), 0u);
}

TEST_F(UnixRights, KeepAFileOpenOnItsWay) {
  const auto [a, b] = Pair(kStream);
  const auto [c, d] = Pair(kStream);
  EXPECT_EQ(SendFiles(a, "x", {c}), 1);
  EXPECT_TRUE(kernel_.Close(c).ok());
  Send(d, "hello");
  const Message message = RecvFiles(b);
  ASSERT_EQ(message.files.size(), 1u);
  EXPECT_EQ(Recv(message.files[0]), "hello");
}

TEST_F(UnixRights, EndAReading) {
  const auto [a, b] = Pair(kStream);
  const loop::Fd event = *kernel_.Eventfd(0, 0);
  Send(a, "one");
  SendFiles(a, "two", {event});
  Send(a, "three");
  EXPECT_EQ(RecvFiles(b, 100, loop::kMsgWaitall).data, "onetwo");
  EXPECT_EQ(RecvFiles(b).data, "three");
}

TEST_F(UnixRights, ThatDoNotFitAreClosed) {
  const auto [a, b] = Pair(kStream);
  const auto [c, d] = Pair(kStream);
  SendFiles(a, "x", {c});
  EXPECT_TRUE(kernel_.Close(c).ok());
  const Message message = RecvFiles(b, 100, 0, /*control_room=*/16);
  EXPECT_EQ(message.flags, loop::kMsgCtrunc);
  EXPECT_EQ(Recv(d), "");
}

TEST_F(UnixRights, ThatNobodyCanReceiveAreCollected) {
  const auto [a, b] = Pair(kStream);
  const auto [c, d] = Pair(kStream);
  // b waits in its own queue, and so does the last reference to c.
  SendFiles(a, "x", {b, c});
  EXPECT_TRUE(kernel_.Close(b).ok());
  EXPECT_TRUE(kernel_.Close(c).ok());
  EXPECT_EQ(Recv(d), "EAGAIN");
  EXPECT_TRUE(kernel_.Close(a).ok());
  EXPECT_EQ(Recv(d), "");
}

TEST_F(UnixRights, OfEachOtherGoWithTheHost) {
  const auto [a, b] = Pair(kDgram);
  SendFiles(a, "x", {a, b});
  SendFiles(b, "x", {a, b});
  EXPECT_TRUE(kernel_.Close(a).ok());
  EXPECT_TRUE(kernel_.Close(b).ok());
}

// Takes the second of all ways, but makes every socket it is asked for.
class Contrary final : public Scheduler {
 public:
  uint32_t Pick(const Choice& choice) override {
    if (absl::StrContains(choice.name, ".socket")) return 0;
    asked.emplace_back(choice.name);
    return 1;
  }
  std::vector<std::string> asked;
};

class UnixFreedoms : public OneProcess {
 protected:
  UnixFreedoms() : OneProcess(Granted(), &scheduler()) {}
  static HostOptions Granted() {
    HostOptions options;
    options.freedoms.unix_backlog = true;
    options.freedoms.memory = true;
    return options;
  }
  static Contrary& scheduler() {
    static Contrary contrary;
    return contrary;
  }
};

TEST_F(UnixFreedoms, AreAFullBacklogAndShortMemory) {
  Listener(kStream, "unix:a", 4);
  EXPECT_EQ(kernel_.Connect(Unix(kStream), Name("unix:a")).error(),
            Errno::kEAGAIN);
  const auto [a, b] = Pair(kStream);
  EXPECT_EQ(Send(a, "x"), Minus(Errno::kENOBUFS));
  EXPECT_EQ(scheduler().asked,
            (std::vector<std::string>{"host.unix_connect#1 backlog",
                                      "host.unix_send#1 memory"}));
}

}  // namespace
}  // namespace simloop::sim
