// pipeline_server: answers each word after a while, whenever that is over, and
// hangs up at the word "quit". Answers to words before it may still be due:
// they go to a socket that is gone. Mended: it answers what it owes, in order,
// and hangs up then.
#include <memory>

#include "absl/strings/string_view.h"
#include "loop/event_loop.h"
#include "net/server.h"
#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class PipelineServer final : public Program {
 public:
  explicit PipelineServer(Site& site) : site_(site) {
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
    socket->on.data([this, socket](absl::string_view word) {
      if (word.find("quit") == absl::string_view::npos) {
        ++owed_;
        site_.loop().SetTimeout(site_.Duration("work"),
                                [this, socket] { Answer(*socket); });
      } else if (owed_ == 0 || !site_.Flag("mended")) {
        socket->Destroy();
      } else {
        quits_ = true;
      }
    });
    socket->on.error([this](const net::Error& error) {
      site_.log().Write(site_.name(), "error", error.code());
    });
  }

  void Answer(net::Socket& socket) {
    --owed_;
    if (socket.destroyed()) {
      site_.log().Write(site_.name(), "an answer is lost");
      return;
    }
    socket.Write("answer");
    if (quits_ && owed_ == 0) socket.End();
  }

  Site& site_;
  std::shared_ptr<net::Server> server_;
  int owed_ = 0;
  bool quits_ = false;
};

}  // namespace

ProgramKind PipelineServerKind() {
  return {
      "pipeline_server",
      "Answers words; hangs up at quit.",
      {
          {"port", ArgType::kPort, "7", "where it listens"},
          {"work", ArgType::kDuration, "5ms", "how long an answer takes"},
          MendedArg(),
      },
      {{"close", "stops listening"}},
      {{"listening", "it listens"}, {"closed", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<PipelineServer>(site);
      },
  };
}

}  // namespace simloop::scenarios
