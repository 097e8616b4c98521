// graceful_server: answers each question after some thought, and keeps
// connections for more. To stop, it stops listening and ends the connections
// that are idle; one that waits for its answer just then is kept for the next
// question, and the server never closes. Mended: while it stops, a connection
// that becomes idle is ended.
#include <list>
#include <memory>

#include "absl/strings/string_view.h"
#include "loop/event_loop.h"
#include "net/server.h"
#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/programs/watch.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class GracefulServer final : public Program {
 public:
  explicit GracefulServer(Site& site) : site_(site) {
    server_ = net::Server::Create(
        site.stack(), [this](const std::shared_ptr<net::Socket>& socket) {
          OnConnection(socket);
        });
    WatchServer(site_, *server_);
    server_->on.listening([this] { site_.Signal("listening"); });
    server_->on.close([this] { site_.Signal("closed"); });
  }

  void Start() override { server_->Listen(site_.Port("port")); }

  void Do(absl::string_view) override {
    site_.log().Write(site_.name(), "close()");
    stopping_ = true;
    server_->Close();
    for (const Connection& c : open_) {
      if (!c.busy) c.socket->End();
    }
  }

 private:
  struct Connection {
    std::shared_ptr<net::Socket> socket;
    bool busy = false;
  };

  void OnConnection(const std::shared_ptr<net::Socket>& socket) {
    Connection* const c = &open_.emplace_back();
    c->socket = socket;
    socket->on.data([this, c](absl::string_view) {
      c->busy = true;
      site_.loop().SetTimeout(site_.Duration("thought"),
                              [this, socket = c->socket, c] {
                                if (!socket->destroyed()) Answer(*c);
                              });
    });
    socket->on.error([this](const net::Error& error) {
      site_.log().Write(site_.name(), "error", error.code());
    });
    socket->on.close([this, c](bool) {
      open_.remove_if([c](const Connection& open) { return &open == c; });
    });
  }

  void Answer(Connection& c) {
    c.busy = false;
    if (c.socket->writable_ended()) return;
    c.socket->Write("answer");
    if (stopping_ && site_.Flag("mended")) c.socket->End();
  }

  Site& site_;
  std::shared_ptr<net::Server> server_;
  std::list<Connection> open_;
  bool stopping_ = false;
};

}  // namespace

ProgramKind GracefulServerKind() {
  return {
      "graceful_server",
      "Answers questions; stops when nobody waits for an answer.",
      {
          {"port", ArgType::kPort, "7", "where it listens"},
          {"thought", ArgType::kDuration, "5ms", "before each answer"},
          MendedArg(),
      },
      {{"close", "stops"}},
      {{"listening", "it listens"}, {"closed", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<GracefulServer>(site);
      },
  };
}

}  // namespace simloop::scenarios
