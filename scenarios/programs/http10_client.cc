// http10_client: asks for / in HTTP/1.0 over a bare socket, and ends when the
// server has.
#include <memory>

#include "net/socket.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/programs/watch.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

constexpr char kRequest[] = "GET / HTTP/1.0\r\n\r\n";

class Http10Client final : public Program {
 public:
  explicit Http10Client(Site& site) : site_(site) {}

  void Start() override {
    socket_ =
        net::Connect(site_.stack(), site_.Port("port"), site_.Host("host"));
    net::Socket* const s = socket_.get();
    WatchSocket(site_, *s, site_.name());
    if (!site_.modern()) {
      site_.log().Write("main", "createConnection() returned",
                        s->ready_state());
    }
    s->on.connect([this, s] {
      const bool taken = s->Write(kRequest);
      if (site_.modern()) return;
      site_.log().Write(site_.name(), "write ->", taken ? "true" : "false");
    });
    s->on.end([this, s] {
      s->End();
      site_.Signal("ended");
    });
  }

 private:
  Site& site_;
  std::shared_ptr<net::Socket> socket_;
};

}  // namespace

ProgramKind Http10ClientKind() {
  return {
      "http10_client",
      "Asks for / in HTTP/1.0 over a bare socket; ends when the server has.",
      {
          {"port", ArgType::kPort, "8080", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
      },
      {},
      {{"ended", "the answer has come and it has ended"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<Http10Client>(site);
      },
  };
}

}  // namespace simloop::scenarios
