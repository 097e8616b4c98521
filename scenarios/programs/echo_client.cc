// echo_client: sends a word, waits until it comes back, and ends.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "net/socket.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/programs/watch.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class EchoClient final : public Program {
 public:
  explicit EchoClient(Site& site) : site_(site) {}

  void Start() override {
    socket_ =
        net::Connect(site_.stack(), site_.Port("port"), site_.Host("host"));
    net::Socket* const s = socket_.get();
    WatchSocket(site_, *s, site_.name());
    if (site_.modern()) {
      site_.log().Write(site_.name(), "connect() returned",
                        absl::StrCat("readyState=", s->ready_state()));
    }
    s->on.connect([this, s] {
      const bool taken = s->Write(site_.Text("data"));
      site_.log().Write(site_.name(), "write ->", taken ? "true" : "false");
    });
    s->on.data([this, s](absl::string_view chunk) {
      echoed_.append(chunk.data(), chunk.size());
      // A stream has no words: one may come back in pieces.
      if (echoed_ == site_.Text("data")) OnEcho(*s);
    });
    s->on.close([this](bool) { site_.Signal("closed"); });
  }

 private:
  void OnEcho(net::Socket& socket) {
    site_.log().Write(site_.name(), "end()");
    socket.End();
    if (!site_.modern()) {
      site_.log().Write(site_.name(), "readyState", socket.ready_state());
    }
  }

  Site& site_;
  std::shared_ptr<net::Socket> socket_;
  std::string echoed_;
};

}  // namespace

ProgramKind EchoClientKind() {
  return {
      "echo_client",
      "Sends a word, waits until it comes back, and ends.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          {"data", ArgType::kText, "hello", "the word"},
      },
      {},
      {{"closed", "its socket has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<EchoClient>(site);
      },
  };
}

}  // namespace simloop::scenarios
