// The records of the sample runs.
#include "tests/trace/sample_runs.h"

#include "tests/trace/run_builder.h"

namespace simloop::trace {
namespace {

using Kind = loop::LoopEvent::Kind;
using Step = Packet::Step;

constexpr loop::Interest kR = loop::kReadable;
constexpr loop::Interest kW = loop::kWritable;
constexpr uint8_t kFin = 1, kSyn = 2, kPsh = 8, kAck = 16;
constexpr char kRequest[] = "GET / HTTP/1.0\r\n\r\n";
constexpr char kResponse[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    "hello world\n";
constexpr char kQuotedResponse[] =
    "\"HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nConnection: close"
    "\\r\\n\\r\\nhello world\\n\"";

// Owners and descriptors of AnatomyRun().
constexpr loop::Owner kServer = 1, kClient = 2;
constexpr int kEp = 3, kA = 4, kB = 5, kC = 6;
constexpr char kServerEnd[] = "127.0.0.1:8080";
constexpr char kClientEnd[] = "127.0.0.1:32768";

class AnatomyScript final {
 public:
  Trace Play() {
    run_.recorder().AddProcess("localhost",
                               loop::Address::Inet(loop::Ipv4::Loopback(), 0));
    run_.recorder().AddOwner(0, "server");
    run_.recorder().AddOwner(0, "client");
    Main();
    FirstIteration();
    SecondIteration();
    ThirdAndFourthIteration();
    FifthAndSixthIteration();
    return run_.Finish();
  }

 private:
  void Fire(loop::Owner owner, uint32_t id, int fd, loop::Interest interest) {
    run_.As(0, owner);
    run_.Watcher(Kind::kWatcherFire, id, fd, interest);
  }
  void Tick(loop::Owner owner) {
    run_.As(0, owner);
    run_.Loop(Kind::kTickFire);
  }
  void Return() {
    run_.Loop(Kind::kReturn);
    run_.As(0, 0);
  }
  void FromClient(uint64_t number, uint8_t flags, uint32_t length = 0) {
    run_.Packet(Step::kSent, number, kClientEnd, kServerEnd, flags, length);
    run_.Packet(Step::kDelivered, number, kClientEnd, kServerEnd, flags,
                length);
  }
  void FromServer(uint64_t number, uint8_t flags, uint32_t length = 0) {
    run_.Packet(Step::kSent, number, kServerEnd, kClientEnd, flags, length);
    run_.Packet(Step::kDelivered, number, kServerEnd, kClientEnd, flags,
                length);
  }

  void Main() {
    run_.As(0, 0);
    run_.EpollCreate(kEp);
    run_.As(0, kServer);
    run_.Socket(kA);
    run_.Setsockopt(kA, loop::kSoReuseaddr, 1);
    run_.Bind(kA, "0.0.0.0:8080");
    run_.Loop(Kind::kTickQueued);
    run_.Note("main", "listen() returned");
    run_.As(0, kClient);
    run_.Loop(Kind::kTickQueued);
    run_.Note("main", "createConnection() returned", "opening");
  }

  void FirstIteration() {
    run_.As(0, 0);
    run_.Loop(Kind::kEnter);
    run_.Loop(Kind::kTurn, 1);
    run_.Loop(Kind::kTicks, 2);
    Tick(kServer);
    run_.Listen(kA, 128);
    run_.Watcher(Kind::kWatcherSet, 0, kA, kR);
    run_.Watcher(Kind::kWatcherStart, 0, kA, kR);
    run_.Note("server", "listening");
    Return();
    Tick(kClient);
    run_.Socket(kB);
    run_.Connect(kB, kServerEnd);
    FromClient(1, kSyn);
    FromServer(2, kSyn | kAck);
    FromClient(3, kAck);
    run_.Watcher(Kind::kWatcherSet, 1, kB, kR);
    run_.Watcher(Kind::kWatcherSet, 2, kB, kW);
    run_.Watcher(Kind::kWatcherStart, 2, kB, kW);
    Return();
    run_.EpollCtl(kEp, loop::kEpollCtlAdd, kA, loop::kEpollIn);
    run_.EpollCtl(kEp, loop::kEpollCtlAdd, kB, loop::kEpollOut);
    run_.EpollWait(kEp, 2);
    run_.Ready(kA, loop::kEpollIn);
    run_.Ready(kB, loop::kEpollOut);
    Fire(kClient, 2, kB, kW);
    run_.SocketError(kB, 0);
    run_.Watcher(Kind::kWatcherSet, 1, kB, kR);
    run_.Watcher(Kind::kWatcherStart, 1, kB, kR);
    run_.Note("client", "connect", "readyState=open");
    run_.Write(kB, kRequest);
    FromClient(4, kPsh | kAck, 18);
    run_.Note("client", "write ->", "true");
    Return();
    Fire(kServer, 0, kA, kR);
    run_.Accept(kA, kC, kClientEnd);
    run_.Watcher(Kind::kWatcherSet, 4, kC, kW);
    run_.Watcher(Kind::kWatcherSet, 3, kC, kR);
    run_.Watcher(Kind::kWatcherStart, 3, kC, kR);
    run_.Note("server", "connection");
    run_.Note("s.sock", "connect");
    run_.Fail(Syscall::kAccept4, kA, loop::Errno::kEAGAIN);
    Return();
  }

  void SecondIteration() {
    run_.Loop(Kind::kTurn, 2);
    run_.EpollCtl(kEp, loop::kEpollCtlMod, kB,
                  loop::kEpollIn | loop::kEpollOut);
    run_.EpollCtl(kEp, loop::kEpollCtlAdd, kC, loop::kEpollIn);
    run_.EpollWait(kEp, 2);
    run_.Ready(kB, loop::kEpollOut);
    run_.Ready(kC, loop::kEpollIn);
    Fire(kServer, 3, kC, kR);
    run_.Read(kC, kRequest);
    run_.Note("server", "request", "1.0");
    run_.Write(kC, kResponse);
    FromServer(5, kPsh | kAck, 76);
    run_.Note("s.res", "sent");
    run_.Shutdown(kC);
    FromServer(6, kFin | kAck);
    FromClient(7, kAck);
    Return();
    Fire(kClient, 2, kB, kW);
    run_.Watcher(Kind::kWatcherStop, 2);
    run_.Note("client", "drain");
    Return();
  }

  void ThirdAndFourthIteration() {
    run_.Loop(Kind::kTurn, 3);
    run_.EpollCtl(kEp, loop::kEpollCtlMod, kB, loop::kEpollIn);
    run_.EpollWait(kEp, 1);
    run_.Ready(kB, loop::kEpollIn);
    Fire(kClient, 1, kB, kR);
    run_.Read(kB, kResponse);
    run_.Note("client", "data", kQuotedResponse);
    Return();
    run_.Loop(Kind::kTurn, 4);
    run_.EpollWait(kEp, 1);
    run_.Ready(kB, loop::kEpollIn);
    Fire(kClient, 1, kB, kR);
    run_.Read(kB, "");
    run_.Watcher(Kind::kWatcherStop, 1);
    run_.Note("client", "end", "readyState=writeOnly");
    run_.Watcher(Kind::kWatcherStop, 2);
    run_.Watcher(Kind::kWatcherStop, 1);
    run_.Close(kB);
    FromClient(8, kFin | kAck);
    FromServer(9, kAck);
    run_.Loop(Kind::kTickQueued);
    run_.As(0, kServer);
    run_.Watcher(Kind::kWatcherStop, 0);
    run_.Close(kA);
    run_.Note("server", "close");
    Return();
  }

  void FifthAndSixthIteration() {
    run_.Loop(Kind::kTurn, 5);
    run_.Loop(Kind::kTicks, 1);
    Tick(kClient);
    run_.Note("client", "close", "hadError=false readyState=closed");
    Return();
    run_.EpollWait(kEp, 1);
    run_.Ready(kC, loop::kEpollIn | loop::kEpollHup);
    Fire(kServer, 3, kC, kR);
    run_.Read(kC, "");
    run_.Watcher(Kind::kWatcherStop, 3);
    run_.Watcher(Kind::kWatcherStop, 4);
    run_.Watcher(Kind::kWatcherStop, 3);
    run_.Close(kC);
    run_.Loop(Kind::kTickQueued);
    run_.Note("s.sock", "end", "closed");
    Return();
    run_.Loop(Kind::kTurn, 6);
    run_.Loop(Kind::kTicks, 1);
    Tick(kServer);
    run_.Note("s.sock", "close", "false");
    Return();
    run_.Loop(Kind::kExit);
    run_.Note("process", "exit");
  }

  RunBuilder run_;
};

}  // namespace

Trace AnatomyRun() { return AnatomyScript().Play(); }

Trace HandshakeRun() {
  constexpr char kServerEnd[] = "10.0.0.1:80";
  constexpr char kClientEnd[] = "10.0.0.2:49152";
  RunBuilder run;
  run.recorder().AddProcess("server", *loop::Address::Parse("10.0.0.1:0"));
  run.recorder().AddProcess("client", *loop::Address::Parse("10.0.0.2:0"));
  run.recorder().AddOwner(0, "echo");
  run.recorder().AddOwner(1, "talk");
  run.As(0, 1);
  run.Socket(4);
  run.Bind(4, "0.0.0.0:80");
  run.Listen(4, 511);
  run.Note("echo", "listening");
  run.As(1, 1);
  run.Socket(4);
  run.Connect(4, kServerEnd);
  run.Packet(Step::kSent, 1, kClientEnd, kServerEnd, kSyn);
  run.Add(Choice{"client.connect#1/syn loss", 1, 2});
  // The link takes 250 us; RFC 6298's first timeout is 1 s.
  run.At(250'000);
  run.Packet(Step::kDropped, 1, kClientEnd, kServerEnd, kSyn, 0, "lost");
  run.At(1'000'000'000);
  run.Packet(Step::kSent, 2, kClientEnd, kServerEnd, kSyn, 0, "retransmission");
  run.At(1'000'250'000);
  run.Packet(Step::kDelivered, 2, kClientEnd, kServerEnd, kSyn, 0,
             "retransmission");
  run.Packet(Step::kSent, 3, kServerEnd, kClientEnd, kSyn | kAck);
  run.At(1'000'500'000);
  run.Packet(Step::kDelivered, 3, kServerEnd, kClientEnd, kSyn | kAck);
  run.Packet(Step::kSent, 4, kClientEnd, kServerEnd, kAck);
  run.As(1, 0);
  run.Loop(Kind::kTurn, 1);
  run.As(1, 1);
  run.Watcher(Kind::kWatcherFire, 0, 4, kW);
  run.SocketError(4, 0);
  run.Note("client", "connect");
  run.Write(4, "hello");
  run.Packet(Step::kSent, 5, kClientEnd, kServerEnd, kPsh | kAck, 5);
  run.Loop(Kind::kReturn);
  run.At(1'000'750'000);
  run.Packet(Step::kDelivered, 4, kClientEnd, kServerEnd, kAck);
  run.Packet(Step::kDelivered, 5, kClientEnd, kServerEnd, kPsh | kAck, 5);
  run.As(0, 0);
  run.Loop(Kind::kTurn, 1);
  run.As(0, 1);
  run.Watcher(Kind::kWatcherFire, 0, 4, kR);
  run.Accept(4, 5, kClientEnd);
  run.Note("echo", "connection");
  run.Loop(Kind::kReturn);
  return run.Finish();
}

}  // namespace simloop::trace
