// RunBuilder: makes a trace by hand, record by record, as the loop, the kernel
// and the programs of a run would report it.
#ifndef TESTS_TRACE_RUN_BUILDER_H_
#define TESTS_TRACE_RUN_BUILDER_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "loop/abi.h"
#include "loop/clock.h"
#include "trace/recorder.h"
#include "trace/trace.h"

namespace simloop::trace {

class ManualClock final : public loop::Clock {
 public:
  loop::Instant Now() const override { return now; }
  loop::Instant now;
};

class RunBuilder final {
 public:
  using Kind = loop::LoopEvent::Kind;

  RunBuilder() : recorder_(clock_, &trace_) {}

  Recorder& recorder() { return recorder_; }
  // The run so far, with its process table.
  Trace Finish() {
    trace_.SetProcesses(recorder_.processes());
    return std::move(trace_);
  }

  void At(int64_t nanos) { clock_.now = loop::Instant::FromNanos(nanos); }
  // Whose the records are from here on.
  void As(ProcessId process, loop::Owner owner) {
    process_ = process;
    owner_ = owner;
  }

  RecordId Add(const Body& body) {
    return recorder_.Add(process_, owner_, body);
  }

  RecordId Socket(int fd) {
    return Add(Call{Syscall::kSocket,
                    {},
                    loop::Fd{fd},
                    loop::Errno::kOk,
                    fd,
                    {2, loop::kSockStream | kNewFlags, 0}});
  }
  RecordId Setsockopt(int fd, int name, int value) {
    return Add(Call{Syscall::kSetsockopt,
                    loop::Fd{fd},
                    {},
                    loop::Errno::kOk,
                    0,
                    {loop::kSolSocket, name, value}});
  }
  RecordId Bind(int fd, absl::string_view address) {
    return AddressCall(Syscall::kBind, fd, address, loop::Errno::kOk);
  }
  RecordId Connect(int fd, absl::string_view address) {
    return AddressCall(Syscall::kConnect, fd, address,
                       loop::Errno::kEINPROGRESS);
  }
  RecordId Listen(int fd, int backlog) {
    return Answer(Syscall::kListen, fd, 0, backlog);
  }
  RecordId Accept(int fd, int accepted, absl::string_view peer) {
    return Add(Call{Syscall::kAccept4,
                    loop::Fd{fd},
                    loop::Fd{accepted},
                    loop::Errno::kOk,
                    accepted,
                    {kNewFlags},
                    *loop::Address::Parse(peer)});
  }
  RecordId SocketError(int fd, int value) {
    return Add(Call{Syscall::kGetsockopt,
                    loop::Fd{fd},
                    {},
                    loop::Errno::kOk,
                    4,
                    {loop::kSolSocket, loop::kSoError, value}});
  }
  RecordId Read(int fd, absl::string_view data) {
    return Transfer(Syscall::kRead, fd, data, 40960);
  }
  RecordId Write(int fd, absl::string_view data) {
    return Transfer(Syscall::kWrite, fd, data,
                    static_cast<int64_t>(data.size()));
  }
  RecordId Shutdown(int fd) {
    return Answer(Syscall::kShutdown, fd, 0, loop::kShutWr);
  }
  RecordId Close(int fd) { return Answer(Syscall::kClose, fd, 0, 0); }
  RecordId Fail(Syscall call, int fd, loop::Errno error) {
    return Add(Call{call, loop::Fd{fd}, {}, error, 0, {kNewFlags}});
  }
  RecordId EpollCreate(int fd) {
    return Add(Call{Syscall::kEpollCreate1,
                    {},
                    loop::Fd{fd},
                    loop::Errno::kOk,
                    fd,
                    {loop::kEpollCloexec}});
  }
  RecordId EpollCtl(int epoll, int op, int fd, uint32_t events) {
    return Add(Call{Syscall::kEpollCtl,
                    loop::Fd{epoll},
                    loop::Fd{fd},
                    loop::Errno::kOk,
                    0,
                    {op, events}});
  }
  RecordId EpollWait(int epoll, int64_t count) {
    return Add(Call{Syscall::kEpollWait,
                    loop::Fd{epoll},
                    {},
                    loop::Errno::kOk,
                    count,
                    {64, -1}});
  }
  RecordId Ready(int fd, uint32_t events) {
    return Add(trace::Readiness{loop::Fd{fd}, events});
  }

  RecordId Loop(Kind kind, uint64_t count = 0) {
    return Add(trace::Loop{loop::LoopEvent{kind, 0, {}, 0, count}});
  }
  RecordId Watcher(Kind kind, uint32_t id, int fd = -1,
                   loop::Interest interest = 0) {
    return Add(
        trace::Loop{loop::LoopEvent{kind, interest, loop::Fd{fd}, id, 0}});
  }
  RecordId Note(absl::string_view actor, absl::string_view event,
                absl::string_view detail = "") {
    return Add(trace::Note{actor, event, detail});
  }

  // A step of packet `number`; the flags are those of trace::Packet. It is
  // sent because of the last record, and ends because it was sent.
  RecordId Packet(trace::Packet::Step step, uint64_t number,
                  absl::string_view from, absl::string_view to, uint8_t flags,
                  uint32_t length = 0, absl::string_view reason = "") {
    trace::Packet packet{step, number, *loop::Address::Parse(from),
                         *loop::Address::Parse(to), flags};
    packet.length = length;
    packet.reason = reason;
    const bool is_sent = step == trace::Packet::Step::kSent;
    const RecordId id = recorder_.Add(
        kNoProcess, 0, packet, is_sent ? recorder_.last() : sent_[number]);
    if (is_sent) sent_[number] = id;
    return id;
  }

 private:
  static constexpr int64_t kNewFlags = loop::kSockNonblock | loop::kSockCloexec;

  RecordId Answer(Syscall call, int fd, int64_t result, int64_t arg) {
    return Add(Call{call, loop::Fd{fd}, {}, loop::Errno::kOk, result, {arg}});
  }
  RecordId AddressCall(Syscall call, int fd, absl::string_view address,
                       loop::Errno error) {
    return Add(Call{
        call, loop::Fd{fd}, {}, error, 0, {}, *loop::Address::Parse(address)});
  }
  RecordId Transfer(Syscall call, int fd, absl::string_view data,
                    int64_t asked) {
    return Add(Call{call,
                    loop::Fd{fd},
                    {},
                    loop::Errno::kOk,
                    static_cast<int64_t>(data.size()),
                    {asked},
                    {},
                    data});
  }

  std::map<uint64_t, RecordId> sent_;  // by packet number
  ManualClock clock_;
  Trace trace_;
  Recorder recorder_;
  ProcessId process_ = 0;
  loop::Owner owner_ = 0;
};

}  // namespace simloop::trace

#endif  // TESTS_TRACE_RUN_BUILDER_H_
