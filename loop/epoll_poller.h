// EpollPoller: a Poller over epoll(7) of any Kernel. One class for both
// disciplines; they differ in which epoll_ctl(2) calls they save, and when:
//
//                            libev 3.9 (kV0196)       libuv 1.46 (kModern)
//   nothing asked any more   no call                  no call
//   asked again: EEXIST      MOD if the mask differs  MOD always
//   an event nobody asked    MOD or DEL in Wait()     DEL by the loop
//   Remove()                 no call                  DEL, known or not
#ifndef LOOP_EPOLL_POLLER_H_
#define LOOP_EPOLL_POLLER_H_

#include <cstdint>
#include <vector>

#include "loop/discipline.h"
#include "loop/kernel.h"
#include "loop/poller.h"

namespace simloop::loop {

class EpollPoller final : public Poller {
 public:
  // `kernel` must outlive the poller. Opens an epoll descriptor (that failing
  // is a CHECK failure), and closes it when destroyed.
  EpollPoller(Kernel& kernel, Discipline discipline);
  ~EpollPoller() override;
  EpollPoller(const EpollPoller&) = delete;
  EpollPoller& operator=(const EpollPoller&) = delete;

  // What epoll refuses though it could be watched elsewhere (EPERM: a regular
  // file; EBADF) is a CHECK failure, as libuv aborts there.
  void Update(Fd fd, Interest interest) override;
  void Remove(Fd fd) override;
  absl::Span<const Ready> Wait(absl::Duration timeout) override;
  bool full() const override { return full_; }
  bool interrupted() const override { return interrupted_; }
  Fd fd() const override { return epoll_; }

 private:
  struct Descriptor {
    // Counts Remove()s; carried in epoll's data, so that an event of the
    // number's owner before is told from one of the present owner.
    uint32_t generation = 0;
    uint32_t ready_index : 28 = 0;  // of its last event in ready_
    uint32_t asked : 2 = 0;         // by the last Update()
    uint32_t mask : 2 = 0;          // what the kernel was last told
  };

  Descriptor& Lookup(Fd fd);
  Errno Control(int op, Fd fd, Interest interest, uint32_t generation);
  void Take(const EpollEvent& event);

  Kernel& kernel_;
  const bool libev_;
  Fd epoll_;
  bool full_ = false;
  bool interrupted_ = false;
  std::vector<Descriptor> descriptors_;  // by number
  std::vector<EpollEvent> events_;
  std::vector<Ready> ready_;
};

}  // namespace simloop::loop

#endif  // LOOP_EPOLL_POLLER_H_
