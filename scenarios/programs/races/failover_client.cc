// failover_client: asks a server, and a second one if the first does not serve
// it. A listener that closes refuses who comes later, and resets who stands in
// its queue. Mended: whoever was not served goes to the second, whatever the
// error.
#include <memory>
#include <string>

#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class FailoverClient final : public Program {
 public:
  explicit FailoverClient(Site& site) : site_(site) {}

  void Start() override { Try(site_.Host("host"), /*last=*/false); }

 private:
  void Try(const std::string& host, bool last) {
    socket_ = net::Connect(site_.stack(), site_.Port("port"), host);
    socket_->on.data([this](absl::string_view word) {
      site_.log().Write(site_.name(), "served", word);
      served_ = true;
      socket_->End();
    });
    socket_->on.error([this](const net::Error& error) {
      site_.log().Write(site_.name(), "error", error.code());
      other_ = error.code() == "ECONNREFUSED" || site_.Flag("mended");
    });
    socket_->on.close([this, last](bool) {
      if (!served_ && other_ && !last) {
        Try(site_.Host("backup"), /*last=*/true);
        return;
      }
      if (!served_) site_.log().Write(site_.name(), "gives up");
      site_.Signal("done");
    });
  }

  Site& site_;
  std::shared_ptr<net::Socket> socket_;
  bool served_ = false;
  bool other_ = false;
};

}  // namespace

ProgramKind FailoverClientKind() {
  return {
      "failover_client",
      "Takes a word from a server, or from a second one if that is closed.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          {"backup", ArgType::kHost, "local", "the second host"},
          MendedArg(),
      },
      {},
      {{"done", "it is done"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<FailoverClient>(site);
      },
  };
}

}  // namespace simloop::scenarios
