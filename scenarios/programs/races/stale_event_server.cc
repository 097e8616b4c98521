// stale_event_server: a loop of its own over epoll(7), by descriptor numbers.
// Whoever is served first hangs the others up and calls back to its peer: the
// new socket takes the number of one that was closed, and an event of that one,
// reported in the same epoll_wait(2), is taken for the new one's. Mended: each
// registration has a generation, as libev's.
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "loop/event_loop.h"
#include "loop/io_watcher.h"
#include "loop/kernel.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/programs/races/raw_socket.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class StaleEventServer final : public Program {
 public:
  explicit StaleEventServer(Site& site)
      : site_(site),
        loop_(site.loop()),
        watcher_(site.loop(), [this](loop::Interest) { Poll(); }) {}
  ~StaleEventServer() override { Close(); }

  void Start() override {
    listener_ = ListenOn(kernel(), site_.Port("port"));
    epoll_ = Require(kernel().EpollCreate1(loop::kEpollCloexec), "epoll");
    Add(listener_, "listener");
    watcher_.Set(epoll_, loop::kReadable);
    watcher_.Start();
    site_.Signal("listening");
  }
  void Do(absl::string_view) override { Close(); }

 private:
  struct Entry {
    std::string what;  // "" if there is none
    uint32_t generation = 0;
  };

  loop::Kernel& kernel() { return loop_.kernel(); }

  void Add(loop::Fd fd, const std::string& what) {
    const auto number = static_cast<size_t>(fd.number);
    if (entries_.size() <= number) entries_.resize(number + 1);
    entries_[number] = {what, entries_[number].generation + 1};
    const uint64_t data = uint64_t{entries_[number].generation} << 32 | number;
    Require(kernel().EpollCtl(epoll_, loop::kEpollCtlAdd, fd,
                              {loop::kEpollIn, data}),
            "epoll_ctl");
  }

  void Hangup(loop::Fd fd) {
    entries_[static_cast<size_t>(fd.number)].what.clear();
    (void)kernel().Close(fd);
  }

  void Poll() {
    std::array<loop::EpollEvent, 16> events;
    const loop::Result<size_t> count = kernel().EpollWait(
        epoll_, absl::MakeSpan(events), absl::ZeroDuration());
    for (size_t i = 0; count.ok() && i < *count && epoll_.valid(); ++i) {
      const auto number = static_cast<size_t>(events[i].data & 0xffffffff);
      const Entry entry = entries_[number];
      if (site_.Flag("mended") && entry.generation != events[i].data >> 32) {
        continue;
      }
      OnReadable(loop::Fd{static_cast<int>(number)}, entry.what);
    }
  }

  void OnReadable(loop::Fd fd, const std::string& what) {
    if (what == "listener") {
      const loop::Result<loop::Accepted> accepted =
          kernel().Accept4(fd, loop::kSockNonblock);
      if (accepted.ok()) Add(accepted->fd, "client");
    } else if (what == "call") {
      // Only what it called may speak on this one.
      std::array<char, 16> word;
      const loop::Result<size_t> read = kernel().Read(fd, absl::MakeSpan(word));
      if (!read.ok() && read.error() == loop::Errno::kEAGAIN) {
        site_.log().Write(site_.name(), "an event of another socket");
      }
      Hangup(fd);
    } else if (what == "client") {
      Serve(fd);
    }
  }

  void Serve(loop::Fd fd) {
    site_.log().Write(site_.name(), "serves");
    for (size_t i = 0; i < entries_.size(); ++i) {
      const loop::Fd other{static_cast<int>(i)};
      if (other != fd && entries_[i].what == "client") Hangup(other);
    }
    const loop::Fd call = NewSocket(kernel());
    (void)kernel().Connect(
        call, loop::Address::Inet(*loop::Ipv4::Parse(site_.Host("host")),
                                  site_.Port("callback")));
    Add(call, "call");
    Hangup(fd);
  }

  void Close() {
    if (!epoll_.valid()) return;
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (!entries_[i].what.empty()) Hangup(loop::Fd{static_cast<int>(i)});
    }
    watcher_.Stop();
    loop_.Forget(epoll_);
    (void)kernel().Close(epoll_);
    epoll_ = loop::Fd();
  }

  Site& site_;
  loop::EventLoop& loop_;
  loop::IoWatcher watcher_;
  loop::Fd listener_;
  loop::Fd epoll_;
  std::vector<Entry> entries_;
};

}  // namespace

ProgramKind StaleEventServerKind() {
  return {
      "stale_event_server",
      "The first that speaks gets an answer, the others are hung up on.",
      {
          {"port", ArgType::kPort, "7", "where it listens"},
          {"callback", ArgType::kPort, "9", "the port of its own calls"},
          {"host", ArgType::kHost, "local", "whom it calls"},
          MendedArg(),
      },
      {{"close", "stops listening"}},
      {{"listening", "it listens"}, {"closed", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<StaleEventServer>(site);
      },
  };
}

}  // namespace simloop::scenarios
