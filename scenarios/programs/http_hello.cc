// http_hello: an http server that answers every request with a few words.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "net/http_server.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/programs/watch.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class HttpHello final : public Program {
 public:
  explicit HttpHello(Site& site)
      : site_(site), date_(site.Flag("date")), body_(site.Text("body")) {
    if (site.Flag("length")) {
      headers_.Add("Content-Length", absl::StrCat(body_.size()));
    }
    net::http::Server::Options options;
    options.keep_alive_timeout = site.Duration("keep_alive");
    server_ = net::http::Server::Create(
        site.stack(), options,
        [this](const std::shared_ptr<net::http::IncomingMessage>& request,
               const std::shared_ptr<net::http::ServerResponse>& response) {
          OnRequest(*request, *response);
        });
    WatchServer(site_, *server_->net());
    server_->on.connection([this](const std::shared_ptr<net::Socket>& socket) {
      OnConnection(socket);
    });
    server_->on.listening([this] { site_.Signal("listening"); });
    server_->on.close([this] { site_.Signal("closed"); });
  }

  void Start() override {
    server_->Listen(site_.Port("port"), site_.Host("bind"));
    if (!site_.modern()) site_.log().Write("main", "listen() returned");
  }

  void Do(absl::string_view command) override {
    if (command == "close") {
      server_->Close();
      return;
    }
    site_.log().Write(site_.name(), "drop()");
    const std::vector<net::Socket*> sockets = sockets_;
    for (net::Socket* const socket : sockets) socket->Destroy();
  }

 private:
  void OnRequest(const net::http::IncomingMessage& request,
                 net::http::ServerResponse& response) {
    Log* const log = &site_.log();
    if (log->on()) {
      log->Write(site_.name(), "request", request.http_version());
      response.on.sent([log] { log->Write("s.res", "sent"); });
      response.on.finish([log] { log->Write("s.res", "finish"); });
      response.on.close([log] { log->Write("s.res", "close"); });
    }
    response.send_date = date_;
    response.WriteHead(200, headers_);
    response.End(body_);
  }

  void OnConnection(const std::shared_ptr<net::Socket>& socket) {
    Log* const log = &site_.log();
    net::Socket* const s = socket.get();
    const bool modern = site_.modern();
    sockets_.push_back(s);
    if (!log->on()) {
      s->on.close([this, s](bool) { Forget(s); });
      return;
    }
    if (!modern) s->on.connect([log] { log->Write("s.sock", "connect"); });
    s->on.end([log, s, modern] {
      log->Write("s.sock", "end", modern ? "" : s->ready_state());
    });
    s->on.finish([log] { log->Write("s.sock", "finish"); });
    s->on.close([this, log, s, modern](bool had_error) {
      log->Write("s.sock", "close", modern ? "" : had_error ? "true" : "false");
      Forget(s);
    });
  }

  void Forget(net::Socket* socket) {
    sockets_.erase(std::find(sockets_.begin(), sockets_.end(), socket));
  }

  Site& site_;
  const bool date_;
  const std::string body_;
  net::http::Headers headers_ = {{"Content-Type", "text/plain"}};
  std::shared_ptr<net::http::Server> server_;
  std::vector<net::Socket*> sockets_;  // each until its 'close'
};

}  // namespace

ProgramKind HttpHelloKind() {
  return {
      "http_hello",
      "An http server that answers every request with a few words.",
      {
          {"port", ArgType::kPort, "8080", "where it listens"},
          {"bind", ArgType::kHost, "", "the address it listens on"},
          {"body", ArgType::kText, "hello world\n", "what it answers"},
          {"keep_alive", ArgType::kDuration, "5s",
           "how long it says that it keeps an idle connection"},
          {"date", ArgType::kFlag, "true", "answers have a Date"},
          {"length", ArgType::kFlag, "false",
           "answers say their length, and come in no chunks"},
      },
      {{"close", "stops listening"},
       {"drop", "destroys its connections, as an idle timeout would"}},
      {{"listening", "it listens"}, {"closed", "it has closed"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<HttpHello>(site);
      },
  };
}

}  // namespace simloop::scenarios
