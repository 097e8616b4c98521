// ScriptedKernel: a kernel whose descriptors are as ready as the test says. Of
// epoll it has what a level-triggered one does: it reports in the order in
// which descriptors became ready. It has no sockets; every other call answers
// ENOSYS.
#ifndef TESTS_LOOP_SCRIPTED_KERNEL_H_
#define TESTS_LOOP_SCRIPTED_KERNEL_H_

#include <map>
#include <string>
#include <vector>

#include "tests/loop/bare_kernel.h"

namespace simloop::loop {

class ScriptedKernel final : public BareKernel {
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

 private:
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
