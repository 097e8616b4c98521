// Programs of Node 20 that destroy what still has data to give out, recorded
// here.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20Destroyed : public V20Program {};

TEST_P(V20Destroyed, Case236ASocketWithData) {
  std::string mode;
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        s->on.error([](const Error&) {});
        s->Resume();
        s->Write("abc");
        if (mode == "ended") s->End();
        if (mode == "two") After(20, [s] { s->Write("def"); });
      });
  const std::vector<std::string> modes = {"plain", "with error",  "ended",
                                          "two",   "in data",     "in resume",
                                          "tick",  "not resumed", "removed"};
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == modes.size()) {
      server->Close();
      return;
    }
    mode = modes[i];
    process.Log("main", "--- ", mode);
    const SocketHandle c = Dial(*server);
    Socket* const p = c.get();
    const auto gone = [&, p] {
      if (mode == "with error") {
        p->Destroy(Error("Error", "mine"));
      } else {
        p->Destroy();
      }
      process.Log("c", "destroyed ", p->readable_bytes());
    };
    const ListenerId hears = c->on.data([&, p, gone](absl::string_view d) {
      process.Log("c", "data ", d, " ", Bool(p->destroyed()), " ",
                  p->readable_bytes());
      if (mode == "in data") gone();
    });
    c->Pause();
    WatchEvent(process, c->on.end, "c", "end");
    WatchErrors(c, "c");
    c->on.close([&, p](bool had_error) {
      process.Log("c", "close ", Bool(had_error), " ", p->readable_bytes());
    });
    WatchEvent(process, c->on.pause, "c", "pause");
    c->on.resume([&, gone] {
      process.Log("c", "resume");
      if (mode == "in resume") gone();
    });
    // Begins to read, and pauses again.
    c->on.connect([&, p] {
      p->Resume();
      Tick([&, p] { Tick([p] { p->Pause(); }); });
    });
    After(100, [&, i, c, gone, hears] {
      process.Log("c", "acts ", c->readable_bytes());
      After(60, [&, i] { next(i + 1); });
      if (mode != "not resumed" && !c->destroyed()) c->Resume();
      if (mode == "removed") c->on.data.Remove(hears);
      if (mode == "tick") {
        Tick(gone);
      } else if (mode != "in data" && mode != "in resume") {
        gone();
      }
      Tick([&] { process.Log("c", "tick"); });
      Immediate([&] { process.Log("c", "immediate"); });
    });
  };
  server->on.listening([&] { next(0); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/236-destroyed-with-data"));
}

TEST_P(V20Destroyed, Case237AResponseWithABody) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        r->on.error([](const Error&) {});
        if (q->url() == "/part") {
          r->Write("part");
        } else {
          r->End("whole");
        }
      });
  const std::vector<std::string> modes = {
      "response",    "response error", "response part", "paused",
      "paused part", "tick",           "immediate",     "in data",
      "in end",      "no listener",    "request"};
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == modes.size()) {
      server->Close([&](const Error*) { process.Log("server", "closed"); });
      return;
    }
    const std::string mode = modes[i];
    process.Log("main", "--- ", mode);
    const auto q =
        http::Get(process.stack(),
                  To(server, absl::EndsWith(mode, "part") ? "/part" : "/"));
    WatchErrors(q, "q");
    q->on.close([&, i] {
      process.Log("q", "close");
      After(30, [&, i] { next(i + 1); });
    });
    q->on.response([&, mode, ask = q.get()](const Request& r) {
      http::IncomingMessage* const p = r.get();
      const auto gone = [&, mode, ask, p] {
        process.Log("r", "destroys ", Bool(p->complete()), " ",
                    p->readable_bytes());
        if (mode == "request") {
          ask->Destroy();
        } else if (absl::StrContains(mode, "error")) {
          p->Destroy(Error("Error", "mine"));
        } else {
          p->Destroy();
        }
      };
      WatchEvent(process, r->on.aborted, "r", "aborted");
      WatchErrors(r, "r");
      r->on.close([&, p] {
        process.Log("r", "close ", Bool(p->complete()), " ",
                    Bool(p->aborted()));
      });
      WatchEvent(process, r->on.resume, "r", "resume");
      if (mode != "no listener") {
        r->on.data([&, mode, p, gone](absl::string_view d) {
          process.Log("r", "data ", d, " ", Bool(p->destroyed()));
          if (mode == "in data") gone();
        });
      }
      r->on.end([&, mode, p, gone] {
        process.Log("r", "end ", Bool(p->destroyed()));
        if (mode == "in end") gone();
      });
      if (absl::StartsWith(mode, "paused")) {
        r->Pause();
        After(20, [r, gone] {
          r->Resume();
          gone();
        });
      } else if (mode == "tick") {
        Tick(gone);
      } else if (mode == "immediate") {
        Immediate([r, gone] { gone(); });
      } else if (!absl::StartsWith(mode, "in")) {
        gone();
      }
    });
  };
  server->on.listening([&] { next(0); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/237-http-destroyed-with-data"));
}

INSTANTIATE_TEST_SUITE_P(, V20Destroyed, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
