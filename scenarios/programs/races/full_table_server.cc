// full_table_server: accepts with accept4(2), keeps each connection for a
// while, and makes nothing of EMFILE: its listener stays readable, and it turns
// in circles. Mended: it stops watching until a descriptor is free again.
#include <memory>

#include "loop/event_loop.h"
#include "loop/io_watcher.h"
#include "loop/kernel.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/programs/races/raw_socket.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class FullTableServer final : public Program {
 public:
  explicit FullTableServer(Site& site)
      : site_(site),
        loop_(site.loop()),
        watcher_(site.loop(), [this](loop::Interest) { Accept(); }) {}
  ~FullTableServer() override { Close(); }

  void Start() override {
    fd_ = ListenOn(loop_.kernel(), site_.Port("port"));
    watcher_.Set(fd_, loop::kReadable);
    watcher_.Start();
    site_.Signal("listening");
  }

 private:
  void Accept() {
    while (true) {
      const loop::Result<loop::Accepted> accepted =
          loop_.kernel().Accept4(fd_, loop::kSockNonblock);
      if (accepted.ok()) {
        Hold(accepted->fd);
        continue;
      }
      if (accepted.error() == loop::Errno::kEMFILE && site_.Flag("mended")) {
        site_.log().Write(site_.name(), "waits for a descriptor");
        watcher_.Stop();
      }
      return;
    }
  }

  void Hold(loop::Fd fd) {
    loop_.SetTimeout(site_.Duration("hold"), [this, fd] {
      (void)loop_.kernel().Close(fd);
      site_.log().Write(site_.name(), "served");
      if (++served_ == site_.Count("count")) {
        Close();
      } else {
        watcher_.Start();
      }
    });
  }

  void Close() {
    if (!fd_.valid()) return;
    watcher_.Stop();
    loop_.Forget(fd_);
    (void)loop_.kernel().Close(fd_);
    fd_ = loop::Fd();
  }

  Site& site_;
  loop::EventLoop& loop_;
  loop::IoWatcher watcher_;
  loop::Fd fd_;
  int served_ = 0;
};

}  // namespace

ProgramKind FullTableServerKind() {
  return {
      "full_table_server",
      "Accepts, holds each connection for a while, and ends it.",
      {
          {"port", ArgType::kPort, "7", "where it listens"},
          {"hold", ArgType::kDuration, "20ms", "how long it holds one"},
          {"count", ArgType::kCount, "3",
           "how many it serves before it closes"},
          MendedArg(),
      },
      {},
      {{"listening", "it listens"}, {"closed", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<FullTableServer>(site);
      },
  };
}

}  // namespace simloop::scenarios
