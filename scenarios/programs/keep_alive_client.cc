// keep_alive_client: two http requests over one kept connection; tries the
// second again if the connection died as it was reused.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "net/error.h"
#include "net/http_agent.h"
#include "net/http_client.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/programs/watch.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

using net::http::ClientRequest;
using net::http::IncomingMessage;

class KeepAliveClient final : public Program {
 public:
  explicit KeepAliveClient(Site& site) : site_(site) {
    net::http::Agent::Options options;
    // The agent goes by what it sees: it knows of no server's timeout.
    options.timeout = absl::ZeroDuration();
    agent_ = net::http::Agent::Create(site.stack(), options);
  }

  void Start() override {
    if (!site_.modern()) {
      throw net::Error("", "Node v0.1.96 has no http.Agent; expected MODERN");
    }
    Ask("1");
  }

 private:
  void Ask(const std::string& label) {
    net::http::RequestOptions options;
    options.host = site_.Host("host");
    options.port = site_.Port("port");
    options.path = absl::StrCat("/", label);
    options.agent = agent_;
    site_.log().Write(site_.name(), "request", label);
    const std::shared_ptr<ClientRequest> request = net::http::Get(
        site_.stack(), options,
        [this, label](const std::shared_ptr<IncomingMessage>& response) {
          OnResponse(label, response);
        });
    ClientRequest* const r = request.get();
    request->on.error([this, r, label](const net::Error& error) {
      site_.log().Write(site_.name(), "error",
                        absl::StrCat(ErrorText(error), " reused=",
                                     r->reused_socket() ? "true" : "false"));
      if (r->reused_socket() && site_.Flag("retry")) {
        Ask("again");
      } else {
        site_.log().Write(site_.name(), "gives up");
        Finish();
      }
    });
  }

  void OnResponse(const std::string& label,
                  const std::shared_ptr<IncomingMessage>& response) {
    site_.log().Write(site_.name(), "response",
                      absl::StrCat(label, " ", response->status_code()));
    // Who does not listen to the body never sees its end.
    response->on.data([](absl::string_view) {});
    response->on.end([this, label] {
      if (label == "1") {
        site_.loop().SetTimeout(site_.Duration("gap"), [this] {
          Ask("2");
          site_.Signal("reuses");
        });
      } else {
        Finish();
      }
    });
  }

  void Finish() {
    site_.log().Write(site_.name(), "done");
    agent_->Destroy();
    site_.Signal("done");
  }

  Site& site_;
  std::shared_ptr<net::http::Agent> agent_;
};

}  // namespace

ProgramKind KeepAliveClientKind() {
  return {
      "keep_alive_client",
      "Two http requests over one kept connection; asks again if it died.",
      {
          {"port", ArgType::kPort, "8080", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          {"gap", ArgType::kDuration, "100ms",
           "from the first answer to the second request"},
          {"retry", ArgType::kFlag, "true",
           "asks again if a kept connection died"},
      },
      {},
      {{"reuses", "the second request is on its way"},
       {"done", "it has both answers, or given up"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<KeepAliveClient>(site);
      },
  };
}

}  // namespace simloop::scenarios
