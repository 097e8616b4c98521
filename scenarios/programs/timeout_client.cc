// timeout_client: connects, and gives up if that takes too long.
#include <memory>

#include "loop/timer.h"
#include "net/socket.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/programs/watch.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class TimeoutClient final : public Program {
 public:
  explicit TimeoutClient(Site& site)
      : site_(site), timer_(site.loop(), [this] { GiveUp(); }) {}

  void Start() override {
    socket_ =
        net::Connect(site_.stack(), site_.Port("port"), site_.Host("host"));
    WatchSocket(site_, *socket_, site_.name());
    socket_->on.connect([this] {
      timer_.Stop();
      socket_->End();
      site_.Signal("connected");
    });
    socket_->on.close([this](bool) { site_.Signal("closed"); });
    timer_.Start(site_.Duration("timeout"));
  }

 private:
  void GiveUp() {
    site_.log().Write(site_.name(), "gives up");
    socket_->Destroy();
  }

  Site& site_;
  loop::Timer timer_;
  std::shared_ptr<net::Socket> socket_;
};

}  // namespace

ProgramKind TimeoutClientKind() {
  return {
      "timeout_client",
      "Connects and ends; gives up if connecting takes too long.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          {"timeout", ArgType::kDuration, "1s", "how long is too long"},
      },
      {},
      {{"connected", "it has connected"}, {"closed", "its socket has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<TimeoutClient>(site);
      },
  };
}

}  // namespace simloop::scenarios
