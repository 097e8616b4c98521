// deadline_client: sends a word and waits for the answer, but not for ever.
// When its timer fires the answer may be there already and not be read: timers
// come before descriptors in libev's turn. Mended: it looks once more.
#include <memory>

#include "loop/timer.h"
#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class DeadlineClient final : public Program {
 public:
  explicit DeadlineClient(Site& site)
      : site_(site), timer_(site.loop(), [this] { OnDeadline(); }) {}

  void Start() override {
    socket_ =
        net::Connect(site_.stack(), site_.Port("port"), site_.Host("host"));
    socket_->on.connect([this] {
      socket_->Write("question");
      timer_.Start(site_.Duration("deadline"));
    });
    socket_->on.data([this](absl::string_view) {
      site_.log().Write(site_.name(), "answer");
      Finish();
    });
    socket_->on.error([](const net::Error&) {});
  }

 private:
  void OnDeadline() {
    if (site_.Flag("mended") && !extended_) {
      // What is there by now is read before this fires again.
      extended_ = true;
      timer_.Start(absl::ZeroDuration());
      return;
    }
    site_.log().Write(site_.name(), "gives up");
    Finish();
  }

  void Finish() {
    timer_.Stop();
    socket_->Destroy();
    site_.Signal("done");
  }

  Site& site_;
  loop::Timer timer_;
  std::shared_ptr<net::Socket> socket_;
  bool extended_ = false;
};

}  // namespace

ProgramKind DeadlineClientKind() {
  return {
      "deadline_client",
      "Waits for an answer until a deadline.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          {"deadline", ArgType::kDuration, "5ms", "from the question on"},
          MendedArg(),
      },
      {},
      {{"done", "it is done"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<DeadlineClient>(site);
      },
  };
}

}  // namespace simloop::scenarios
