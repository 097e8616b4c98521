// Poller: how a loop waits for descriptors. An interface because waiting is
// what differs between epoll(7), poll(2) and io_uring(7); EpollPoller is the
// one there is.
#ifndef LOOP_POLLER_H_
#define LOOP_POLLER_H_

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "loop/fd.h"
#include "loop/observer.h"
#include "loop/result.h"

namespace simloop::loop {

struct Ready {
  Fd fd;                  // invalid: removed since
  Interest interest = 0;  // error and hang-up count as both
                          // ways; kModern: kHungUp says which
};

class Poller {
 public:
  virtual ~Poller() = default;
  // From now on reports `interest` (level-triggered) of `fd`; 0 keeps the
  // descriptor known but asks for nothing.
  virtual void Update(Fd fd, Interest interest) = 0;
  // Forgets `fd`, and makes what the last Wait() reported of it invalid.
  // Called before it is closed, so that no event of it can reach the next
  // owner of its number.
  virtual void Remove(Fd fd) = 0;
  // Waits for at most `timeout`, and returns what is ready, in the kernel's
  // order, valid until the next call. Empty: time passed, a signal came, or
  // the process is parked (Kernel::EpollWait).
  virtual absl::Span<const Ready> Wait(absl::Duration timeout) = 0;
  // Whether the last Wait() was full, so that more may be ready.
  virtual bool full() const = 0;
  // Whether a signal handler ended the last Wait() (EINTR of epoll_wait(2)).
  virtual bool interrupted() const = 0;
  // Is itself readable when Wait() would not block.
  virtual Fd fd() const = 0;
};

}  // namespace simloop::loop

#endif  // LOOP_POLLER_H_
