// watchdog_server: sends a long answer, and gives a peer up that takes too
// long. Its timer is started once and knows nothing of what moves: a long write
// to a slow reader looks like silence. Mended: what the kernel takes starts the
// timer anew.
#include <algorithm>
#include <memory>
#include <string>

#include "loop/timer.h"
#include "net/server.h"
#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class WatchdogServer final : public Program {
 public:
  explicit WatchdogServer(Site& site)
      : site_(site), timer_(site.loop(), [this] { OnSilence(); }) {
    server_ = net::Server::Create(
        site.stack(), [this](const std::shared_ptr<net::Socket>& socket) {
          OnConnection(socket);
        });
    server_->on.listening([this] { site_.Signal("listening"); });
    server_->on.close([this] { site_.Signal("closed"); });
  }

  void Start() override { server_->Listen(site_.Port("port")); }
  void Do(absl::string_view) override { server_->Close(); }

 private:
  static constexpr size_t kChunk = 8192;

  void OnConnection(const std::shared_ptr<net::Socket>& socket) {
    socket_ = socket;
    left_ = static_cast<size_t>(site_.Count("bytes"));
    socket_->on.drain([this] { Send(); });
    socket_->on.error([](const net::Error&) {});
    socket_->on.close([this](bool) {
      timer_.Stop();
      server_->Close();
    });
    timer_.Start(site_.Duration("silence"));
    Send();
  }

  void Send() {
    if (site_.Flag("mended")) timer_.Start(site_.Duration("silence"));
    while (left_ > 0) {
      const size_t size = std::min(left_, kChunk);
      left_ -= size;
      if (!socket_->Write(std::string(size, 'x'))) return;
    }
    timer_.Stop();
    socket_->End();
  }

  void OnSilence() {
    site_.log().Write(site_.name(), "gives up");
    socket_->Destroy();
  }

  Site& site_;
  loop::Timer timer_;
  std::shared_ptr<net::Server> server_;
  std::shared_ptr<net::Socket> socket_;
  size_t left_ = 0;
};

}  // namespace

ProgramKind WatchdogServerKind() {
  return {
      "watchdog_server",
      "Sends so many bytes; gives a silent peer up.",
      {
          {"port", ArgType::kPort, "7", "where it listens"},
          {"bytes", ArgType::kCount, "200000", "how many"},
          {"silence", ArgType::kDuration, "100ms", "how long is too long"},
          MendedArg(),
      },
      {{"close", "stops listening"}},
      {{"listening", "it listens"}, {"closed", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<WatchdogServer>(site);
      },
  };
}

}  // namespace simloop::scenarios
