// slow_listener: listens, and accepts nothing for a while, so that its accept
// queue fills. Written against the system calls: no Node program leaves its
// listener alone.
#include <memory>

#include "absl/strings/str_cat.h"
#include "loop/event_loop.h"
#include "loop/io_watcher.h"
#include "loop/kernel.h"
#include "loop/socket_option.h"
#include "loop/timer.h"
#include "net/error.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

void Require(const loop::Result<void>& result, absl::string_view call) {
  if (!result.ok()) {
    throw net::Error(result.error(), call,
                     absl::StrCat(call, " ", loop::ErrnoName(result.error())));
  }
}

class SlowListener final : public Program {
 public:
  explicit SlowListener(Site& site)
      : site_(site),
        loop_(site.loop()),
        timer_(site.loop(), [this] { StartAccepting(); }),
        watcher_(site.loop(), [this](loop::Interest) { Accept(); }) {}

  ~SlowListener() override { Close(); }

  void Start() override {
    const loop::Result<loop::Fd> fd = kernel().Socket(
        loop::Family::kInet,
        loop::kSockStream | loop::kSockNonblock | loop::kSockCloexec, 0);
    if (!fd.ok()) Require(fd.error(), "socket");
    fd_ = *fd;
    Require(loop::SetIntOption(kernel(), fd_, loop::kSolSocket,
                               loop::kSoReuseaddr, 1),
            "setsockopt");
    Require(kernel().Bind(fd_, loop::Address::Inet(loop::Ipv4::Any(),
                                                   site_.Port("port"))),
            "bind");
    Require(kernel().Listen(fd_, site_.Count("backlog")), "listen");
    site_.log().Write(site_.name(), "listening");
    site_.Signal("listening");
    timer_.Start(site_.Duration("wait"));
  }

 private:
  loop::Kernel& kernel() { return loop_.kernel(); }

  void StartAccepting() {
    site_.log().Write(site_.name(), "accepts now");
    watcher_.Set(fd_, loop::kReadable);
    watcher_.Start();
  }

  // Ends each connection as soon as it has it.
  void Accept() {
    while (fd_.valid()) {
      const loop::Result<loop::Accepted> accepted =
          kernel().Accept4(fd_, loop::kSockNonblock | loop::kSockCloexec);
      if (!accepted.ok()) return;
      site_.log().Write(site_.name(), "accepted");
      (void)kernel().Close(accepted->fd);
      if (++accepted_ == site_.Count("count")) Close();
    }
  }

  void Close() {
    if (!fd_.valid()) return;
    watcher_.Stop();
    timer_.Stop();
    if (watcher_.fd().valid()) loop_.Forget(fd_);
    (void)kernel().Close(fd_);
    fd_ = loop::Fd();
    site_.log().Write(site_.name(), "close");
  }

  Site& site_;
  // Not the site's: that is reached through the stack, which is gone when a
  // process ends with its listener open.
  loop::EventLoop& loop_;
  loop::Timer timer_;
  loop::IoWatcher watcher_;
  loop::Fd fd_;
  int accepted_ = 0;
};

}  // namespace

ProgramKind SlowListenerKind() {
  return {
      "slow_listener",
      "Listens, accepts nothing for a while, then accepts and closes all.",
      {
          {"port", ArgType::kPort, "7", "where it listens"},
          {"backlog", ArgType::kCount, "1", "listen(2)'s"},
          {"wait", ArgType::kDuration, "300ms", "how long it accepts nothing"},
          {"count", ArgType::kCount, "1", "closes after so many connections"},
      },
      {},
      {{"listening", "it listens"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<SlowListener>(site);
      },
  };
}

}  // namespace simloop::scenarios
