// download_client: reads what a download_server sends, and says how much came
// and whether it was what had been sent.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "net/socket.h"
#include "scenarios/programs/download.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/programs/watch.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class DownloadClient final : public Program {
 public:
  explicit DownloadClient(Site& site) : site_(site) {}

  void Start() override {
    socket_ =
        net::Connect(site_.stack(), site_.Port("port"), site_.Host("host"));
    net::Socket* const s = socket_.get();
    WatchSocket(site_, *s, site_.name(), /*data=*/false);
    s->on.data([this](absl::string_view chunk) {
      for (const char byte : chunk) {
        if (byte != DownloadByte(received_)) intact_ = false;
        ++received_;
      }
    });
    s->on.end([this, s] {
      site_.log().Write(site_.name(), "received",
                        absl::StrCat(received_, " bytes, ",
                                     intact_ ? "as sent" : "not as sent"));
      site_.Signal("received");
      if (!site_.modern()) s->End();
    });
    s->on.close([this](bool) { site_.Signal("closed"); });
  }

 private:
  Site& site_;
  std::shared_ptr<net::Socket> socket_;
  size_t received_ = 0;
  bool intact_ = true;
};

}  // namespace

ProgramKind DownloadClientKind() {
  return {
      "download_client",
      "Reads what a download_server sends, and says how much came and whether "
      "it was as sent.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
      },
      {},
      {{"received", "the end of the stream came"},
       {"closed", "its socket has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<DownloadClient>(site);
      },
  };
}

}  // namespace simloop::scenarios
