// The poller over epoll.
#include "loop/epoll_poller.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "loop/check.h"
#include "loop/table_growth.h"

namespace simloop::loop {
namespace {

// How many events one epoll_wait takes: libev starts with 64 and grows when
// they were all used; libuv has 1024, and the loop waits again.
constexpr size_t kLibevEvents = 64;
constexpr size_t kLibuvEvents = 1024;

uint32_t EpollBits(Interest interest) {
  return (interest & kReadable ? kEpollIn : 0) |
         (interest & kWritable ? kEpollOut : 0);
}

Interest InterestOf(uint32_t bits) {
  const bool both = (bits & (kEpollErr | kEpollHup)) != 0;
  return static_cast<Interest>((bits & kEpollIn || both ? kReadable : 0) |
                               (bits & kEpollOut || both ? kWritable : 0));
}

}  // namespace

EpollPoller::EpollPoller(Kernel& kernel, Discipline discipline)
    : kernel_(kernel),
      libev_(discipline == Discipline::kV0196),
      events_(libev_ ? kLibevEvents : kLibuvEvents) {
  const Result<Fd> epoll = kernel_.EpollCreate1(kEpollCloexec);
  SIMLOOP_CHECK(epoll.ok(), ErrnoName(epoll.error()));
  epoll_ = *epoll;
}

EpollPoller::~EpollPoller() {
  // The kernel may have been taken down before; then it has closed it.
  static_cast<void>(kernel_.Close(epoll_));
}

EpollPoller::Descriptor& EpollPoller::Lookup(Fd fd) {
  SIMLOOP_CHECK(fd.valid(), "no descriptor");
  const size_t index = static_cast<size_t>(fd.number);
  if (index >= descriptors_.size()) GrowTable(&descriptors_, index + 1);
  return descriptors_[index];
}

Errno EpollPoller::Control(int op, Fd fd, Interest interest,
                           uint32_t generation) {
  EpollEvent event;
  event.events = EpollBits(interest);
  event.data = static_cast<uint64_t>(generation) << 32 |
               static_cast<uint32_t>(fd.number);
  return kernel_.EpollCtl(epoll_, op, fd, event).error();
}

void EpollPoller::Update(Fd fd, Interest interest) {
  Descriptor& known = Lookup(fd);
  const auto asked = static_cast<Interest>(known.asked);
  known.asked = interest;
  if (interest == 0) return;
  const auto mask = static_cast<Interest>(known.mask);
  known.mask = interest;
  Errno error = Control(asked == 0 ? kEpollCtlAdd : kEpollCtlMod, fd, interest,
                        known.generation);
  if (error == Errno::kEEXIST) {
    // Asked for nothing in between, and epoll was not told.
    if (libev_ && mask == interest) return;
    error = Control(kEpollCtlMod, fd, interest, known.generation);
  } else if (error == Errno::kENOENT) {
    // Closed, and the number given to another, since the last time.
    error = Control(kEpollCtlAdd, fd, interest, known.generation);
  }
  SIMLOOP_CHECK(error == Errno::kOk,
                absl::StrCat("epoll_ctl of descriptor ", fd.number, ": ",
                             ErrnoName(error)));
}

void EpollPoller::Remove(Fd fd) {
  Descriptor& known = Lookup(fd);
  const uint32_t generation = known.generation++;
  known.mask = 0;
  if (known.ready_index < ready_.size() && ready_[known.ready_index].fd == fd) {
    ready_[known.ready_index].fd = Fd();
  }
  if (libev_) return;
  known.asked = 0;
  // ENOENT if it was never polled: libuv asks all the same.
  static_cast<void>(Control(kEpollCtlDel, fd, 0, generation));
}

absl::Span<const Ready> EpollPoller::Wait(absl::Duration timeout) {
  ready_.clear();
  full_ = false;
  const Result<size_t> count =
      kernel_.EpollWait(epoll_, absl::MakeSpan(events_), timeout);
  interrupted_ = count.error() == Errno::kEINTR;
  if (interrupted_) return {};
  SIMLOOP_CHECK(count.ok(), ErrnoName(count.error()));
  for (size_t i = 0; i < *count; ++i) Take(events_[i]);
  full_ = *count == events_.size();
  if (full_ && libev_) events_.resize(2 * events_.size() + 2);
  return ready_;
}

void EpollPoller::Take(const EpollEvent& event) {
  const Fd fd{static_cast<int>(static_cast<uint32_t>(event.data))};
  Descriptor& known = Lookup(fd);
  // Of a closed descriptor whose open file lives on elsewhere (dup(2)).
  if (known.generation != static_cast<uint32_t>(event.data >> 32)) return;
  const Interest got = InterestOf(event.events);
  if (libev_ && (got & ~known.asked) != 0) {
    known.mask = known.asked;
    static_cast<void>(Control(known.asked == 0 ? kEpollCtlDel : kEpollCtlMod,
                              fd, static_cast<Interest>(known.asked),
                              known.generation));
  }
  known.ready_index = static_cast<uint32_t>(ready_.size()) & 0xfffffff;
  const bool hung_up = !libev_ && (event.events & kEpollHup) != 0;
  ready_.push_back({fd, hung_up ? static_cast<Interest>(got | kHungUp) : got});
}

}  // namespace simloop::loop
