// echo_server: sends back what it is sent, and ends when its peer ends.
#include <memory>
#include <string>

#include "net/server.h"
#include "net/socket.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/programs/watch.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class EchoServer final : public Program {
 public:
  explicit EchoServer(Site& site) : site_(site) {
    server_ = net::Server::Create(
        site.stack(), [this](const std::shared_ptr<net::Socket>& socket) {
          OnConnection(socket);
        });
    WatchServer(site_, *server_);
    server_->on.listening([this] { site_.Signal("listening"); });
    server_->on.close([this] { site_.Signal("closed"); });
  }

  void Start() override {
    server_->Listen(site_.Port("port"), site_.Host("bind"));
    if (site_.modern()) {
      site_.log().Write("main", "listen() returned",
                        server_->address() ? "address=bound" : "address=null");
    }
  }

  void Do(absl::string_view) override { server_->Close(); }

 private:
  void OnConnection(const std::shared_ptr<net::Socket>& socket) {
    net::Socket* const s = socket.get();
    const std::string& actor = site_.Text("socket");
    WatchSocket(site_, *s, actor);
    s->on.data([s](absl::string_view chunk) { s->Write(chunk); });
    if (!site_.modern()) {
      // A modern socket ends by itself when its peer has.
      s->on.end([this, s, actor] {
        site_.log().Write(actor, "end()");
        s->End();
      });
    }
    if (site_.Flag("once")) {
      s->on.close([this](bool) { server_->Close(); });
    }
  }

  Site& site_;
  std::shared_ptr<net::Server> server_;
};

}  // namespace

ProgramKind EchoServerKind() {
  return {
      "echo_server",
      "Sends back what it is sent, and ends when its peer ends.",
      {
          {"port", ArgType::kPort, "7", "where it listens"},
          {"bind", ArgType::kHost, "", "the address it listens on"},
          {"socket", ArgType::kText, "srv.sock", "name of its connections"},
          {"once", ArgType::kFlag, "false", "closes after one connection"},
      },
      {{"close", "stops listening"}},
      {{"listening", "it listens"}, {"closed", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<EchoServer>(site);
      },
  };
}

}  // namespace simloop::scenarios
