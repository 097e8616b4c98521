// eyeballs_client: tries the addresses of a name side by side, the next one
// when the last has taken a while (RFC 8305, "happy eyeballs"), and asks a
// question over the first that connects. The others are forgotten, not
// cancelled, and so is the timer of the next when it closes: what they come to
// meets a client that is connected, or closed. Mended: whoever wins, or closes,
// ends all that is under way.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "loop/timer.h"
#include "net/resolver.h"
#include "net/socket.h"
#include "scenarios/assertion.h"
#include "scenarios/programs/races/name_lookup.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class EyeballsClient final : public Program {
 public:
  explicit EyeballsClient(Site& site)
      : site_(site), next_(site.loop(), [this] { TryNext(); }) {}

  void Start() override {
    LookUp(site_, "host", [this](const net::Resolution& answer) {
      addresses_ = answer.addresses;
      if (connecting_) TryNext();
    });
  }

  void Do(absl::string_view) override {
    site_.log().Write(site_.name(), "close()");
    connecting_ = false;
    if (site_.Flag("mended")) next_.Stop();
    for (const auto& attempt : attempts_) attempt->Destroy();
  }

 private:
  void TryNext() {
    if (attempts_.size() == addresses_.size()) return;
    const std::string ip = addresses_[attempts_.size()].ToString();
    attempts_.push_back(net::Connect(site_.stack(), site_.Port("port"), ip));
    net::Socket* const s = attempts_.back().get();
    s->on.connect([this, s] { OnConnect(s); });
    s->on.data([this, s](absl::string_view answer) {
      site_.log().Write(site_.name(), "answer", answer);
      s->End();
    });
    s->on.error([this](const net::Error& error) {
      site_.log().Write(site_.name(), "error", error.code());
      if (connecting_) TryNext();
    });
    s->on.close([this](bool) {
      if (!connecting_) site_.Signal("done");
    });
    if (attempts_.size() < addresses_.size()) {
      next_.Start(site_.Duration("patience"));
    }
  }

  void OnConnect(net::Socket* winner) {
    Always(site_, connecting_, "who connects was connecting");
    connecting_ = false;
    site_.log().Write(site_.name(), "connect");
    next_.Stop();
    if (site_.Flag("mended")) {
      for (const auto& attempt : attempts_) {
        if (attempt.get() != winner) attempt->Destroy();
      }
    }
    winner->Write("question");
  }

  Site& site_;
  loop::Timer next_;
  std::vector<loop::Ip> addresses_;
  std::vector<std::shared_ptr<net::Socket>> attempts_;
  bool connecting_ = true;
};

}  // namespace

ProgramKind EyeballsClientKind() {
  return {
      "eyeballs_client",
      "Tries a name's addresses side by side, and asks the first that is "
      "there.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          {"patience", ArgType::kDuration, "20ms",
           "how long an address has before the next is tried as well"},
          MendedArg(),
      },
      {{"close", "gives up whatever is under way"}},
      {{"done", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<EyeballsClient>(site);
      },
  };
}

}  // namespace simloop::scenarios
