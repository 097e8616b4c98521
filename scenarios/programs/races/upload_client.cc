// upload_client: writes a body piece by piece, and takes the answer. An error
// of writing ends it, as in most libraries; mended: it reads what has come
// before it believes that error.
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "loop/timer.h"
#include "net/socket.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class UploadClient final : public Program {
 public:
  explicit UploadClient(Site& site)
      : site_(site), timer_(site.loop(), [this] { Send(); }) {}

  void Start() override {
    net::Socket::Options options;
    options.allow_half_open = true;
    socket_ = net::Socket::Create(site_.stack(), options);
    left_ = site_.Count("pieces");
    socket_->on.connect([this] { Send(); });
    socket_->on.data([this](absl::string_view answer) {
      site_.log().Write(site_.name(), "answer", answer);
      left_ = 0;
    });
    socket_->on.end([this] { socket_->End(); });
    socket_->on.error([this](const net::Error& error) {
      site_.log().Write(site_.name(), "error", error.code());
    });
    socket_->on.close([this](bool) {
      timer_.Stop();
      site_.Signal("done");
    });
    socket_->Connect(site_.Port("port"), site_.Host("host"));
  }

 private:
  void Send() {
    if (left_ == 0) return;
    --left_;
    socket_->Write(std::string(1000, 'x'));
    timer_.Start(site_.Duration("gap"));
  }

  Site& site_;
  loop::Timer timer_;
  std::shared_ptr<net::Socket> socket_;
  int left_ = 0;
};

}  // namespace

ProgramKind UploadClientKind() {
  return {
      "upload_client",
      "Writes pieces until it has an answer.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          {"pieces", ArgType::kCount, "5", "how many"},
          {"gap", ArgType::kDuration, "1ms", "between two of them"},
          MendedArg(),
      },
      {},
      {{"done", "it is done"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<UploadClient>(site);
      },
  };
}

}  // namespace simloop::scenarios
