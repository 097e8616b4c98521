// hasty_server: answers a question and closes at once. If it has not read all
// that the client said, close(2) sends a RST and gives up what of the answer is
// not sent yet (RFC 1122 section 4.2.2.13). Mended: it ends its side, and
// closes when the client has ended.
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "net/server.h"
#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class HastyServer final : public Program {
 public:
  explicit HastyServer(Site& site) : site_(site) {
    net::Server::Options options;
    options.allow_half_open = true;
    server_ =
        net::Server::Create(site.stack(), options,
                            [this](const std::shared_ptr<net::Socket>& socket) {
                              OnConnection(socket);
                            });
    server_->on.listening([this] { site_.Signal("listening"); });
    server_->on.close([this] { site_.Signal("closed"); });
  }

  void Start() override { server_->Listen(site_.Port("port")); }
  void Do(absl::string_view) override { server_->Close(); }

 private:
  void OnConnection(const std::shared_ptr<net::Socket>& socket) {
    net::Socket* const s = socket.get();
    s->on.data([this, s](absl::string_view) {
      if (s->writable_ended()) return;
      // The kernel takes all of it; to send it takes longer.
      s->End(std::string(static_cast<size_t>(site_.Count("bytes")), 'a'));
      if (!site_.Flag("mended")) s->DestroySoon();
    });
    s->on.error([](const net::Error&) {});
  }

  Site& site_;
  std::shared_ptr<net::Server> server_;
};

}  // namespace

ProgramKind HastyServerKind() {
  return {
      "hasty_server",
      "Answers the first words with so many bytes, and closes.",
      {
          {"port", ArgType::kPort, "7", "where it listens"},
          {"bytes", ArgType::kCount, "100000", "of the answer"},
          MendedArg(),
      },
      {{"close", "stops listening"}},
      {{"listening", "it listens"}, {"closed", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<HastyServer>(site);
      },
  };
}

}  // namespace simloop::scenarios
