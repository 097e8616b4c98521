// A program of Node 20 whose server answers a client's request by each kind of
// answer, with others before it and behind it, recorded here.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/net/v20_calls.h"

namespace simloop::net {
namespace {

const char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";
const char kSwitch[] =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
    "Upgrade: x\r\n\r\n";

// They have timers: simulated only.
class V20HttpTakeover : public V20Calls {
 protected:
  // What is written, 15 ms apart; and how the connection ends then, if it does.
  enum class Last { kNothing, kEnd, kReset };
  struct Feed {
    std::string name;
    std::vector<std::string> parts;
    Last last = Last::kNothing;
  };
  enum class How { kPlain, kUpgrade, kConnect, kHold, kOpen };
  struct Ask {
    std::string name;
    std::string method;
    std::string path;
    http::Headers headers;
    How how = How::kPlain;
  };
  using Agent = std::shared_ptr<http::Agent>;
  using ClientRequest = std::shared_ptr<http::ClientRequest>;

  static std::string Shown(absl::string_view text) {
    return absl::StrReplaceAll(text, {{"\r\n", "|"}});
  }
  static std::vector<Feed> InformationFeeds();
  static std::vector<Feed> Feeds();
  static std::vector<Feed> EndingFeeds();
  static std::vector<Ask> Asks();
  void Serve();
  void Give(const SocketHandle& s, const Feed& feed, size_t i);
  auto Took(const std::string& name, const ClientRequest& q);
  void WatchResponse(const Request& r);
  ClientRequest Send(const Ask& ask, const Agent& agent);
  void Next();

  std::shared_ptr<Server> raw;
  std::vector<std::pair<Ask, Feed>> jobs;
};

std::vector<V20HttpTakeover::Feed> V20HttpTakeover::InformationFeeds() {
  const std::string ok = kOk;
  const std::string go = kContinue;
  const std::string upgrade = kSwitch;
  return {{"100 200", {go, ok}},
          {"100 in one", {go + ok}},
          {"100 fields", {"HTTP/1.1 100 Go\r\nX-A: 1\r\nX-A: 2\r\n\r\n" + ok}},
          {"102 103 200",
           {"HTTP/1.1 102 Processing\r\n\r\n",
            "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\nLink: <b>\r\n\r\n", ok}},
          {"199", {"HTTP/1.1 199 Odd\r\nContent-Length: 3\r\n\r\n" + ok}},
          {"many 100", {go + go + go + ok}},
          {"100 only", {go}, Last::kEnd},
          {"100 then junk", {go + "XYZ\r\n"}},
          {"101", {upgrade + "head"}},
          {"101 later", {upgrade, "more"}},
          {"101 no upgrade", {"HTTP/1.1 101 Switching Protocols\r\n\r\nhead"}},
          {"101 no connection",
           {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nhead"}},
          {"200 upgrade",
           {"HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nUpgrade: x\r\n"
            "Content-Length: 2\r\n\r\nok"}},
          {"426",
           {"HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade\r\n"
            "Upgrade: x\r\nContent-Length: 2\r\n\r\nno"}}};
}

std::vector<V20HttpTakeover::Feed> V20HttpTakeover::Feeds() {
  const std::string ok = kOk;
  return {
      {"200", {ok}},
      {"200 and more", {ok + "more"}},
      {"200 later more", {ok, "more"}},
      {"200 twice", {ok + ok}},
      {"200 then 100", {ok + kContinue}},
      {"204 body", {"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok"}},
      {"304 body", {"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n"}}};
}

std::vector<V20HttpTakeover::Feed> V20HttpTakeover::EndingFeeds() {
  const std::string four = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
  return {{"until end", {"HTTP/1.1 200 OK\r\n\r\nab", "cd"}, Last::kEnd},
          {"until close",
           {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab"},
           Last::kEnd},
          {"1.0", {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"}},
          {"1.0 kept",
           {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
            "Content-Length: 2\r\n\r\nok"}},
          {"1.0 chunked",
           {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "2\r\nok\r\n0\r\n\r\n"}},
          {"head twice", {four, "ab"}, Last::kEnd},
          {"nothing", {}, Last::kEnd},
          {"half a head", {"HTTP/1.1 200 OK\r\nX: "}, Last::kEnd},
          {"reset", {}, Last::kReset},
          {"reset in body", {four + "ab"}, Last::kReset},
          {"400 close",
           {"HTTP/1.1 400 Bad\r\nConnection: close\r\n\r\n"},
           Last::kEnd}};
}

std::vector<V20HttpTakeover::Ask> V20HttpTakeover::Asks() {
  const http::Headers upgrade = {{"Connection", "Upgrade"}, {"Upgrade", "x"}};
  return {{"GET", "GET", "/", {}},
          {"GET upgrade", "GET", "/", upgrade, How::kUpgrade},
          {"GET upgrade deaf", "GET", "/", upgrade},
          {"CONNECT", "CONNECT", "a:1", {}, How::kConnect},
          {"CONNECT deaf", "CONNECT", "a:1", {}},
          {"expect", "POST", "/", {{"Expect", "100-continue"}}, How::kHold},
          {"HEAD", "HEAD", "/", {}},
          {"POST open", "POST", "/", {}, How::kOpen}};
}

void V20HttpTakeover::Give(const SocketHandle& s, const Feed& feed, size_t i) {
  if (s->destroyed()) return;
  if (i == feed.parts.size()) {
    if (feed.last == Last::kEnd) s->End();
    if (feed.last == Last::kReset) s->ResetAndDestroy();
    return;
  }
  s->Write(feed.parts[i]);
  After(15, [this, s, feed, i] { Give(s, feed, i + 1); });
}

void V20HttpTakeover::Serve() {
  Server::Options half_open;
  half_open.allow_half_open = true;
  raw =
      Server::Create(process.stack(), half_open, [this](const SocketHandle& s) {
        const size_t mine = job;
        s->on.error([](const Error&) {});
        s->on.end([this, mine, p = s.get()] {
          if (mine == job) Say("(end)");
          p->End();
        });
        s->on.close([this, mine](bool) {
          if (mine == job) Say("(close)");
        });
        s->on.data([this, feed = jobs[job].second, begun = false,
                    p = s.get()](absl::string_view) mutable {
          if (!std::exchange(begun, true)) Give(p->shared_from_this(), feed, 0);
        });
      });
}

auto V20HttpTakeover::Took(const std::string& name, const ClientRequest& q) {
  return [this, name, mine = job, q = q.get()](
             const Request& r, const SocketHandle& s, absl::string_view head) {
    Say(name, ":", r->status_code(), ":", Shown(head), ":", Bool(r->complete()),
        ":", Bool(q->destroyed()));
    s->on.data([this, mine](absl::string_view data) {
      if (mine == job) Say("sdata:", Shown(data));
    });
    s->on.close([this, mine](bool) {
      if (mine == job) Say("sclose");
    });
    r->on.end([this] { Say("rend"); });
    r->on.close([this] { Say("rclose"); });
  };
}

void V20HttpTakeover::WatchResponse(const Request& r) {
  const size_t mine = job;
  Say("response:", r->status_code(), ":", r->http_version());
  r->on.data([this, mine](absl::string_view data) {
    if (mine == job) Say("data:", Shown(data));
  });
  SayEvent(r->on.end, "end");
  SayEvent(r->on.aborted, "aborted");
  SayError(r->on.error, "rerror");
  r->on.close([this, mine, r = r.get()] {
    if (mine == job) Say("rclose:", Bool(r->complete()));
  });
}

V20HttpTakeover::ClientRequest V20HttpTakeover::Send(const Ask& ask,
                                                     const Agent& agent) {
  http::RequestOptions options;
  options.port = raw->address()->port;
  options.agent = agent;
  options.method = ask.method;
  options.path = ask.path;
  options.headers = ask.headers;
  const ClientRequest q = http::Request(process.stack(), options);
  q->on.continued([this, how = ask.how, q = q.get()] {
    Say("continue");
    if (how == How::kHold) q->End("body");
  });
  q->on.information([this](const http::IncomingMessage& i) {
    Say("information:", i.status_code(), ":", i.status_message(), ":",
        Object(i.headers()), ":", 2 * i.raw_headers().fields().size());
  });
  if (ask.how == How::kUpgrade) q->on.upgrade(Took("upgrade", q));
  if (ask.how == How::kConnect) q->on.connect(Took("connect", q));
  q->on.response([this](const Request& r) { WatchResponse(r); });
  SayEvent(q->on.finish, "finish");
  SayError(q->on.error);
  SayEvent(q->on.close, "close");
  agent->on.free([this, mine = job](const SocketHandle&) {
    if (mine == job) Say("free");
  });
  if (ask.how == How::kOpen) {
    q->Write("part");
  } else if (ask.how == How::kHold) {
    q->FlushHeaders();
  } else {
    q->End();
  }
  return q;
}

void V20HttpTakeover::Next() {
  if (job == jobs.size()) {
    raw->Close();
    return;
  }
  line.clear();
  http::Agent::Options options;
  options.timeout = absl::ZeroDuration();
  const Agent agent = http::Agent::Create(process.stack(), options);
  const ClientRequest q = Send(jobs[job].first, agent);
  After(65, [this, q, agent] {
    const auto& [ask, feed] = jobs[job];
    process.Log(ask.name, feed.name, " =>", line, " / ", Bool(q->destroyed()),
                " ", agent->busy_sockets(), " ", agent->free_sockets());
    ++job;
    q->Destroy();
    agent->Destroy();
    if (const SocketHandle s = q->socket()) s->Destroy();
    After(15, [this] { Next(); });
  });
}

TEST_P(V20HttpTakeover, Case250EachAnswer) {
  Serve();
  std::vector<Feed> feeds = InformationFeeds();
  for (Feed& feed : Feeds()) feeds.push_back(std::move(feed));
  for (Feed& feed : EndingFeeds()) feeds.push_back(std::move(feed));
  for (const Ask& ask : Asks()) {
    for (const Feed& feed : feeds) jobs.emplace_back(ask, feed);
  }
  raw->on.listening([this] { Next(); });
  raw->Listen(0, "127.0.0.1");
  LogUncaught();
  EXPECT_EQ(process.Run(), RecordedLines("v20/250-client-takeovers"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpTakeover, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
