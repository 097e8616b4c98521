// lookup_client: looks a name up, connects, says a word and closes; it closes
// sooner when its deadline comes. Nothing takes a question back: the answer of
// one that was asked before the close makes a socket that nobody closes.
// Mended: the answer looks whether there is still somebody who wants it.
#include <memory>
#include <string>

#include "absl/types/span.h"
#include "loop/event_loop.h"
#include "loop/io_watcher.h"
#include "loop/kernel.h"
#include "loop/timer.h"
#include "net/resolver.h"
#include "scenarios/programs/races/name_lookup.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/programs/races/raw_socket.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class LookupClient final : public Program {
 public:
  explicit LookupClient(Site& site)
      : site_(site),
        watcher_(site.loop(), [this](loop::Interest) { OnWritable(); }),
        deadline_(site.loop(), [this] {
          site_.log().Write(site_.name(), "gives up");
          Close();
        }) {}

  void Start() override {
    deadline_.Start(site_.Duration("deadline"));
    LookUp(site_, "host",
           [this](const net::Resolution& answer) { OnAnswer(answer); });
  }

 private:
  loop::Kernel& kernel() { return site_.loop().kernel(); }

  void OnAnswer(const net::Resolution& answer) {
    site_.log().Write(
        site_.name(), "is told",
        answer.error.empty() ? answer.addresses[0].ToString() : answer.error);
    if (closed_ && site_.Flag("mended")) return;
    if (!answer.error.empty()) {
      Close();
      return;
    }
    fd_ = NewSocket(kernel());
    const loop::Result<void> connected = kernel().Connect(
        fd_, loop::Address::Of({answer.addresses.front(), site_.Port("port")}));
    if (!connected.ok() && connected.error() != loop::Errno::kEINPROGRESS) {
      Fail(connected.error());
      return;
    }
    watcher_.Set(fd_, loop::kWritable);
    watcher_.Start();
  }

  void OnWritable() {
    watcher_.Stop();
    const loop::Errno error = loop::TakeSocketError(kernel(), fd_);
    if (error != loop::Errno::kOk) {
      Fail(error);
      return;
    }
    site_.log().Write(site_.name(), "connect");
    const std::string word = "hello";
    (void)kernel().Write(fd_, absl::MakeConstSpan(word.data(), word.size()));
    Close();
  }

  void Fail(loop::Errno error) {
    site_.log().Write(site_.name(), "error", loop::ErrnoName(error));
    Close();
  }

  void Close() {
    if (closed_) return;
    closed_ = true;
    deadline_.Stop();
    watcher_.Stop();
    if (fd_.valid()) {
      site_.loop().Forget(fd_);
      (void)kernel().Close(fd_);
    }
    site_.Signal("done");
  }

  Site& site_;
  loop::IoWatcher watcher_;
  loop::Timer deadline_;
  loop::Fd fd_;
  bool closed_ = false;
};

}  // namespace

ProgramKind LookupClientKind() {
  return {
      "lookup_client",
      "Looks a name up, connects and says a word, all before its deadline.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          {"deadline", ArgType::kDuration, "30ms", "how long all may take"},
          MendedArg(),
      },
      {},
      {{"done", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<LookupClient>(site);
      },
  };
}

}  // namespace simloop::scenarios
