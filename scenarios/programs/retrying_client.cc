// retrying_client: connects; if it is refused, waits and tries again.
#include <memory>

#include "absl/strings/str_cat.h"
#include "net/socket.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/programs/watch.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class RetryingClient final : public Program {
 public:
  explicit RetryingClient(Site& site) : site_(site) {}

  void Start() override { Try(1); }

 private:
  void Try(int number) {
    site_.log().Write(site_.name(), "try", absl::StrCat(number));
    socket_ =
        net::Connect(site_.stack(), site_.Port("port"), site_.Host("host"));
    net::Socket* const s = socket_.get();
    WatchSocket(site_, *s, site_.name());
    s->on.connect([this, s] {
      s->End();
      site_.Signal("connected");
    });
    if (!site_.modern()) s->on.end([s] { s->End(); });
    s->on.close([this, number](bool had_error) {
      if (had_error && number < site_.Count("tries")) {
        site_.loop().SetTimeout(site_.Duration("delay"),
                                [this, number] { Try(number + 1); });
      } else {
        site_.Signal("closed");
      }
    });
  }

  Site& site_;
  std::shared_ptr<net::Socket> socket_;
};

}  // namespace

ProgramKind RetryingClientKind() {
  return {
      "retrying_client",
      "Connects; if it is refused, waits and tries again.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          {"tries", ArgType::kCount, "5", "at most"},
          {"delay", ArgType::kDuration, "100ms", "between two tries"},
      },
      {},
      {{"connected", "a try succeeded"},
       {"closed", "its last socket has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<RetryingClient>(site);
      },
  };
}

}  // namespace simloop::scenarios
