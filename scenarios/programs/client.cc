// client: a connection that does what the scenario's steps tell it.
#include <memory>

#include "net/socket.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/programs/socket_command.h"
#include "scenarios/programs/watch.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class Client final : public Program {
 public:
  explicit Client(Site& site) : site_(site) {}

  void Start() override {
    net::Socket::Options options;
    options.allow_half_open = site_.Flag("half_open");
    socket_ = net::Socket::Create(site_.stack(), options);
    WatchSocket(site_, *socket_, site_.name());
    socket_->on.connect([this] { OnConnect(); });
    socket_->on.data([this](absl::string_view) { site_.Signal("data"); });
    socket_->on.end([this] { site_.Signal("ended"); });
    socket_->on.close([this](bool) { site_.Signal("closed"); });
    socket_->Connect(site_.Port("port"), site_.Host("host"));
  }

  void Do(absl::string_view command) override {
    DoSocketCommand(site_, *socket_, site_.name(), command);
  }

 private:
  void OnConnect() {
    const absl::Duration idle = site_.Duration("keepalive");
    if (idle > absl::ZeroDuration()) socket_->SetKeepAlive(true, idle);
    if (!site_.Text("write").empty()) socket_->Write(site_.Text("write"));
    site_.Signal("connected");
  }

  Site& site_;
  std::shared_ptr<net::Socket> socket_;
};

}  // namespace

ProgramKind ClientKind() {
  return {
      "client",
      "A connection that does what the scenario's steps tell it.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          {"write", ArgType::kText, "", "what it writes when connected"},
          {"half_open", ArgType::kFlag, "false",
           "stays open when its peer has ended"},
          {"text", ArgType::kText, "more", "what `do: \"write\"` writes"},
          {"keepalive", ArgType::kDuration, "0",
           "SO_KEEPALIVE after so long without a word; 0: none"},
      },
      SocketCommands(),
      {{"connected", "'connect' came"},
       {"data", "'data' came"},
       {"ended", "'end' came"},
       {"closed", "'close' came"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<Client>(site);
      },
  };
}

}  // namespace simloop::scenarios
