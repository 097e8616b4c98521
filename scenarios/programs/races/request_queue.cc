// request_queue: questions wait until there is a connection. When connecting
// fails it says so and keeps believing that it is connecting: those that come
// later wait for ever. Mended: a failure lets the next one connect anew.
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "loop/event_loop.h"
#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class RequestQueue final : public Program {
 public:
  explicit RequestQueue(Site& site) : site_(site) {}

  void Start() override { Ask(1); }

 private:
  void Ask(int number) {
    waiting_.push_back(number);
    if (connected_) {
      Flush();
    } else if (!connecting_) {
      Connect();
    }
    if (number == 3) return;
    site_.loop().SetTimeout(site_.Duration("gap"),
                            [this, number] { Ask(number + 1); });
  }

  void Connect() {
    connecting_ = true;
    socket_ =
        net::Connect(site_.stack(), site_.Port("port"), site_.Host("host"));
    socket_->on.connect([this] {
      connecting_ = false;
      connected_ = true;
      Flush();
    });
    socket_->on.data([this](absl::string_view answer) {
      site_.log().Write(site_.name(), "answer", answer);
      if (answer.find('3') == absl::string_view::npos) return;
      socket_->End();
    });
    socket_->on.error([this](const net::Error& error) {
      site_.log().Write(site_.name(), "error", error.code());
      if (site_.Flag("mended")) connecting_ = false;
    });
    socket_->on.close([this](bool had_error) {
      connected_ = false;
      if (!had_error) site_.Signal("done");
    });
  }

  void Flush() {
    for (const int number : waiting_) {
      socket_->Write(absl::StrCat(number));
    }
    waiting_.clear();
  }

  Site& site_;
  std::shared_ptr<net::Socket> socket_;
  std::vector<int> waiting_;
  bool connecting_ = false;
  bool connected_ = false;
};

}  // namespace

ProgramKind RequestQueueKind() {
  return {
      "request_queue",
      "Three questions over one connection that is made when it is needed.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          {"gap", ArgType::kDuration, "10ms", "between the questions"},
          MendedArg(),
      },
      {},
      {{"done", "it is done"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<RequestQueue>(site);
      },
  };
}

}  // namespace simloop::scenarios
