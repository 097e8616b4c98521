// duped_listener: gives a connection away with dup(2) and closes its own
// descriptor, which it watched by epoll(7). The registration belongs to the
// open file and lives on: when the peer speaks, epoll reports a descriptor that
// nobody has, for ever. Mended: EPOLL_CTL_DEL comes before close(2).
#include <array>
#include <cstdint>
#include <memory>

#include "loop/event_loop.h"
#include "loop/io_watcher.h"
#include "loop/kernel.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/programs/races/raw_socket.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class DupedListener final : public Program {
 public:
  explicit DupedListener(Site& site)
      : site_(site),
        loop_(site.loop()),
        watcher_(site.loop(), [this](loop::Interest) { Poll(); }) {}
  ~DupedListener() override { Close(); }

  void Start() override {
    listener_ = ListenOn(kernel(), site_.Port("port"));
    epoll_ = Require(kernel().EpollCreate1(loop::kEpollCloexec), "epoll");
    Add(listener_);
    watcher_.Set(epoll_, loop::kReadable);
    watcher_.Start();
    site_.Signal("listening");
  }

 private:
  loop::Kernel& kernel() { return loop_.kernel(); }

  void Add(loop::Fd fd) {
    Require(
        kernel().EpollCtl(epoll_, loop::kEpollCtlAdd, fd,
                          {loop::kEpollIn, static_cast<uint64_t>(fd.number)}),
        "epoll_ctl");
  }

  void Poll() {
    std::array<loop::EpollEvent, 16> events;
    const loop::Result<size_t> count = kernel().EpollWait(
        epoll_, absl::MakeSpan(events), absl::ZeroDuration());
    for (size_t i = 0; count.ok() && i < *count; ++i) {
      const loop::Fd fd{static_cast<int>(events[i].data)};
      if (fd == listener_) {
        const loop::Result<loop::Accepted> accepted =
            kernel().Accept4(fd, loop::kSockNonblock);
        if (accepted.ok()) Take(accepted->fd);
      } else if (fd == connection_) {
        Read(fd);
      }
    }
  }

  void Take(loop::Fd fd) {
    connection_ = fd;
    Add(fd);
    loop_.SetTimeout(site_.Duration("after"), [this] { GiveAway(); });
  }

  void Read(loop::Fd fd) {
    std::array<char, 64> words;
    const loop::Result<size_t> read = kernel().Read(fd, absl::MakeSpan(words));
    if (read.ok()) site_.log().Write(site_.name(), "reads");
  }

  void GiveAway() {
    const loop::Fd other = Require(kernel().Dup(connection_), "dup");
    if (site_.Flag("mended")) {
      Require(kernel().EpollCtl(epoll_, loop::kEpollCtlDel, connection_, {}),
              "epoll_ctl");
    }
    Require(kernel().Close(connection_), "close");
    connection_ = loop::Fd();
    site_.log().Write(site_.name(), "gives it away");
    loop_.SetTimeout(site_.Duration("hold"), [this, other] {
      Read(other);
      Require(kernel().Close(other), "close");
      Close();
    });
  }

  void Close() {
    if (!epoll_.valid()) return;
    watcher_.Stop();
    loop_.Forget(epoll_);
    (void)kernel().Close(epoll_);
    (void)kernel().Close(listener_);
    if (connection_.valid()) (void)kernel().Close(connection_);
    epoll_ = loop::Fd();
  }

  Site& site_;
  loop::EventLoop& loop_;
  loop::IoWatcher watcher_;
  loop::Fd listener_;
  loop::Fd epoll_;
  loop::Fd connection_;
};

}  // namespace

ProgramKind DupedListenerKind() {
  return {
      "duped_listener",
      "Accepts, and gives the connection away after a while.",
      {
          {"port", ArgType::kPort, "7", "where it listens"},
          {"after", ArgType::kDuration, "5ms", "when it gives it away"},
          {"hold", ArgType::kDuration, "20ms", "how long the other keeps it"},
          MendedArg(),
      },
      {},
      {{"listening", "it listens"}, {"closed", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<DupedListener>(site);
      },
  };
}

}  // namespace simloop::scenarios
