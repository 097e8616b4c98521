// ProcessTracer: puts one process into a trace. A decorator of its Kernel
// (every call and its answer) and the observer of its loop (every turn,
// watcher and callback); the same for a simulated and a live process.
//
// Causes. What happens in a callback is caused by the record that says it
// fires, however deep callbacks nest. A watcher fires because of the latest
// Readiness of its descriptor; a Readiness is caused by what the simulated
// kernel says made it, or else by the epoll_wait. A tick fires because it was
// queued, an immediate, timer or closing callback because of the turn. What a
// process does outside of any callback is caused by Recorder::cause(), or, if
// that is 0, by the turn.
#ifndef TRACE_PROCESS_TRACER_H_
#define TRACE_PROCESS_TRACER_H_

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "loop/kernel.h"
#include "loop/observer.h"
#include "trace/recorder.h"

namespace simloop::trace {

class ProcessTracer final : public loop::Kernel, public loop::LoopObserver {
 public:
  // Where a simulated kernel knows what made a descriptor ready: the record of
  // the packet or call. 0: unknown.
  using ReadyCause = absl::AnyInvocable<RecordId(loop::Fd)>;
  // EventLoop::owner() of the process's loop.
  using CurrentOwner = absl::AnyInvocable<loop::Owner()>;

  // `kernel` and `recorder` must outlive the tracer. `ready_cause` may be
  // null.
  ProcessTracer(loop::Kernel& kernel, Recorder& recorder, ProcessId process,
                ReadyCause ready_cause);

  // Tells where to read the current owner. Until then it is that of the last
  // loop event, which misses an EventLoop::SetOwner() made outside callbacks.
  void SetCurrentOwner(CurrentOwner current_owner);

  // loop::Kernel: each call is made on `kernel`, then recorded with its answer
  // under the current owner. A wait (EpollWait, Poll) that reports nothing is
  // not recorded (a parked process would differ from a waiting one); one that
  // reports events is followed by a Readiness record each.
  loop::Result<loop::Fd> Socket(loop::Family family, int type,
                                int protocol) override;
  loop::Result<loop::FdPair> Socketpair(loop::Family family, int type,
                                        int protocol) override;
  loop::Result<void> Bind(loop::Fd fd, const loop::Address& address) override;
  loop::Result<void> Listen(loop::Fd fd, int backlog) override;
  loop::Result<loop::Accepted> Accept4(loop::Fd fd, int flags) override;
  loop::Result<void> Connect(loop::Fd fd,
                             const loop::Address& address) override;
  loop::Result<size_t> Read(loop::Fd fd, absl::Span<char> buffer) override;
  loop::Result<size_t> Readv(
      loop::Fd fd, absl::Span<const absl::Span<char>> buffers) override;
  loop::Result<size_t> Write(loop::Fd fd, absl::Span<const char> data) override;
  loop::Result<size_t> Writev(
      loop::Fd fd, absl::Span<const absl::Span<const char>> data) override;
  loop::Result<size_t> Recv(loop::Fd fd, absl::Span<char> buffer,
                            int flags) override;
  loop::Result<size_t> Recvfrom(loop::Fd fd, absl::Span<char> buffer, int flags,
                                loop::Address* from) override;
  loop::Result<size_t> Recvmsg(loop::Fd fd, loop::IncomingMessage* message,
                               int flags) override;
  loop::Result<size_t> Send(loop::Fd fd, absl::Span<const char> data,
                            int flags) override;
  loop::Result<size_t> Sendto(loop::Fd fd, absl::Span<const char> data,
                              int flags, const loop::Address& to) override;
  loop::Result<size_t> Sendmsg(loop::Fd fd,
                               const loop::OutgoingMessage& message,
                               int flags) override;
  loop::Result<void> Shutdown(loop::Fd fd, int how) override;
  loop::Result<void> Close(loop::Fd fd) override;
  loop::Result<loop::Fd> Dup(loop::Fd fd) override;
  loop::Result<loop::Fd> Dup2(loop::Fd fd, loop::Fd onto) override;
  loop::Result<loop::Address> Getsockname(loop::Fd fd) override;
  loop::Result<loop::Address> Getpeername(loop::Fd fd) override;
  loop::Result<size_t> Getsockopt(loop::Fd fd, int level, int name,
                                  absl::Span<char> value) override;
  loop::Result<void> Setsockopt(loop::Fd fd, int level, int name,
                                absl::Span<const char> value) override;
  loop::Result<int> Fcntl(loop::Fd fd, int command, int argument) override;
  loop::Result<void> Ioctl(loop::Fd fd, uint32_t request, int* value) override;
  loop::Result<size_t> Poll(absl::Span<loop::PollFd> fds,
                            absl::Duration timeout) override;
  loop::Result<loop::Fd> EpollCreate1(int flags) override;
  loop::Result<void> EpollCtl(loop::Fd epoll, int op, loop::Fd fd,
                              const loop::EpollEvent& event) override;
  loop::Result<size_t> EpollWait(loop::Fd epoll,
                                 absl::Span<loop::EpollEvent> events,
                                 absl::Duration timeout) override;
  loop::Result<loop::Fd> Eventfd(unsigned int initial, int flags) override;
  loop::Result<loop::Fd> TimerfdCreate(int clock, int flags) override;
  loop::Result<loop::TimerSpec> TimerfdSettime(
      loop::Fd fd, int flags, const loop::TimerSpec& spec) override;
  loop::Result<loop::TimerSpec> TimerfdGettime(loop::Fd fd) override;
  loop::Result<loop::FdPair> Pipe2(int flags) override;
  loop::Result<void> Unlink(const std::string& path) override;

  // loop::LoopObserver.
  void OnLoopEvent(const loop::LoopEvent& event, loop::Owner owner) override;

 private:
  // What epoll_ctl(2) last gave for each descriptor of one epoll, by number:
  // an event carries the data, and not the descriptor.
  struct Interests {
    loop::Fd epoll;
    std::vector<uint64_t> data;
    std::vector<bool> known;

    loop::Fd Find(uint64_t data) const;
  };

  RecordId Cause() const;
  loop::Owner Owner();
  // A call is made; its record comes before those of what it brings about.
  void Enter();
  // The call that was entered has this answer.
  void AddCall(const Call& call);
  // `fd` was made by the call of `record`; answers it.
  loop::Fd AddNew(Call& record, loop::Fd fd);
  // Calls that make a descriptor, or two.
  loop::Result<loop::Fd> New(Call record, const loop::Result<loop::Fd>& result);
  loop::Result<loop::FdPair> NewPair(Call record,
                                     const loop::Result<loop::FdPair>& result);
  // The number stands for nothing now.
  void Forget(loop::Fd fd);
  // Records that `wait` reported `events` of `fd`.
  void AddReadiness(loop::Fd fd, uint32_t events, RecordId wait);
  // The latest Readiness of `fd`; 0 for a descriptor just made.
  void SetReadiness(loop::Fd fd, RecordId ready);
  Interests& InterestsOf(loop::Fd epoll);
  RecordId CauseOfFire(const loop::LoopEvent& event);

  loop::Kernel& kernel_;
  Recorder& recorder_;
  ProcessId process_;
  ReadyCause ready_cause_;
  CurrentOwner current_owner_;
  loop::Owner last_owner_ = 0;
  RecordId turn_ = 0;
  RecordId call_cause_ = 0;  // of the call under way
  std::vector<Interests> epolls_;
  std::vector<RecordId> readiness_;     // the latest, by descriptor number
  std::deque<RecordId> queued_ticks_;   // first queued first
  std::vector<RecordId> outer_causes_;  // of the callbacks that run now
};

}  // namespace simloop::trace

#endif  // TRACE_PROCESS_TRACER_H_
