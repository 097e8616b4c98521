// Programs of Node 20 about dgram, of each size and closed at each moment,
// recorded here.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "net/datagram_socket.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20DatagramClosing : public V20Program {
 protected:
  using Handle = std::shared_ptr<DatagramSocket>;

  // A callback of Send() that prints its outcome behind `name`.
  DatagramSocket::SendCallback Sent(std::string actor, std::string name) {
    return [this, actor, name](const Error* e, size_t bytes) {
      process.Log(actor, "cb ", name, " ",
                  e == nullptr ? absl::StrCat(" ", bytes)
                               : absl::StrCat(Described(*e), " "));
    };
  }
  void WatchDatagrams(const Handle& s, const std::string& actor) {
    WatchErrors(s, actor);
    WatchEvent(process, s->on.close, actor, "close");
  }
  void Catch(const std::string& name, const std::function<void()>& act) {
    try {
      act();
    } catch (const Error& e) {
      process.Log("s", name, " ", Described(e));
    }
  }
};

TEST_P(V20DatagramClosing, Case240OfEachSize) {
  const std::vector<size_t> sizes = {0, 1, 1472, 9000, 65507, 65508, 70000};
  const Handle server = DatagramSocket::Create(process.stack());
  server->on.message([&](absl::string_view m, const loop::Address&) {
    process.Log("srv", "message ", m.size(), " ", m.size(), " IPv4");
  });
  WatchEvent(process, server->on.close, "srv", "close");
  server->on.listening([&] {
    const uint16_t port = server->address().port;
    const Handle a = DatagramSocket::Create(process.stack());
    WatchDatagrams(a, "a");
    const auto send_all = [this, a, port, sizes] {
      for (const size_t n : sizes) {
        a->Send(std::string(n, 'x'), port, "127.0.0.1",
                Sent("a", absl::StrCat(n)));
      }
    };
    const auto queued = [a] {
      return absl::StrCat(a->send_queue_size(), " ", a->send_queue_count());
    };
    send_all();
    process.Log("a", "called ", queued());
    After(40, [this, send_all, queued] {
      send_all();
      process.Log("a", "again ", queued());
      Tick([this] { process.Log("a", "tick"); });
      Immediate([this] { process.Log("a", "immediate"); });
    });
    After(80, [this, a, port] {
      process.Log("a", "silent");
      a->Send(std::string(65508, 0), port, "127.0.0.1");
      a->Send("y", port, "127.0.0.1");
    });
    After(120, [&, a, port] {
      a->Close();
      const Handle c = DatagramSocket::Create(process.stack());
      WatchDatagrams(c, "c");
      c->on.connect([&, c] {
        process.Log("c", "connect");
        for (const size_t n : sizes) {
          c->Send(std::string(n, 'x'), Sent("c", absl::StrCat(n)));
        }
        c->Send(std::string(65508, 0));
        After(40, [&, c] {
          c->Close();
          server->Close();
        });
      });
      c->Connect(port, "127.0.0.1");
    });
  });
  server->Bind(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/240-dgram-sizes"));
}

TEST_P(V20DatagramClosing, Case241AtEachMoment) {
  LogUncaught();
  const std::vector<std::string> modes = {
      "created",        "bind called", "listening",     "after listening",
      "message",        "send called", "send callback", "send by name",
      "connect called", "connected",   "close",         "twice"};
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == modes.size()) return;
    const std::string mode = modes[i];
    process.Log("main", "--- ", mode);
    const Handle s = DatagramSocket::Create(process.stack());
    DatagramSocket* const p = s.get();
    const auto shut = [&, mode, p](const std::string& moment) {
      if (moment != mode) return;
      process.Log("s", "close()");
      Catch("throws", [&] {
        WatchEvent(process, p->on.close, "s", "cb close");
        p->Close();
      });
      if (mode == "twice") Catch("throws", [&] { p->Close(); });
      Catch("address", [&] { (void)p->address(); });
      Catch("send", [&] {
        p->Send("x", 1, "127.0.0.1", [&](const Error* e, size_t) {
          process.Log("s", "late ", e == nullptr ? "" : Described(*e));
        });
      });
    };
    s->on.listening([&, s, shut] {
      process.Log("s", "listening");
      shut("listening");
      After(5, [s, shut] { shut("after listening"); });
    });
    s->on.message([&, shut](absl::string_view m, const loop::Address&) {
      process.Log("s", "message ", m);
      shut("message");
    });
    s->on.connect([&, shut] {
      process.Log("s", "connect");
      shut("connected");
    });
    WatchErrors(s, "s");
    s->on.close([&, mode, p] {
      process.Log("s", "close");
      if (mode == "close") Catch("throws", [&] { p->Close(); });
    });
    shut("created");
    if (mode == "created") {
      After(20, [&, i] { next(i + 1); });
      return;
    }
    if (absl::StartsWith(mode, "connect")) {
      s->Connect(9, "127.0.0.1");
      shut("connect called");
    } else if (absl::StartsWith(mode, "send")) {
      s->Send("hello", 9, mode == "send by name" ? "localhost" : "127.0.0.1",
              [&, shut, sent = Sent("s", "send")](const Error* e,
                                                  size_t n) mutable {
                sent(e, n);
                shut("send callback");
              });
      shut("send called");
      shut("send by name");
    } else {
      s->on.listening([&, mode, p] {
        if (mode != "message") return;
        const uint16_t port = p->address().port;
        for (const std::string t : {"one", "two", "three"}) {
          p->Send(t, port, "127.0.0.1", [&, t](const Error* e, size_t) {
            process.Log("s", "cb ", t, " ", e == nullptr ? "" : Described(*e));
          });
        }
      });
      s->Bind(0, "127.0.0.1");
      shut("bind called");
      shut("twice");
      if (mode == "close") {
        After(10, [&, s] {
          process.Log("s", "close()");
          s->Close();
        });
      }
    }
    After(60, [&, s, i] { next(i + 1); });
  };
  next(0);
  EXPECT_EQ(process.Run(), RecordedLines("v20/241-dgram-close-moments"));
}

INSTANTIATE_TEST_SUITE_P(, V20DatagramClosing,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
