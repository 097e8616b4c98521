// pending_writer: keeps what it is given to write until it is connected, and
// tells each piece's giver when it is written. Closing before that drops the
// pieces, and nobody tells those who wait for them. Mended: they are told that
// it failed.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "net/socket.h"
#include "scenarios/assertion.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class PendingWriter final : public Program {
 public:
  explicit PendingWriter(Site& site) : site_(site) {}

  void Start() override {
    socket_ =
        net::Connect(site_.stack(), site_.Port("port"), site_.Host("host"));
    socket_->on.connect([this] {
      for (Piece& piece : std::exchange(pending_, {})) {
        socket_->Write(piece.data, [done = std::move(piece.done)](
                                       const net::Error* error) mutable {
          done(error == nullptr);
        });
      }
    });
    socket_->on.data([](absl::string_view) {});
    socket_->on.error([this](const net::Error& error) {
      site_.log().Write(site_.name(), "error", error.code());
    });
    socket_->on.close([this](bool) {
      site_.log().Write(site_.name(), "close");
      site_.Signal("done");
    });
    Eventually(site_, "whoever writes is told");
    Write("hello", [this](bool ok) {
      site_.log().Write(site_.name(), ok ? "written" : "not written");
      Happened(site_, "whoever writes is told");
    });
  }

  void Do(absl::string_view) override {
    site_.log().Write(site_.name(), "close()");
    socket_->Destroy();
    if (!site_.Flag("mended")) return;
    for (Piece& piece : std::exchange(pending_, {})) piece.done(false);
  }

 private:
  struct Piece {
    std::string data;
    absl::AnyInvocable<void(bool ok)> done;
  };

  void Write(std::string data, absl::AnyInvocable<void(bool ok)> done) {
    pending_.push_back({std::move(data), std::move(done)});
  }

  Site& site_;
  std::shared_ptr<net::Socket> socket_;
  std::vector<Piece> pending_;
};

}  // namespace

ProgramKind PendingWriterKind() {
  return {
      "pending_writer",
      "Writes a word once it is connected, and tells whether it is written.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          MendedArg(),
      },
      {{"close", "closes"}},
      {{"done", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<PendingWriter>(site);
      },
  };
}

}  // namespace simloop::scenarios
