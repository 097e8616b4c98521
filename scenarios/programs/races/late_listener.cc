// late_listener: listens to the errors of its socket from 'connect' on. An
// error before that has no listener, and Node throws it. Mended: it listens
// from the start.
#include <memory>

#include "absl/strings/string_view.h"
#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class LateListener final : public Program {
 public:
  explicit LateListener(Site& site) : site_(site) {}

  void Start() override {
    socket_ =
        net::Connect(site_.stack(), site_.Port("port"), site_.Host("host"));
    if (site_.Flag("mended")) Listen();
    socket_->on.connect([this] {
      if (!site_.Flag("mended")) Listen();
      site_.log().Write(site_.name(), "connect");
      socket_->End("hello");
    });
    socket_->on.data([](absl::string_view) {});
    socket_->on.close([this](bool) { site_.Signal("done"); });
  }

 private:
  void Listen() {
    socket_->on.error([this](const net::Error& error) {
      site_.log().Write(site_.name(), "error", error.code());
    });
  }

  Site& site_;
  std::shared_ptr<net::Socket> socket_;
};

}  // namespace

ProgramKind LateListenerKind() {
  return {
      "late_listener",
      "Connects, says a word, and ends; knows of errors once it is connected.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          MendedArg(),
      },
      {},
      {{"done", "it is done"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<LateListener>(site);
      },
  };
}

}  // namespace simloop::scenarios
