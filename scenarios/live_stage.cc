#include "scenarios/live_stage.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/types/span.h"
#include "loop/abi.h"
#include "loop/check.h"

namespace simloop::scenarios {
namespace {

// With nothing else to wait for, so long without an event means that none will
// come. Longer than the first retransmissions of a SYN (1 s, then 2 s).
constexpr absl::Duration kQuietAfter = absl::Seconds(4);

// A /24 of 127.0.0.0/8 for this run: by the number of the process, so that two
// runs at a time do not meet. 127.0.0.0/16 is left to others.
loop::Ipv4 PickNetwork() {
  std::error_code error;
  const std::string pid =
      std::filesystem::read_symlink("/proc/self", error).string();
  uint32_t number = 0;
  if (error || !absl::SimpleAtoi(pid, &number)) number = 1;
  const uint32_t second = 1 + number / 254 % 254;
  const uint32_t third = 1 + number % 254;
  return {127u << 24 | second << 16 | third << 8};
}

}  // namespace

LiveStage::LiveStage(const Scenario& scenario) : network_(PickNetwork()) {
  SIMLOOP_CHECK(scenario.hosts.size() <= kMostHosts, "too many hosts");
  for (size_t i = 0; i < scenario.hosts.size(); ++i) {
    loop::LinuxKernel::Options options;
    options.host_address = AddressOf(i);
    seats_.push_back({std::make_unique<loop::LinuxKernel>(options)});
  }
  const loop::Result<loop::Fd> epoll =
      waiter_.EpollCreate1(loop::kEpollCloexec);
  SIMLOOP_CHECK(epoll.ok(), "epoll_create1(2) is refused");
  epoll_ = *epoll;
}

LiveStage::~LiveStage() { (void)waiter_.Close(epoll_); }

loop::Ipv4 LiveStage::AddressOf(size_t host) const {
  return {network_.bits + 1 + static_cast<uint32_t>(host)};
}

void LiveStage::Adopt(size_t host, Process& process) {
  seats_[host].process = &process;
  loop::EpollEvent event;
  event.events = loop::kEpollIn;
  const loop::Result<void> added = waiter_.EpollCtl(
      epoll_, loop::kEpollCtlAdd, process.loop().poll_fd(), event);
  SIMLOOP_CHECK(added.ok(), "an epoll of an epoll is refused");
}

void LiveStage::At(loop::Instant at, absl::string_view, std::optional<size_t>,
                   loop::Task task) {
  at = std::max(at, clock_.Now());
  const auto later =
      std::upper_bound(timeline_.begin(), timeline_.end(), at,
                       [](loop::Instant when, const Appointment& other) {
                         return when < other.at;
                       });
  timeline_.insert(later, {at, std::move(task)});
}

// All that is due at one reading of the clock, before any process has a turn:
// steps of one instant are simultaneous.
bool LiveStage::RunDue() {
  const loop::Instant now = clock_.Now();
  std::vector<loop::Task> due;
  while (!timeline_.empty() && timeline_.front().at <= now) {
    due.push_back(std::move(timeline_.front().task));
    timeline_.erase(timeline_.begin());
  }
  for (loop::Task& task : due) task();
  return !due.empty();
}

bool LiveStage::RunTurns() {
  bool ran = false;
  for (Seat& seat : seats_) {
    if (seat.process->exited()) continue;
    const loop::EventLoop::Turn turn = seat.process->RunOnce(clock_.Now());
    ran = ran || turn != loop::EventLoop::Turn::kParked;
  }
  return ran;
}

bool LiveStage::AllExited() const {
  return std::all_of(seats_.begin(), seats_.end(),
                     [](const Seat& seat) { return seat.process->exited(); });
}

loop::Instant LiveStage::NextWakeup() const {
  loop::Instant next =
      timeline_.empty() ? loop::Instant::Infinite() : timeline_.front().at;
  for (const Seat& seat : seats_) {
    if (seat.process->exited()) continue;
    next = std::min(next, seat.process->loop().NextWakeup());
  }
  return next;
}

bool LiveStage::Wait(absl::Duration timeout) {
  loop::EpollEvent events[8];
  const loop::Result<size_t> ready =
      waiter_.EpollWait(epoll_, absl::MakeSpan(events), timeout);
  return ready.ok() && *ready > 0;
}

Stage::End LiveStage::Run(loop::Instant limit) {
  while (true) {
    bool ran = RunDue();
    ran = RunTurns() || ran;
    if (AllExited()) return End::kExit;
    const loop::Instant now = clock_.Now();
    if (now >= limit) return End::kTimeLimit;
    if (ran) continue;
    const loop::Instant next = NextWakeup();
    if (next.infinite()) {
      const absl::Duration patience = std::min(kQuietAfter, limit - now);
      if (!Wait(patience) && patience == kQuietAfter) return End::kQuiet;
    } else if (next > now) {
      Wait(std::min(next, limit) - now);
    }
  }
}

}  // namespace simloop::scenarios
