// pooled_client: keeps its connection for the next question, and gives it up
// when it has been idle. It forgets it with its 'close', which comes after
// destroy(): a timer between the two is handed a dead connection. Mended: it
// looks whether the connection is destroyed.
#include <memory>

#include "absl/strings/str_cat.h"
#include "loop/event_loop.h"
#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class PooledClient final : public Program {
 public:
  explicit PooledClient(Site& site) : site_(site) {}

  void Start() override { Ask(1); }

 private:
  void Ask(int number) {
    if (pooled_ != nullptr && site_.Flag("mended") && pooled_->destroyed()) {
      pooled_ = nullptr;
    }
    if (pooled_ == nullptr) Open();
    net::Socket* const s = pooled_.get();
    s->SetTimeout(absl::ZeroDuration());
    s->Write(absl::StrCat("question ", number));
    number_ = number;
  }

  void Open() {
    pooled_ =
        net::Connect(site_.stack(), site_.Port("port"), site_.Host("host"));
    net::Socket* const s = pooled_.get();
    s->on.data([this, s](absl::string_view answer) {
      site_.log().Write(site_.name(), "answer", answer);
      if (number_ == 2) {
        finished_ = true;
        s->End();
        return;
      }
      s->SetTimeout(site_.Duration("idle"), [s] { s->Destroy(); });
      site_.loop().SetTimeout(site_.Duration("gap"), [this] { Ask(2); });
    });
    s->on.error([this](const net::Error& error) {
      site_.log().Write(site_.name(), "error", error.code());
    });
    s->on.close([this, s](bool) {
      if (pooled_.get() == s) pooled_ = nullptr;
      if (finished_) site_.Signal("done");
    });
  }

  Site& site_;
  std::shared_ptr<net::Socket> pooled_;
  int number_ = 0;
  bool finished_ = false;
};

}  // namespace

ProgramKind PooledClientKind() {
  return {
      "pooled_client",
      "Two questions over a pooled connection that may time out in between.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          {"idle", ArgType::kDuration, "20ms", "how long it is kept"},
          {"gap", ArgType::kDuration, "25ms", "between the questions"},
          MendedArg(),
      },
      {},
      {{"done", "it is done"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<PooledClient>(site);
      },
  };
}

}  // namespace simloop::scenarios
