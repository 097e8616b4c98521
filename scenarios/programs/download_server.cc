// download_server: sends so many bytes to each connection, as fast as they are
// taken, and ends.
#include <algorithm>
#include <memory>
#include <string>

#include "net/server.h"
#include "net/socket.h"
#include "scenarios/programs/download.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/programs/watch.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

// As much as one write gives.
constexpr size_t kChunkBytes = 65536;

class DownloadServer final : public Program {
 public:
  explicit DownloadServer(Site& site) : site_(site) {
    server_ = net::Server::Create(
        site.stack(), [this](const std::shared_ptr<net::Socket>& socket) {
          OnConnection(socket);
        });
    WatchServer(site_, *server_);
    server_->on.listening([this] { site_.Signal("listening"); });
    server_->on.close([this] { site_.Signal("closed"); });
  }

  void Start() override {
    server_->Listen(site_.Port("port"), site_.Host("bind"));
  }

  void Do(absl::string_view) override { server_->Close(); }

 private:
  void OnConnection(const std::shared_ptr<net::Socket>& socket) {
    net::Socket* const s = socket.get();
    WatchSocket(site_, *s, site_.Text("socket"), /*data=*/false);
    // Nothing is said by the peer but its end.
    s->on.data([](absl::string_view) {});
    auto sent = std::make_shared<size_t>(0);
    s->on.drain([this, s, sent] { Send(*s, *sent); });
    if (!site_.modern()) {
      s->on.end([s] { s->End(); });
    }
    if (site_.Flag("once")) {
      s->on.close([this](bool) { server_->Close(); });
    }
    Send(*s, *sent);
  }

  void Send(net::Socket& socket, size_t& sent) {
    const auto bytes = static_cast<size_t>(site_.Count("bytes"));
    if (sent == bytes) return;
    std::string chunk;
    do {
      chunk.resize(std::min(kChunkBytes, bytes - sent));
      for (char& byte : chunk) byte = DownloadByte(sent++);
    } while (socket.Write(chunk) && sent < bytes);
    if (sent < bytes) return;
    site_.log().Write(site_.Text("socket"), "end()");
    socket.End();
  }

  Site& site_;
  std::shared_ptr<net::Server> server_;
};

}  // namespace

ProgramKind DownloadServerKind() {
  return {
      "download_server",
      "Sends so many bytes to each connection, as fast as they are taken, and "
      "ends.",
      {
          {"port", ArgType::kPort, "7", "where it listens"},
          {"bind", ArgType::kHost, "", "the address it listens on"},
          {"socket", ArgType::kText, "srv.sock", "name of its connections"},
          {"bytes", ArgType::kCount, "100000", "how many"},
          {"once", ArgType::kFlag, "false", "closes after one connection"},
      },
      {{"close", "stops listening"}},
      {{"listening", "it listens"}, {"closed", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<DownloadServer>(site);
      },
  };
}

}  // namespace simloop::scenarios
