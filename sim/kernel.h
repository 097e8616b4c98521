// Kernel: the simulated kernel as one process of a host sees it: its
// descriptors, and its turn on the processor.
//
// 1. Every descriptor is non-blocking: socket() and accept4() without
//    SOCK_NONBLOCK, families other than AF_INET and types other than
//    SOCK_STREAM are answered with an error (EINVAL, EAFNOSUPPORT,
//    ESOCKTNOSUPPORT), never with something else than was asked for.
// 2. EpollWait parks the process (loop/kernel.h); the world steps it when an
//    event or its timeout comes.
// 3. What a call sends over loopback arrives before the call returns, as on
//    Linux, unless the host's loopback_jitter lets a Scheduler say otherwise.
#ifndef SIM_KERNEL_H_
#define SIM_KERNEL_H_

#include <cstdint>
#include <string>

#include "absl/functional/any_invocable.h"
#include "loop/kernel.h"
#include "sim/descriptor_table.h"
#include "sim/event.h"
#include "sim/host.h"
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
  // instant, and then as EpollWait says. Call once.
  void Start(Step step);
  // Something outside the world has told the process something: it is stepped
  // at the present instant, parked or not. REQUIRES: started.
  void Wake();
  // It is never stepped again (a crash; the end).
  void Halt();

  // What made `fd` ready for `epoll`s of this process, in the trace.
  trace::RecordId ReadyCause(loop::Fd fd) const;
  // Descriptors that are open, the first three not counted.
  size_t open_descriptors() const { return descriptors_.open(); }
  // It waits in EpollWait.
  bool parked() const { return parked_at_ != nullptr; }

  loop::Result<loop::Fd> Socket(loop::Family family, int type,
                                int protocol) override;
  loop::Result<void> Bind(loop::Fd fd, const loop::Address& address) override;
  loop::Result<void> Listen(loop::Fd fd, int backlog) override;
  loop::Result<loop::Accepted> Accept4(loop::Fd fd, int flags) override;
  loop::Result<void> Connect(loop::Fd fd,
                             const loop::Address& address) override;
  loop::Result<size_t> Read(loop::Fd fd, absl::Span<char> buffer) override;
  loop::Result<size_t> Write(loop::Fd fd, absl::Span<const char> data) override;
  loop::Result<size_t> Writev(
      loop::Fd fd, absl::Span<const absl::Span<const char>> data) override;
  loop::Result<size_t> Recv(loop::Fd fd, absl::Span<char> buffer,
                            int flags) override;
  loop::Result<size_t> Send(loop::Fd fd, absl::Span<const char> data,
                            int flags) override;
  loop::Result<void> Shutdown(loop::Fd fd, int how) override;
  loop::Result<void> Close(loop::Fd fd) override;
  loop::Result<loop::Address> Getsockname(loop::Fd fd) override;
  loop::Result<loop::Address> Getpeername(loop::Fd fd) override;
  loop::Result<size_t> Getsockopt(loop::Fd fd, int level, int name,
                                  absl::Span<char> value) override;
  loop::Result<void> Setsockopt(loop::Fd fd, int level, int name,
                                absl::Span<const char> value) override;
  loop::Result<loop::Fd> EpollCreate1(int flags) override;
  loop::Result<void> EpollCtl(loop::Fd epoll, int op, loop::Fd fd,
                              const loop::EpollEvent& event) override;
  loop::Result<size_t> EpollWait(loop::Fd epoll,
                                 absl::Span<loop::EpollEvent> events,
                                 absl::Duration timeout) override;

 private:
  // The process being put on the processor.
  class Wakeup final : public Event {
   public:
    explicit Wakeup(Kernel& kernel) : kernel_(kernel) {}
    void Fire() override { kernel_.Run(); }
    std::string Name() const override;

   private:
    Kernel& kernel_;
  };
  // What the process leaves at the epoll instance it waits for.
  class Parking final : public Waiter {
   public:
    explicit Parking(Kernel& kernel) : kernel_(kernel) {}
    void OnWake(uint32_t) override { kernel_.BecomeReady(); }

   private:
    Kernel& kernel_;
  };

  // The socket of `fd`; null, with EBADF or ENOTSOCK in `error`.
  sim::Socket* FindSocket(loop::Fd fd, loop::Errno* error) const;
  void Run();
  void Park(Epoll& epoll, absl::Duration timeout);
  void Unpark();
  void BecomeReady();

  Host& host_;
  DescriptorTable descriptors_;
  Step step_;
  Wakeup wakeup_;
  Parking parking_;
  Epoll* parked_at_ = nullptr;
  uint32_t runs_ = 0;
  bool ready_ = false;  // woken, and not yet run
};

}  // namespace simloop::sim

#endif  // SIM_KERNEL_H_
