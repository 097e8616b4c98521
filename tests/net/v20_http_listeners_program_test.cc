// A program of Node 20 in which each kind of request meets a server with each
// set of listeners, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/net/v20_calls.h"

namespace simloop::net {
namespace {

const char kEnd[] = "(end)";

// They have timers: simulated only.
class V20HttpListeners : public V20Calls {
 protected:
  // What is written, 12 ms apart; kEnd ends the client's side.
  using Kind = std::pair<std::string, std::vector<std::string>>;
  enum class Heard { kNone, kAll, kEnding, kDrop };
  struct Set {
    std::string name;
    int most;  // requests of a connection
    Heard heard;
  };
  using WebServer = std::shared_ptr<http::Server>;

  static std::string Shown(absl::string_view text) {
    std::string shown = absl::StrReplaceAll(text, {{"\r\n", "|"}});
    for (size_t date = 0;
         (date = shown.find("Date: ", date)) != std::string::npos; ++date) {
      shown.replace(date, shown.find('|', date) - date, "Date: D");
    }
    return shown;
  }
  static std::vector<Kind> UpgradeKinds();
  static std::vector<Kind> ExpectKinds();
  static std::vector<Kind> BadKinds();
  void OnRequest(const Request& q, const Response& r);
  auto Took(const std::string& name, bool ends);
  void Listen(const WebServer& s, bool ends);
  WebServer Serve(const Set& set);
  void Give(const SocketHandle& c, size_t i);
  void Next();

  std::vector<std::pair<Set, Kind>> jobs;
};

std::vector<V20HttpListeners::Kind> V20HttpListeners::UpgradeKinds() {
  const std::string h = " HTTP/1.1\r\nHost: a\r\n";
  const std::string u = "Connection: Upgrade\r\nUpgrade: x\r\n";
  const std::string first = "GET /1" + h + "\r\n";
  const std::string second = "GET /2" + h;
  const std::string connect = "CONNECT a:1" + h;
  return {
      {"upgrade", {"GET /" + h + u + "\r\n"}},
      {"upgrade and more", {"GET /" + h + u + "\r\nhead"}},
      {"upgrade later", {"GET /" + h + u + "\r\n", "later"}},
      {"upgrade body",
       {"POST /" + h + u + "Content-Length: 4\r\n\r\nbodyhead"}},
      {"upgrade chunked",
       {"POST /" + h + u +
        "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\nhead"}},
      {"upgrade next", {"GET /" + h + u + "\r\n" + second + "\r\n"}},
      {"upgrade 1.0", {"GET / HTTP/1.0\r\n" + u + "\r\nhead"}},
      {"upgrade half", {"GET /" + h + "Upgrade: x\r\n\r\n" + second + "\r\n"}},
      {"connection half",
       {"GET /" + h + "Connection: upgrade\r\n\r\n" + second + "\r\n"}},
      {"upgrade expect",
       {"POST /" + h + u +
        "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"}},
      {"upgrade second", {first + second + u + "\r\nhead"}},
      {"connect", {connect + "\r\n"}},
      {"connect and more", {connect + "\r\nhead"}},
      {"connect length", {connect + "Content-Length: 2\r\n\r\nhead"}},
      {"connect second", {first + connect + "\r\nhead"}}};
}

std::vector<V20HttpListeners::Kind> V20HttpListeners::ExpectKinds() {
  const std::string h = " HTTP/1.1\r\nHost: a\r\n";
  const std::string two = "Content-Length: 2\r\n\r\n";
  const std::string expect = "Expect: 100-continue\r\n";
  return {{"continue", {"POST /" + h + expect + two, "ok"}},
          {"continue at once", {"POST /" + h + expect + two + "ok"}},
          {"continue letters",
           {"POST /" + h + "Expect: 100-CONTINUE\r\n" + two, "ok"}},
          {"continue 1.0", {"POST / HTTP/1.0\r\n" + expect + two, "ok"}},
          {"continue empty", {"GET /" + h + expect + "\r\n"}},
          {"expect other", {"POST /" + h + "Expect: else\r\n" + two, "ok"}},
          {"expect two",
           {"POST /" + h + "Expect: else, 100-continue\r\n" + two, "ok"}}};
}

std::vector<V20HttpListeners::Kind> V20HttpListeners::BadKinds() {
  const std::string h = " HTTP/1.1\r\nHost: a\r\n";
  const std::string first = "GET /1" + h + "\r\n";
  const std::string second = "GET /2" + h;
  return {{"too many", {first + second + "\r\nGET /3" + h + "\r\n"}},
          {"too many closed", {first + second + "Connection: close\r\n\r\n"}},
          {"bad", {"GET /\r\n\r\n"}},
          {"bad second", {first + "BAD\r\n\r\n"}},
          {"bad in body",
           {"POST /" + h + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"}},
          {"no host", {"GET / HTTP/1.1\r\n\r\n"}},
          {"two hosts", {"GET /" + h + "Host: b\r\n\r\n"}},
          {"half", {"GET / HT", kEnd}},
          {"half body", {"POST /" + h + "Content-Length: 4\r\n\r\nab", kEnd}}};
}

void V20HttpListeners::OnRequest(const Request& q, const Response& r) {
  const size_t mine = job;
  const std::string* const expected = q->headers().Find("expect");
  Say("request:", q->url(), ":", expected == nullptr ? "" : *expected);
  r->send_date = false;
  const auto text = std::make_shared<std::string>();
  q->on.data([text](absl::string_view data) { absl::StrAppend(&*text, data); });
  q->on.end([this, mine, text, r] {
    if (mine != job) return;
    Say("body:", *text);
    r->End("answer");
  });
  SayEvent(q->on.aborted, "aborted");
  SayError(q->on.error, "qerror");
  r->on.close([this, mine, r = r.get()] {
    if (mine == job) Say("rclose:", Bool(r->writable_finished()));
  });
}

auto V20HttpListeners::Took(const std::string& name, bool ends) {
  return [this, name, ends](const Request& q, const SocketHandle& k,
                            absl::string_view head) {
    Say(name, ":", q->method(), ":", Shown(head), ":", Bool(q->complete()));
    k->on.error([](const Error&) {});
    SayEvent(q->on.end, "qend");
    SayEvent(q->on.close, "qclose");
    if (ends) {
      k->End("HTTP/1.1 400 No\r\n\r\n");
      return;
    }
    k->Write("HTTP/1.1 200 Go\r\n\r\n");
    k->on.data([this, mine = job](absl::string_view data) {
      if (mine == job) Say("kdata:", Shown(data));
    });
    k->on.end([k = k.get()] { k->End(); });
  };
}

void V20HttpListeners::Listen(const WebServer& s, bool ends) {
  s->on.upgrade(Took("upgrade", ends));
  s->on.connect(Took("connect", ends));
  const auto expecting = [this, ends, s = s.get()](const std::string& name) {
    return [this, ends, s, name](const Request& q, const Response& r) {
      Say(name);
      r->send_date = false;
      if (ends) {
        r->WriteHead(417);
        r->End("no");
        return;
      }
      if (name == "checkContinue") r->WriteContinue();
      s->on.request.Emit(q, r);
    };
  };
  s->on.check_continue(expecting("checkContinue"));
  s->on.check_expectation(expecting("checkExpectation"));
  s->on.client_error([this, ends](const Error& e, const SocketHandle& k) {
    Say("clientError:", e.code(), ":",
        absl::StrReplaceAll(e.message(), {{" ", "_"}}));
    if (ends && k->writable()) {
      k->End("HTTP/1.1 400 Mine\r\n\r\n");
    } else {
      k->Destroy();
    }
  });
}

V20HttpListeners::WebServer V20HttpListeners::Serve(const Set& set) {
  http::Server::Options options;
  options.max_requests_per_socket = set.most;
  const WebServer s = http::Server::Create(
      process.stack(), options,
      [this](const Request& q, const Response& r) { OnRequest(q, r); });
  if (set.heard == Heard::kAll || set.heard == Heard::kEnding) {
    Listen(s, set.heard == Heard::kEnding);
  }
  if (set.heard == Heard::kAll || set.heard == Heard::kDrop) {
    s->on.drop_request([this](const Request& q, const SocketHandle&) {
      Say("drop:", q->url());
    });
  }
  s->on.connection([this, mine = job](const SocketHandle& k) {
    k->on.close([this, mine](bool) {
      if (mine == job) Say("gone");
    });
  });
  return s;
}

void V20HttpListeners::Give(const SocketHandle& c, size_t i) {
  const std::vector<std::string>& parts = jobs[job].second.second;
  if (i == parts.size() || c->destroyed()) return;
  if (parts[i] == kEnd) {
    c->End();
  } else {
    c->Write(parts[i]);
  }
  After(12, [this, c, i] { Give(c, i + 1); });
}

void V20HttpListeners::Next() {
  if (job == jobs.size()) return;
  line.clear();
  const WebServer s = Serve(jobs[job].first);
  s->on.listening([this, s] {
    ConnectOptions to;
    to.port = s->address()->port;
    to.host = "127.0.0.1";
    Socket::Options half_open;
    half_open.allow_half_open = true;
    const SocketHandle c = Connect(process.stack(), std::move(to), half_open);
    const auto text = std::make_shared<std::string>();
    c->on.data([text](absl::string_view d) { absl::StrAppend(&*text, d); });
    c->on.end([text] { *text += "~"; });
    c->on.error([text](const Error& e) { *text += "!" + e.code(); });
    Give(c, 0);
    After(50, [this, s, c, text] {
      process.Log(jobs[job].first.name, jobs[job].second.first, " =>", line,
                  " / ", Quoted(Shown(*text)));
      ++job;
      c->Destroy();
      s->Close();
      s->CloseAllConnections();
      After(15, [this] { Next(); });
    });
  });
  s->Listen(0, "127.0.0.1");
}

TEST_P(V20HttpListeners, Case256EachRequest) {
  std::vector<Kind> kinds = UpgradeKinds();
  for (Kind& kind : ExpectKinds()) kinds.push_back(std::move(kind));
  for (Kind& kind : BadKinds()) kinds.push_back(std::move(kind));
  for (const Set& set :
       {Set{"none", 0, Heard::kNone}, Set{"all", 0, Heard::kAll},
        Set{"ending", 0, Heard::kEnding}, Set{"one request", 1, Heard::kDrop},
        Set{"one request deaf", 1, Heard::kNone}}) {
    for (const Kind& kind : kinds) jobs.emplace_back(set, kind);
  }
  Immediate([this] { Next(); });
  EXPECT_EQ(process.Run(), RecordedLines("v20/256-server-takeovers"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpListeners,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
