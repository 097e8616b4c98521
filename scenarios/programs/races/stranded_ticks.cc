// stranded_ticks: three ticks for each piece that comes: one looks at it, one
// answers, one counts. In Node v0.1.96 an exception of the first strands the
// other two until somebody queues a tick again. Mended: the first does not let
// its exception out.
#include <memory>

#include "absl/strings/string_view.h"
#include "loop/event_loop.h"
#include "net/error.h"
#include "net/server.h"
#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class StrandedTicks final : public Program {
 public:
  explicit StrandedTicks(Site& site) : site_(site) {
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
  void OnConnection(const std::shared_ptr<net::Socket>& socket) {
    net::Socket* const s = socket.get();
    s->on.data([this, s](absl::string_view piece) {
      const bool whole = !piece.empty() && piece.back() == '.';
      site_.loop().NextTick([this, whole] { Look(whole); });
      site_.loop().NextTick([s] {
        if (s->writable()) s->Write("answer");
      });
      site_.loop().NextTick(
          [this] { site_.log().Write(site_.name(), "counted"); });
    });
    s->on.end([s] { s->End(); });
  }

  void Look(bool whole) {
    if (whole) return;
    site_.log().Write(site_.name(), "a piece");
    if (!site_.Flag("mended")) throw net::Error("", "a piece without an end");
  }

  Site& site_;
  std::shared_ptr<net::Server> server_;
};

}  // namespace

ProgramKind StrandedTicksKind() {
  return {
      "stranded_ticks",
      "Answers each piece that comes; a piece without an end is an exception.",
      {
          {"port", ArgType::kPort, "7", "where it listens"},
          MendedArg(),
      },
      {{"close", "stops listening"}},
      {{"listening", "it listens"}, {"closed", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<StrandedTicks>(site);
      },
  };
}

}  // namespace simloop::scenarios
