// end_counter: a server that closes once its clients are gone, and counts them
// by 'end'. A client that was reset never ends. Mended: it counts by 'close',
// which comes in any case.
#include <memory>

#include "absl/strings/string_view.h"
#include "net/server.h"
#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class EndCounter final : public Program {
 public:
  explicit EndCounter(Site& site) : site_(site) {
    server_ = net::Server::Create(
        site.stack(), [this](const std::shared_ptr<net::Socket>& socket) {
          OnConnection(*socket);
        });
    server_->on.listening([this] { site_.Signal("listening"); });
    server_->on.close([this] { site_.Signal("closed"); });
  }

  void Start() override { server_->Listen(site_.Port("port")); }

 private:
  void OnConnection(net::Socket& socket) {
    socket.on.data([](absl::string_view) {});
    if (site_.Flag("mended")) {
      socket.on.close([this](bool) { Gone(); });
    } else {
      socket.on.end([this] { Gone(); });
    }
    socket.on.error([this](const net::Error& error) {
      site_.log().Write(site_.name(), "error", error.code());
    });
    socket.Write("welcome");
  }

  void Gone() {
    if (++gone_ == site_.Count("count")) server_->Close();
  }

  Site& site_;
  std::shared_ptr<net::Server> server_;
  int gone_ = 0;
};

}  // namespace

ProgramKind EndCounterKind() {
  return {
      "end_counter",
      "Greets so many clients, and closes once they are gone.",
      {
          {"port", ArgType::kPort, "7", "where it listens"},
          {"count", ArgType::kCount, "1", "how many"},
          MendedArg(),
      },
      {},
      {{"listening", "it listens"}, {"closed", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<EndCounter>(site);
      },
  };
}

}  // namespace simloop::scenarios
