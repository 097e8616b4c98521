// A libFuzzer target: whatever bytes a client sends, in whatever pieces, an
// http server over the simulated kernel survives them, answers the same when
// asked again, and has let go of the connection when the client has. The first
// byte of an input says how long the pieces are, 0: all at once.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "loop/check.h"
#include "loop/event_loop.h"
#include "net/http_server.h"
#include "net/socket.h"
#include "net/stack.h"
#include "sim/kernel.h"
#include "sim/world.h"

namespace simloop::net {
namespace {

using Request = std::shared_ptr<http::IncomingMessage>;
using Response = std::shared_ptr<http::ServerResponse>;

sim::HostOptions Machine() {
  sim::HostOptions options;
  options.name = "host";
  options.address = *loop::Ipv4::Parse("10.0.0.1");
  return options;
}

// Both ends live in one process on one simulated host.
class Exchange final {
 public:
  Exchange(absl::string_view bytes, size_t piece_bytes)
      : bytes_(bytes),
        piece_bytes_(piece_bytes == 0 ? bytes.size() : piece_bytes),
        kernel_(world_.AddHost(Machine())),
        loop_(kernel_, world_, {loop::Discipline::kModern, nullptr}),
        stack_(loop_) {
    server_ = http::Server::Create(
        stack_, [this](const Request& q, const Response& r) { Serve(q, r); });
    server_->on.upgrade([this](const Request&,
                               const std::shared_ptr<Socket>& socket,
                               absl::string_view head) {
      absl::StrAppend(&seen_, "upgrade ", head, "\n");
      socket->End();
    });
    server_->Listen(0, "127.0.0.1");
    server_->on.listening([this] { Dial(); });
  }

  // What was announced, and what was answered.
  std::string Run() {
    bool over = false;
    kernel_.Start([&] {
      const auto turn = loop_.RunOnce(loop::Instant::Infinite());
      over = turn == loop::EventLoop::Turn::kDone;
      return turn == loop::EventLoop::Turn::kRan;
    });
    (void)world_.Run(loop::Instant::Infinite());
    kernel_.Halt();
    SIMLOOP_CHECK(over, "the process waits for what will never happen");
    SIMLOOP_CHECK(server_->connections() == 0, "a connection is left");
    return seen_;
  }

 private:
  void Serve(const Request& q, const Response& r) {
    absl::StrAppend(&seen_, q->method(), " ", q->url(), "\n");
    for (const http::Headers::Field& field : q->headers().fields()) {
      absl::StrAppend(&seen_, field.name, ": ", field.value, "\n");
    }
    q->on.data([this](absl::string_view d) { absl::StrAppend(&seen_, d); });
    q->on.error([](const Error&) {});
    r->send_date = false;
    q->on.end([this, r, m = q.get()] {
      absl::StrAppend(&seen_, "end ", m->trailers().fields().size(), "\n");
      if (++requests_ % 2 == 0) r->Write("half");
      r->End("all");
    });
  }

  void Dial() {
    client_ = Connect(stack_, server_->address()->port, "127.0.0.1");
    Socket* const s = client_.get();
    s->on.connect([this] { Send(); });
    s->on.data([this](absl::string_view d) { absl::StrAppend(&seen_, d); });
    s->on.error([](const Error&) {});
    s->on.close([this](bool) { server_->Close(); });
  }

  void Send() {
    if (client_->destroyed() || !client_->writable()) return;
    const size_t size = std::min(piece_bytes_, bytes_.size());
    if (size == 0) {
      client_->End();
      return;
    }
    client_->Write(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    loop_.SetTimeout(absl::Milliseconds(1), [this] { Send(); });
  }

  absl::string_view bytes_;
  const size_t piece_bytes_;
  std::string seen_;
  int requests_ = 0;
  sim::World world_;
  sim::Kernel kernel_;
  loop::EventLoop loop_;
  Stack stack_;
  std::shared_ptr<http::Server> server_;
  std::shared_ptr<Socket> client_;
};

void Check(absl::string_view input) {
  if (input.empty()) return;
  const auto piece_bytes = static_cast<uint8_t>(input.front());
  const absl::string_view bytes = input.substr(1);
  const std::string once = Exchange(bytes, piece_bytes).Run();
  const std::string again = Exchange(bytes, piece_bytes).Run();
  SIMLOOP_CHECK(once == again, "two runs differ");
}

}  // namespace
}  // namespace simloop::net

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  simloop::net::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
