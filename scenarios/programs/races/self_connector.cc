// self_connector: tries again until its server, on the same host, is there. If
// the server's port is an ephemeral one, connect(2) may be given that very port
// and meet itself: a connection with nobody else, and a server that cannot bind
// (RFC 9293 section 3.5, simultaneous open). Mended: a connection whose two
// ends are one is reset; the server's port should be none of those, too.
#include <memory>
#include <optional>

#include "absl/strings/string_view.h"
#include "loop/address.h"
#include "loop/event_loop.h"
#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class SelfConnector final : public Program {
 public:
  explicit SelfConnector(Site& site) : site_(site) {}

  void Start() override { Try(); }

 private:
  void Try() {
    socket_ = net::Connect(site_.stack(), site_.Port("port"), "127.0.0.1");
    socket_->on.connect([this] {
      const std::optional<loop::Address> local = socket_->local_address();
      const bool itself = local && local->port == site_.Port("port");
      if (itself && site_.Flag("mended")) {
        // Without a TIME-WAIT, which would keep the server from its port.
        socket_->ResetAndDestroy();
        return;
      }
      site_.log().Write(site_.name(), "connected", itself ? "to itself" : "");
      connected_ = true;
      socket_->Write("hello");
    });
    socket_->on.data([this](absl::string_view) { socket_->End(); });
    socket_->on.error([this](const net::Error& error) {
      site_.log().Write(site_.name(), "error", error.code());
    });
    socket_->on.close([this](bool) {
      if (connected_) {
        site_.Signal("done");
      } else {
        site_.loop().SetTimeout(site_.Duration("delay"), [this] { Try(); });
      }
    });
  }

  Site& site_;
  std::shared_ptr<net::Socket> socket_;
  bool connected_ = false;
};

}  // namespace

ProgramKind SelfConnectorKind() {
  return {
      "self_connector",
      "Tries to connect until it can, and says a word.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"delay", ArgType::kDuration, "5ms", "between two tries"},
          MendedArg(),
      },
      {},
      {{"done", "it is done"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<SelfConnector>(site);
      },
  };
}

}  // namespace simloop::scenarios
