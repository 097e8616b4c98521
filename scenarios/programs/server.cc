// server: accepts connections, and does with the latest one what the
// scenario's steps tell it.
#include "net/server.h"

#include <memory>
#include <string>
#include <vector>

#include "net/socket.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/programs/socket_command.h"
#include "scenarios/programs/watch.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class PlainServer final : public Program {
 public:
  explicit PlainServer(Site& site) : site_(site) {
    net::Server::Options options;
    options.allow_half_open = site.Flag("half_open");
    // Else a modern socket reads into its own buffer, pause() or not.
    options.pause_on_connect = !site.Flag("read");
    server_ =
        net::Server::Create(site.stack(), options,
                            [this](const std::shared_ptr<net::Socket>& socket) {
                              OnConnection(socket);
                            });
    WatchServer(site_, *server_);
    server_->on.listening([this] { site_.Signal("listening"); });
    server_->on.connection([this](const std::shared_ptr<net::Socket>&) {
      site_.Signal("connection");
    });
    server_->on.close([this] { site_.Signal("closed"); });
  }

  void Start() override {
    server_->Listen(site_.Port("port"), site_.Host("bind"),
                    site_.Count("backlog"));
  }

  void Do(absl::string_view command) override {
    if (command == "close") {
      site_.log().Write(site_.name(), "close()");
      server_->Close();
    } else if (latest_ != nullptr) {
      DoSocketCommand(site_, *latest_, site_.Text("socket"), command);
    }
  }

 private:
  void OnConnection(const std::shared_ptr<net::Socket>& socket) {
    latest_ = socket;
    const std::string& actor = site_.Text("socket");
    WatchSocket(site_, *socket, actor, site_.Flag("read"));
    if (!site_.Flag("read") && !site_.modern()) socket->Pause();
    socket->on.end([this] { site_.Signal("ended"); });
    socket->on.close([this](bool) {
      site_.Signal("socket_closed");
      if (site_.Flag("once")) server_->Close();
    });
    if (!site_.Text("write").empty()) socket->Write(site_.Text("write"));
  }

  Site& site_;
  std::shared_ptr<net::Server> server_;
  std::shared_ptr<net::Socket> latest_;
};

std::vector<NameDoc> Commands() {
  std::vector<NameDoc> commands = SocketCommands();
  commands.push_back({"close", "stops listening"});
  return commands;
}

}  // namespace

ProgramKind ServerKind() {
  return {
      "server",
      "Accepts connections; does with the latest what the steps tell it.",
      {
          {"port", ArgType::kPort, "7", "where it listens"},
          {"bind", ArgType::kHost, "", "the address it listens on"},
          {"backlog", ArgType::kCount, "0", "listen(2)'s; 0: Node's own"},
          {"socket", ArgType::kText, "srv.sock", "name of its connections"},
          {"write", ArgType::kText, "", "what it writes to a connection"},
          {"read", ArgType::kFlag, "true", "reads its connections"},
          {"half_open", ArgType::kFlag, "false",
           "connections stay open when the peer has ended"},
          {"once", ArgType::kFlag, "false", "closes after one connection"},
          {"text", ArgType::kText, "more", "what `do: \"write\"` writes"},
      },
      Commands(),
      {{"listening", "it listens"},
       {"connection", "a connection was accepted"},
       {"ended", "a connection's peer has ended"},
       {"socket_closed", "a connection has closed"},
       {"closed", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<PlainServer>(site);
      },
  };
}

}  // namespace simloop::scenarios
