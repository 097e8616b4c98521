// A process whose program prints its events as Node's would.
#include "tests/net/node_process.h"

#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "loop/abi.h"
#include "loop/check.h"

namespace simloop::net {

NodeProcess::NodeProcess(BackEnd& back_end, loop::Discipline discipline,
                         bool traced)
    : back_end_(back_end),
      modern_(discipline == loop::Discipline::kModern),
      calls_(back_end.kernel()),
      trace_(calls_, text_),
      loop_(KernelOf(back_end, discipline, traced), back_end.clock(),
            {discipline, traced ? &trace_ : nullptr,
             modern_ && back_end.gathers()}),
      stack_(loop_, OptionsFor(back_end)) {}

Stack::Options NodeProcess::OptionsFor(BackEnd& back_end) {
  Stack::Options options;
  options.spares_calls = back_end.gathers();
  return options;
}

// Of a modern Node nobody looks at the calls.
loop::Kernel& NodeProcess::KernelOf(BackEnd& back_end,
                                    loop::Discipline discipline, bool traced) {
  if (traced) return trace_;
  if (discipline == loop::Discipline::kV0196) return calls_;
  return back_end.kernel();
}

void NodeProcess::Line(absl::string_view actor, absl::string_view rest) {
  const std::string line =
      absl::StrCat(absl::StrFormat("%3d %-8s ", ++lines_, actor), rest, "\n");
  text_ += line;
  calls_.Comment(line);
}

std::string NodeProcess::Run() {
  back_end_.Run(loop_);
  Log("process", modern_ ? "exit code=0" : "exit");
  return text_;
}

void NodeProcess::Watch(const std::shared_ptr<Socket>& socket,
                        std::string actor, bool data, bool attempts,
                        bool error) {
  Socket* const s = socket.get();
  if (attempts) WatchAttempts(*s, actor);
  s->on.lookup([this, actor](const LookupEvent& event) {
    Log(actor,
        "lookup err=", event.error == nullptr ? "null" : event.error->code(),
        " ip=", event.error == nullptr ? event.ip.ToString() : "undefined",
        " family=",
        event.error != nullptr ? "undefined"
        : event.ip.is_v4()     ? "4"
                               : "6",
        " host=", event.host);
  });
  const auto state = [s](absl::string_view what) {
    return absl::StrCat(what, " readyState=", s->ready_state());
  };
  s->on.connect([this, actor, state] {
    Log(actor, modern_ ? "connect" : state("connect"));
  });
  s->on.ready([this, actor] { Log(actor, "ready"); });
  if (data) {
    s->on.data([this, actor](absl::string_view chunk) {
      Log(actor, "data ", Quoted(chunk));
    });
  }
  s->on.end([this, actor, state] { Log(actor, state("end")); });
  s->on.drain([this, actor] { Log(actor, "drain"); });
  s->on.finish([this, actor] { Log(actor, "finish"); });
  s->on.timeout([this, actor] { Log(actor, "timeout"); });
  if (error) {
    s->on.error([this, actor](const Error& error) {
      Log(actor, "error ", Described(error));
    });
  }
  s->on.close([this, actor, state](bool had_error) {
    Log(actor, state(absl::StrCat("close hadError=", Bool(had_error))));
  });
}

void NodeProcess::WatchAttempts(Socket& socket, std::string actor) {
  const auto where = [](const loop::Address& address) {
    return absl::StrCat(address.ip.ToString(), " family=",
                        address.family == loop::Family::kInet6 ? 6 : 4);
  };
  socket.on.connection_attempt(
      [this, actor, where](const loop::Address& address) {
        Log(actor, "connectionAttempt ", where(address));
      });
  socket.on.connection_attempt_failed(
      [this, actor, where](const loop::Address& address, const Error& error) {
        Log(actor, "connectionAttemptFailed ", where(address), " ",
            Described(error));
      });
  socket.on.connection_attempt_timeout(
      [this, actor, where](const loop::Address& address) {
        Log(actor, "connectionAttemptTimeout ", where(address));
      });
}

void NodeProcess::Watch(const std::shared_ptr<Server>& server,
                        std::string actor) {
  server->on.listening([this, actor] { Log(actor, "listening"); });
  server->on.connection([this, actor](const std::shared_ptr<Socket>&) {
    Log(actor, "connection");
  });
  server->on.drop(
      [this, actor](const Server::DroppedConnection&) { Log(actor, "drop"); });
  server->on.error([this, actor](const Error& error) {
    Log(actor, "error ", Described(error));
  });
  server->on.close([this, actor] { Log(actor, "close"); });
}

uint16_t NodeProcess::UnusedPort() {
  loop::Kernel& kernel = back_end_.kernel();
  const loop::Fd fd = *kernel.Socket(
      loop::Family::kInet, loop::kSockStream | loop::kSockNonblock, 0);
  SIMLOOP_CHECK(
      kernel.Bind(fd, loop::Address::Inet(loop::Ipv4::Loopback(), 0)).ok(),
      "a free port");
  const uint16_t port = kernel.Getsockname(fd)->port;
  (void)kernel.Close(fd);
  return port;
}

std::string Utf8(absl::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    absl::StrAppend(&text,
                    (byte & 0x80) == 0 ? std::string(1, byte) : "\xef\xbf\xbd");
  }
  return text;
}

std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\r') {
      quoted += "\\r";
    } else if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string Recorded(absl::string_view name) {
  std::ifstream file(absl::StrCat("tests/net/cases/", name));
  SIMLOOP_CHECK(file.is_open(), absl::StrCat("no recorded case ", name));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Described(const Error& error) {
  if (!error.errors().empty()) {
    std::vector<std::string> parts;
    for (const Error& part : error.errors()) {
      parts.push_back(absl::StrCat(part.code(), "@", part.address()));
    }
    return absl::StrCat(error.code(), " [", absl::StrJoin(parts, ", "), "]");
  }
  if (!error.syscall().empty()) {
    return absl::StrCat(error.code(), " syscall=", error.syscall());
  }
  if (error.code().empty()) return Quoted(error.message());
  return absl::StrCat(error.code(), " ", Quoted(error.message()));
}

}  // namespace simloop::net
