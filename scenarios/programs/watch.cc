#include "scenarios/programs/watch.h"

#include "absl/strings/str_cat.h"

namespace simloop::scenarios {
namespace {

std::string ReadyState(const net::Socket& socket) {
  return absl::StrCat("readyState=", socket.ready_state());
}

}  // namespace

std::string ErrorText(const net::Error& error) {
  if (!error.syscall().empty()) {
    return absl::StrCat(error.code(), " syscall=", error.syscall());
  }
  if (error.code().empty() || error.code() == error.message()) {
    return error.message();
  }
  return absl::StrCat(error.code(), " \"", error.message(), "\"");
}

void WatchSocket(Site& site, net::Socket& socket, const std::string& actor,
                 bool data) {
  // A listener is only ever called by the socket itself.
  net::Socket* const self = &socket;
  Log* const log = &site.log();
  const bool modern = site.modern();
  socket.on.connect(
      [=] { log->Write(actor, "connect", modern ? "" : ReadyState(*self)); });
  socket.on.ready([=] { log->Write(actor, "ready"); });
  if (data) {
    socket.on.data([=](absl::string_view chunk) {
      if (log->on()) log->Write(actor, "data", Quote(chunk));
    });
  }
  socket.on.end([=] { log->Write(actor, "end", ReadyState(*self)); });
  socket.on.drain([=] { log->Write(actor, "drain"); });
  socket.on.finish([=] { log->Write(actor, "finish"); });
  socket.on.timeout([=] { log->Write(actor, "timeout"); });
  socket.on.error([=](const net::Error& error) {
    log->Write(actor, "error", ErrorText(error));
  });
  socket.on.close([=](bool had_error) {
    log->Write(actor, "close",
               absl::StrCat("hadError=", had_error ? "true" : "false", " ",
                            ReadyState(*self)));
  });
}

void WatchServer(Site& site, net::Server& server) {
  Site* const here = &site;
  const auto log = [here](absl::string_view event, absl::string_view detail) {
    here->log().Write(here->name(), event, detail);
  };
  server.on.listening([=] { log("listening", ""); });
  server.on.connection(
      [=](const std::shared_ptr<net::Socket>&) { log("connection", ""); });
  // Where nobody reads the log, an error is better thrown.
  if (site.log().on()) {
    server.on.error(
        [=](const net::Error& error) { log("error", ErrorText(error)); });
  }
  server.on.close([=] { log("close", ""); });
}

}  // namespace simloop::scenarios
