// Programs of Node 20 in which a server's exchange is destroyed at each of its
// moments, or one of several pipelined requests is no good, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpMoments : public V20Program {
 protected:
  static std::string Flags(std::initializer_list<bool> flags) {
    std::string text;
    for (const bool flag : flags) text += flag ? '1' : '0';
    return text;
  }
  static std::string State(const http::IncomingMessage& q,
                           const http::ServerResponse& r) {
    return Flags({q.destroyed(), q.complete(), q.readable_ended(), q.aborted(),
                  r.destroyed(), r.writable_ended(), r.writable_finished(),
                  r.headers_sent()});
  }
  void Serve172(const Request& q, const Response& r);
  void Act(const Request& q, const Response& r, const SocketHandle& s) {
    if (who == "sock") s->Destroy();
    if (who == "req") q->Destroy();
    if (who == "res") r->Destroy();
    if (who == "req e") q->Destroy(Error("Error", "mine"));
    if (who == "res e") r->Destroy(Error("Error", "mine"));
    if (who == "end") s->End();
  }

  std::string who, when;
};

void V20HttpMoments::Serve172(const Request& q, const Response& r) {
  r->send_date = false;
  const SocketHandle s = q->socket();
  // What holds them goes with the connection.
  const auto held = std::make_shared<std::pair<Request, Response>>(q, r);
  const auto tell = [this, q = q.get(), r = r.get()](const std::string& actor,
                                                     const std::string& event) {
    process.Log(actor, event, " ", State(*q, *r));
  };
  const auto hit = [this, s, held, tell](const std::string& event) {
    if (event != when) return;
    tell("srv", absl::StrCat(who, " ", when));
    Act(held->first, held->second, s);
    tell("srv", "done");
  };
  q->on.data([hit](absl::string_view) { hit("data"); });
  q->on.end([tell, hit, p = r.get()] {
    tell("req", "end");
    hit("end");
    if (p->writable_ended()) return;
    p->Write("a");
    hit("written");
    p->End("b");
  });
  q->on.aborted([tell] { tell("req", "aborted"); });
  q->on.error([tell](const Error& e) {
    tell("req", absl::StrCat("error ", Described(e)));
  });
  q->on.close([tell, hit] {
    tell("req", "close");
    hit("req close");
  });
  r->on.finish([tell, hit] {
    tell("res", "finish");
    hit("finish");
  });
  r->on.error([tell](const Error& e) {
    tell("res", absl::StrCat("error ", Described(e)));
  });
  r->on.close([tell, hit] {
    tell("res", "close");
    hit("res close");
  });
  WatchErrors(s, "sock");
  s->on.close([this](bool had_error) {
    process.Log("sock", "close ", Bool(had_error));
  });
  hit("request");
  Tick([hit] { hit("tick"); });
  Immediate([hit] { hit("immediate"); });
}

TEST_P(V20HttpMoments, Case172ADestroyedExchange) {
  const auto server = http::Server::Create(
      process.stack(),
      [&](const Request& q, const Response& r) { Serve172(q, r); });
  server->on.client_error([&](const Error& e, const SocketHandle& s) {
    process.Log("server", "clientError ", Described(e));
    s->Destroy();
  });
  std::vector<std::pair<std::string, std::string>> list;
  for (const std::string a : {"sock", "req", "res", "req e", "res e", "end"}) {
    for (const std::string m :
         {"request", "data", "end", "tick", "immediate", "written", "finish",
          "res close", "req close"}) {
      list.emplace_back(a, m);
    }
  }
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == list.size()) {
      server->Close();
      return;
    }
    std::tie(who, when) = list[next++];
    process.Log("main", "--- ", who, " ", when);
    const SocketHandle c = ConnectTo(server);
    WatchErrors(c, "c");
    c->on.data([](absl::string_view) {});
    WatchEvent(process, c->on.end, "c", "end");
    const auto timer = std::make_shared<loop::Timer>(
        process.loop(), [p = c.get()] { p->Destroy(); });
    timer->Start(absl::Milliseconds(60));
    c->on.close([&, timer](bool had_error) {
      timer->Stop();
      process.Log("c", "close ", Bool(had_error));
      After(20, [&] { start(); });
    });
    c->Write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/172-http-server-moments"));
}

std::string Get(const std::string& path, const std::string& more = "") {
  return absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: x\r\n", more, "\r\n");
}

TEST_P(V20HttpMoments, Case173PipelinesThatBreak) {
  std::string mode;
  http::Server::Options options;
  options.max_requests_per_socket = 3;
  const auto server = http::Server::Create(
      process.stack(), options, [&](const Request& q, const Response& r) {
        r->send_date = false;
        const std::string url = q->url();
        process.Log("srv", "request ", url);
        q->on.close([&, url, p = q.get()] {
          process.Log("req", "close ", url, " ", Bool(p->aborted()));
        });
        q->on.error([&, url](const Error& e) {
          process.Log("req", "error ", url, " ", Described(e));
        });
        r->on.finish([&, url] { process.Log("res", "finish ", url); });
        r->on.close([&, url, p = r.get()] {
          process.Log("res", "close ", url, " ", Bool(p->writable_finished()));
        });
        r->on.error([&, url](const Error& e) {
          process.Log("res", "error ", url, " ", Described(e));
        });
        if (url == "/slow") {
          After(30, [r] { r->End("slow"); });
        } else if (url == "/kill") {
          r->Destroy();
        } else if (url == "/reqkill") {
          q->Destroy();
        } else if (url == "/close") {
          r->SetHeader("Connection", "close");
          r->End("close");
        } else if (url == "/never") {
          r->Write("never");
        } else if (url == "/later") {
          Immediate([r] { r->End("later"); });
        } else {
          r->End(url);
        }
      });
  server->on.drop_request([&](const Request& q, const SocketHandle&) {
    process.Log("srv", "dropRequest ", q->url());
  });
  server->on.client_error([&](const Error& e, const SocketHandle& s) {
    process.Log("srv", "clientError ", Described(e), " ", Bool(s->writable()),
                " ", Bool(s->bytes_written() > 0));
    if (mode == "answer" && s->writable()) {
      s->End("HTTP/1.1 400 Mine\r\n\r\n");
    } else {
      s->Destroy();
    }
  });
  const std::vector<std::pair<std::string, std::string>> rounds = {
      {"", Get("/slow") + Get("/a") + Get("/b")},
      {"", Get("/slow") + Get("/kill") + Get("/b")},
      {"", Get("/a") + Get("/slow") + "BAD\r\n\r\n"},
      {"answer", Get("/a") + Get("/slow") + "BAD\r\n\r\n"},
      {"answer", "BAD\r\n\r\n"},
      {"", Get("/close") + Get("/a")},
      {"", Get("/slow") + Get("/close") + Get("/a")},
      {"", Get("/a") + Get("/b") + Get("/c") + Get("/d") + Get("/e")},
      {"", Get("/slow") + Get("/b") + Get("/c") + Get("/d")},
      {"", Get("/later") + Get("/reqkill") + Get("/c")},
      {"", Get("/later") + "GET /up HTTP/1.1\r\nHost: x\r\n"
                           "Connection: upgrade\r\nUpgrade: y\r\n\r\nrest"},
      {"", Get("/a", "Connection: close\r\n") + Get("/b")},
      {"", Get("/never") + Get("/b")}};
  const auto tell = [&](const std::string& got) {
    for (const std::string& m : std::vector<std::string>(
             absl::StrSplit(got, "HTTP/1.1 ", absl::SkipEmpty()))) {
      const std::vector<std::string> lines = absl::StrSplit(m, "\r\n");
      const size_t at = m.find("Connection: ");
      const std::vector<std::string> parts = absl::StrSplit(m, "\r\n\r\n");
      process.Log(
          "c", "got ",
          Quoted(absl::StrCat(lines[0], " ",
                              at == std::string::npos
                                  ? "-"
                                  : m.substr(at, m.find('\r', at) - at),
                              " ", parts.size() > 1 ? parts[1] : "undefined")));
    }
  };
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == rounds.size()) {
      server->Close();
      return;
    }
    mode = rounds[next].first;
    const std::string sent = rounds[next++].second;
    process.Log("main", "--- ", next);
    const SocketHandle c = ConnectTo(server);
    const auto got = std::make_shared<std::string>();
    WatchErrors(c, "c");
    c->on.data([got](absl::string_view d) { absl::StrAppend(got.get(), d); });
    WatchEvent(process, c->on.end, "c", "end");
    const auto timer = std::make_shared<loop::Timer>(
        process.loop(), [p = c.get()] { p->Destroy(); });
    timer->Start(absl::Milliseconds(100));
    c->on.close([&, tell, got, timer](bool had_error) {
      timer->Stop();
      tell(*got);
      process.Log("c", "close ", Bool(had_error));
      After(20, [&] { start(); });
    });
    c->Write(sent);
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/173-http-pipeline-errors"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpMoments, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
