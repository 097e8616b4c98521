// early_answer_server: knows from the first piece of an upload that it will not
// have it, says so, and closes. What of the upload comes after that is answered
// with a RST (RFC 2525 section 2.17), and the client may meet that before it
// has read the answer. Mended: it ends its side, and reads until the client
// has ended.
#include <memory>

#include "absl/strings/string_view.h"
#include "net/server.h"
#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class EarlyAnswerServer final : public Program {
 public:
  explicit EarlyAnswerServer(Site& site) : site_(site) {
    net::Server::Options options;
    options.allow_half_open = true;
    server_ =
        net::Server::Create(site.stack(), options,
                            [this](const std::shared_ptr<net::Socket>& socket) {
                              OnConnection(*socket);
                            });
    server_->on.listening([this] { site_.Signal("listening"); });
    server_->on.close([this] { site_.Signal("closed"); });
  }

  void Start() override { server_->Listen(site_.Port("port")); }
  void Do(absl::string_view) override { server_->Close(); }

 private:
  void OnConnection(net::Socket& socket) {
    net::Socket* const s = &socket;
    s->on.data([this, s](absl::string_view) {
      if (s->writable_ended()) return;
      s->End("401 no");
      if (!site_.Flag("mended")) s->DestroySoon();
    });
    s->on.error([](const net::Error&) {});
  }

  Site& site_;
  std::shared_ptr<net::Server> server_;
};

}  // namespace

ProgramKind EarlyAnswerServerKind() {
  return {
      "early_answer_server",
      "Refuses an upload with its first piece.",
      {
          {"port", ArgType::kPort, "7", "where it listens"},
          MendedArg(),
      },
      {{"close", "stops listening"}},
      {{"listening", "it listens"}, {"closed", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<EarlyAnswerServer>(site);
      },
  };
}

}  // namespace simloop::scenarios
