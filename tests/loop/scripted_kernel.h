// ScriptedKernel: a kernel whose descriptors are as ready as the test says. Of
// epoll it has what a level-triggered one does: it reports in the order in
// which descriptors became ready. It has no sockets; every other call answers
// EOPNOTSUPP.
#ifndef TESTS_LOOP_SCRIPTED_KERNEL_H_
#define TESTS_LOOP_SCRIPTED_KERNEL_H_

#include <map>
#include <string>
#include <vector>

#include "loop/kernel.h"

namespace simloop::loop {

class ScriptedKernel final : public Kernel {
 public:
  // The lowest free descriptor, from 3.
  Fd Open();
  // From now on `fd` is ready for `events`, until it is set otherwise.
  void SetReady(Fd fd, uint32_t events);
  // "ADD 4 IN", "MOD 4 IN|OUT = EEXIST", and "WAIT 4:OUT" where something was
  // reported; what was logged since the last call.
  std::vector<std::string> TakeLog();
  // Of the last EpollWait.
  absl::Duration timeout() const { return timeout_; }
  int waits() const { return waits_; }
  // The next EpollWait answers this.
  void FailWait(Errno error) { wait_error_ = error; }
  int open() const { return static_cast<int>(files_.size()); }

  Result<Fd> Socket(Family family, int type, int protocol) override;
  Result<void> Close(Fd fd) override;
  Result<Fd> EpollCreate1(int flags) override { return Open(); }
  Result<void> EpollCtl(Fd epoll, int op, Fd fd,
                        const EpollEvent& event) override;
  Result<size_t> EpollWait(Fd epoll, absl::Span<EpollEvent> events,
                           absl::Duration timeout) override;

  Result<void> Bind(Fd, const Address&) override { return kNo; }
  Result<void> Listen(Fd, int) override { return kNo; }
  Result<Accepted> Accept4(Fd, int) override { return kNo; }
  Result<void> Connect(Fd, const Address&) override { return kNo; }
  Result<size_t> Read(Fd, absl::Span<char>) override { return kNo; }
  Result<size_t> Write(Fd, absl::Span<const char>) override { return kNo; }
  Result<size_t> Writev(Fd, absl::Span<const absl::Span<const char>>) override {
    return kNo;
  }
  Result<size_t> Recv(Fd, absl::Span<char>, int) override { return kNo; }
  Result<size_t> Send(Fd, absl::Span<const char>, int) override { return kNo; }
  Result<void> Shutdown(Fd, int) override { return kNo; }
  Result<Address> Getsockname(Fd) override { return kNo; }
  Result<Address> Getpeername(Fd) override { return kNo; }
  Result<size_t> Getsockopt(Fd, int, int, absl::Span<char>) override {
    return kNo;
  }
  Result<void> Setsockopt(Fd, int, int, absl::Span<const char>) override {
    return kNo;
  }

 private:
  static constexpr Errno kNo = Errno::kEOPNOTSUPP;

  struct File {
    uint32_t ready = 0;
    bool registered = false;
    EpollEvent event;
  };

  // What epoll would report of `file`.
  static uint32_t Reportable(const File& file);
  // Puts `number` at the end of the ready list, if it belongs there.
  void Enqueue(int number);

  std::map<int, File> files_;  // by number
  std::vector<int> ready_list_;
  std::vector<std::string> log_;
  absl::Duration timeout_;
  int waits_ = 0;
  Errno wait_error_ = Errno::kOk;
};

}  // namespace simloop::loop

#endif  // TESTS_LOOP_SCRIPTED_KERNEL_H_
