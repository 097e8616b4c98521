// dual_stack_client: leaves it to the socket to try a name's addresses. Each
// but the last has 250 ms, Node's default, and is then given up for good: an
// address that is farther away than that is never reached, and if the next does
// not answer there is an error though the first would have. Mended: it knows
// how far its servers may be, and gives each so long.
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "net/connect_options.h"
#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/programs/watch.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class DualStackClient final : public Program {
 public:
  explicit DualStackClient(Site& site) : site_(site) {}

  void Start() override {
    net::ConnectOptions options;
    options.port = site_.Port("port");
    options.host = site_.Host("host");
    if (site_.Flag("mended")) {
      options.auto_select_family_attempt_timeout = site_.Duration("patience");
    }
    socket_ = net::Connect(site_.stack(), std::move(options));
    WatchSocket(site_, *socket_, site_.name());
    socket_->on.connect([this] { socket_->Write("question"); });
    socket_->on.data([this](absl::string_view) { socket_->End(); });
    socket_->on.close([this](bool) { site_.Signal("done"); });
  }

 private:
  Site& site_;
  std::shared_ptr<net::Socket> socket_;
};

}  // namespace

ProgramKind DualStackClientKind() {
  return {
      "dual_stack_client",
      "Connects to a name of several addresses, and asks a question.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          {"patience", ArgType::kDuration, "1s",
           "how long an address has, when mended"},
          MendedArg(),
      },
      {},
      {{"done", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<DualStackClient>(site);
      },
  };
}

}  // namespace simloop::scenarios
