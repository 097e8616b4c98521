// Kernel: the simulated kernel as one process of a host sees it: its
// descriptors, and its turn on the processor.
//
// 1. A process is either stepped (Start) or has a stack of its own
//    (StartBlocking). A stepped one is an event loop: EpollWait and Poll park
//    it (loop/kernel.h), and the world steps it when an event or the timeout
//    comes. In one with a stack every call may wait, as on Linux.
// 2. A call on a descriptor without O_NONBLOCK that would wait in a stepped
//    process answers EDEADLK, which Linux answers to none of them: it would
//    stop the whole event loop.
// 3. What a call sends over loopback arrives before the call returns, as on
//    Linux, unless the host's loopback_jitter lets a Scheduler say otherwise.
// 4. SIGPIPE is ignored, and counted.
#ifndef SIM_KERNEL_H_
#define SIM_KERNEL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "loop/kernel.h"
#include "sim/descriptor_table.h"
#include "sim/event.h"
#include "sim/fiber.h"
#include "sim/host.h"
#include "sim/socket.h"
#include "sim/wait_queue.h"
#include "trace/record.h"

namespace simloop::sim {

class Kernel final : public loop::Kernel {
 public:
  // Runs the process until it has nothing more to do at this instant; answers
  // whether it wants to go on at once.
  using Step = absl::AnyInvocable<bool()>;

  // A process of `host`, which must outlive it.
  explicit Kernel(Host& host);
  // The process is gone: its descriptors are closed.
  ~Kernel() override;

  // Puts the process on the processor: `step` is called at the present
  // instant, and then as EpollWait says. Call one of the two once.
  void Start(Step step);
  // The same for a process with a stack of its own: `body` is called once and
  // may wait.
  void StartBlocking(absl::AnyInvocable<void()> body);
  // Something outside the world has told the process something: it is stepped
  // at the present instant, parked or not. REQUIRES: started.
  void Wake();
  // Stops it, SIGSTOP of signal(7), and lets it go on, SIGCONT: the kernel
  // does its work meanwhile.
  void Pause() { paused_ = true; }
  void Resume();
  // It is never stepped again (a crash; the end).
  void Halt();
  // The process has exited (_exit(2)): it is never stepped again, and what it
  // left open is closed.
  void Exit();

  // Lets `time` pass (nanosleep(2)). REQUIRES: called from a StartBlocking
  // body.
  void Sleep(absl::Duration time);
  // Makes a file that is no socket (open(2)): always readable and writable,
  // empty, and refused by epoll. ENOENT without O_CREAT if `path` is not there.
  loop::Result<loop::Fd> OpenRegular(const std::string& path, int flags);
  // Leaves room for just `free` more descriptors (setrlimit(2)).
  void LimitDescriptors(int free) { descriptors_.LimitFree(free); }
  // How often SIGPIPE was raised.
  uint64_t sigpipes() const { return sigpipes_; }

  // What made `fd` ready for `epoll`s of this process, in the trace.
  trace::RecordId ReadyCause(loop::Fd fd) const;
  // Descriptors that are open, the first three not counted.
  size_t open_descriptors() const { return descriptors_.open(); }
  // It waits for something to happen.
  bool parked() const { return parked_.has_value(); }

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

 private:
  // The process being put on the processor.
  class Wakeup final : public Event {
   public:
    explicit Wakeup(Kernel& kernel) : kernel_(kernel) {}
    void Fire() override { kernel_.Run(); }
    std::string Name() const override;
    uint32_t HostIndex() const override { return kernel_.host_.index(); }

   private:
    Kernel& kernel_;
  };
  // What the process leaves at a queue it waits at.
  class Parking final : public Waiter {
   public:
    // `file` is kept as long as it is waited for; null where `queue` is not
    // a file's.
    Parking(Kernel& kernel, WaitQueue& queue, File* file)
        : kernel_(kernel), queue_(queue), file_(file) {
      queue_.Add(*this);
    }
    ~Parking() { queue_.Remove(*this); }
    bool OnWake(uint32_t) override {
      kernel_.BecomeReady();
      return true;
    }

   private:
    Kernel& kernel_;
    WaitQueue& queue_;
    FileRef file_;
  };

  // --- The processor (kernel.cc) -----------------------------------------
  void Run();
  void Park(WaitQueue& queue, File* file);
  void Unpark();
  void BecomeReady();
  // Puts it on the processor at `until`, whatever happens.
  void WakeAt(loop::Instant until);
  // The same, or later by no more than its jitter, as the world's Agenda has
  // it; without one, at `from`.
  void WakeFrom(loop::Instant from);
  // How much later than it could the process runs, in nanoseconds.
  int64_t Lateness();
  bool can_wait() const { return fiber_ != nullptr; }
  // Waits at `queue` until it is woken or `until` has come; answers whether
  // there is time left. REQUIRES: can_wait().
  bool WaitAt(WaitQueue& queue, loop::Instant until);
  loop::Instant Deadline(absl::Duration timeout) const;
  // Whether a signal handler interrupts a wait that is about to begin (EINTR).
  bool Interrupted();
  // `call` answers EAGAIN where it would wait. Repeats it when `queue` of
  // `file` is woken, as long as `timeout` allows. Not for O_NONBLOCK.
  template <typename T>
  loop::Result<T> Waiting(File& file, WaitQueue& queue, absl::Duration timeout,
                          absl::FunctionRef<loop::Result<T>()> call);

  // --- Calls --------------------------------------------------------------
  // The socket of `fd`; null, with EBADF or ENOTSOCK in `error`.
  sim::Socket* FindSocket(loop::Fd fd, loop::Errno* error) const;
  loop::Result<loop::Fd> Install(std::unique_ptr<File> file, int flags);
  // There is no memory for so many sockets: ENOBUFS.
  bool OutOfMemory(int sockets);
  loop::Result<loop::FdPair> InstallPair(std::unique_ptr<File> first,
                                         std::unique_ptr<File> second,
                                         int flags);
  loop::Result<std::unique_ptr<sim::Socket>> NewSocket(loop::Family family,
                                                       int kind, int protocol);
  loop::Result<std::unique_ptr<sim::Socket>> NewUnixSocket(int kind,
                                                           int protocol);
  // The file of `fd`, open for `access`; null, with EBADF or EINVAL.
  loop::Result<size_t> WriteAll(File& file, absl::Span<const char> data);
  loop::Result<size_t> Receive(sim::Socket& socket, Reception* reception);
  loop::Result<size_t> Transmit(sim::Socket& socket,
                                const Transmission& transmission);
  loop::Result<size_t> SendAll(sim::Socket& socket,
                               const Transmission& transmission);
  loop::Errno TakeControl(absl::Span<const char> control, Ancillary* ancillary);
  void GiveControl(Ancillary& ancillary, loop::IncomingMessage* message);
  size_t PollOnce(absl::Span<loop::PollFd> fds);
  // How much of `bytes` a stream moves at once: all, or less where a Scheduler
  // may say so.
  size_t Share(size_t bytes, const char* what);
  void OnBrokenPipe() { ++sigpipes_; }

  Host& host_;
  const int64_t wakeup_jitter_nanos_;
  DescriptorTable descriptors_;
  Step step_;
  std::unique_ptr<Fiber> fiber_;
  Wakeup wakeup_;
  // Where the process waits: one place in all but poll(2).
  std::optional<Parking> parked_;
  std::vector<std::unique_ptr<Parking>> also_parked_;
  uint32_t runs_ = 0;
  uint64_t sigpipes_ = 0;
  uint32_t waits_ = 0;
  uint32_t transfers_ = 0;
  uint32_t accepts_ = 0;
  uint32_t sockets_ = 0;  // asked for
  loop::Instant interrupted_at_ = loop::Instant::Infinite();
  bool ready_ = false;  // woken, and not yet run
  bool paused_ = false;
  bool due_ = false;  // its turn came while it was paused
};

}  // namespace simloop::sim

#endif  // SIM_KERNEL_H_
