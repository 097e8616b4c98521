// Programs of Node 20 about the head of a message: in which order and letters
// its fields go out, recorded here.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpHead : public V20Program {
 protected:
  // getRawHeaderNames(): each name once.
  static std::vector<std::string> Names(const http::Headers& headers) {
    std::vector<std::string> names;
    for (const http::Headers::Field& field : headers.fields()) {
      if (std::none_of(names.begin(), names.end(), [&](const auto& name) {
            return absl::EqualsIgnoreCase(name, field.name);
          })) {
        names.push_back(field.name);
      }
    }
    return names;
  }
  // JSON.stringify(getHeader(name)).
  static std::string Value(const http::Headers& headers,
                           const std::string& name) {
    const std::vector<std::string> values = headers.FindAll(name);
    if (values.empty()) return "";
    if (values.size() == 1) return Quoted(values[0]);
    return absl::StrCat(
        "[",
        absl::StrJoin(values, ",",
                      [](std::string* out, const std::string& value) {
                        out->append(Quoted(value));
                      }),
        "]");
  }
  void LogLines(const std::string& who, absl::string_view text) {
    for (const absl::string_view line : absl::StrSplit(text, "\r\n")) {
      process.Log(who, Quoted(line));
    }
  }
  void Try(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& e) {
      process.Log("srv", "threw ", Described(e));
    }
  }
  void Answer(int kind, const Response& r);
  void LogFields(const std::string& who, const http::Headers& headers);
};

void V20HttpHead::Answer(int kind, const Response& r) {
  switch (kind) {
    case 0:
      r->SetHeader("X-A", "1");
      r->SetHeader("X-B", "2");
      r->AppendHeader("X-A", "3");
      r->SetHeader("x-b", "4");
      r->RemoveHeader("X-C");
      break;
    case 1:
      r->SetHeader("X-A", "1");
      r->SetHeader("X-B", "2");
      r->RemoveHeader("x-a");
      r->SetHeader("X-A", "5");
      r->WriteHead(201, "Made", {{"x-b", "6"}, {"X-D", "7"}});
      break;
    case 2:
      r->SetHeader("Set-Cookie", "a=1");
      r->AppendHeader("Set-Cookie", "b=2");
      r->AppendHeader("set-cookie", "c=3");
      r->WriteHead(200, {{"X-A", "1"}});
      break;
    case 3:
      r->SetHeader("X-A", "1");
      r->WriteHead(
          200, {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"x-a", "2"}});
      break;
    case 4:
      r->WriteHead(200, {{"Set-Cookie", "a=1"},
                         {"Set-Cookie", "b=2"},
                         {"X-A", "1"},
                         {"x-a", "2"}});
      break;
    case 5:
      r->SetHeader("Connection", "close");
      r->RemoveHeader("Connection");
      r->SetHeader("Transfer-Encoding", "chunked");
      break;
    case 6:
      r->RemoveHeader("Connection");
      r->RemoveHeader("Content-Length");
      break;
    case 7:
      r->RemoveHeader("Transfer-Encoding");
      r->RemoveHeader("Content-Length");
      r->Write("part");
      break;
    case 8:
      r->SetHeader("Keep-Alive", "timeout=9");
      r->SetHeader("Content-Length", "2");
      r->SetHeader("Date", "now");
      break;
    default:
      r->SetHeader("Connection", "keep-alive, x");
      r->WriteHead(200);
      Try([&] { r->SetHeader("X", "y"); });
      Try([&] { r->RemoveHeader("X"); });
      Try([&] { r->AppendHeader("X", "y"); });
      Try([&] { r->WriteHead(200); });
      Try([&] { r->FlushHeaders(); });
  }
}

TEST_P(V20HttpHead, Case170AnAnswersFields) {
  int next = 0;
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        q->Resume();
        Answer(q->url()[1] - '0', r);
        const std::string names = absl::StrJoin(Names(r->headers()), ",");
        process.Log("srv", "names ", absl::AsciiStrToLower(names), " ", names,
                    " ", Bool(r->headers().Has("x-a")), " ",
                    Value(r->headers(), "X-A"), " ", Bool(r->headers_sent()));
        r->End("ok");
      });
  std::function<void()> start = [&] {
    if (next == 10) {
      server->Close();
      return;
    }
    const int k = next++;
    const SocketHandle c = ConnectTo(server);
    const auto got = std::make_shared<std::string>();
    c->on.data([got, k, p = c.get()](absl::string_view d) {
      absl::StrAppend(got.get(), d);
      const size_t end = got->find("\r\n\r\n");
      if (k != 6 && k != 7 && end != std::string::npos &&
          got->find("ok", end) != std::string::npos) {
        p->End();
      }
    });
    c->on.close([&, got](bool) {
      LogLines("c", *got);
      After(10, [&] { start(); });
    });
    c->Write(absl::StrCat("GET /", k, " HTTP/1.1\r\nHost: x\r\n\r\n"));
    After(60, [c] { c->End(); });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/170-http-header-order"));
}

TEST_P(V20HttpHead, Case171ARequestsFields) {
  std::string port;
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        const auto got = std::make_shared<std::string>();
        s->on.error([](const Error&) {});
        s->on.data(
            [got](absl::string_view d) { absl::StrAppend(got.get(), d); });
        After(40, [&, s, got] {
          LogLines("srv", absl::StrReplaceAll(*got, {{":" + port, ":PORT"}}));
          s->End("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        });
      });
  using Handle = std::shared_ptr<http::ClientRequest>;
  using Act = std::function<void(const Handle&)>;
  struct Case {
    std::string method;
    http::Headers headers;
    Act act;
  };
  const Act ends = [](const Handle& q) { q->End(); };
  const std::vector<Case> cases = {
      {"GET",
       {{"Host", "h"}, {"X-A", "1"}, {"x-a", "2"}, {"Connection", "close"}},
       ends},
      {"post",
       {{"X-A", "1"}},
       [](const Handle& q) {
         q->SetHeader("X-B", "2");
         q->AppendHeader("x-a", "3");
         q->RemoveHeader("Host");
         q->End("body");
       }},
      {"PUT",
       {},
       [](const Handle& q) {
         q->Write("a");
         q->Write("b");
         q->End("c");
       }},
      {"DELETE", {}, [](const Handle& q) { q->End("x"); }},
      {"GET",
       {},
       [](const Handle& q) {
         q->Write("x");
         q->End();
       }},
      {"POST", {}, ends},
      {"POST",
       {{"Content-Length", "3"}},
       [](const Handle& q) {
         q->Write("abc");
         q->End();
       }},
      {"PATCH",
       {{"Transfer-Encoding", "chunked"}, {"Trailer", "X-T"}},
       [](const Handle& q) {
         q->AddTrailers({{"X-T", "t"}});
         q->End("abc");
       }},
      {"HEAD", {}, ends},
      {"OPTIONS", {}, ends},
      {"POST",
       {{"Expect", "100-continue"}},
       [](const Handle& q) { q->End("late"); }},
      {"GET",
       {{"Connection", "Upgrade"}, {"Upgrade", "x"}},
       [](const Handle& q) {
         q->FlushHeaders();
         q->End();
       }}};
  size_t next = 0;
  std::function<void()> start = [&] {
    if (next == cases.size()) {
      server->Close();
      return;
    }
    const Case& one = cases[next++];
    process.Log("c", "--- ", next);
    http::RequestOptions to;
    to.port = server->address()->port;
    port = absl::StrCat(to.port);
    to.method = one.method;
    to.headers = one.headers;
    if (one.method == "HEAD") to.agent = http::Agent::Create(process.stack());
    if (one.method == "OPTIONS") {
      to.path = "*";
      to.set_host = false;
    }
    const Handle q = http::Request(process.stack(), to);
    one.act(q);
    std::vector<std::string> names = Names(q->headers());
    names.erase(std::remove(names.begin(), names.end(), "Host"), names.end());
    process.Log("c", "names ", absl::StrJoin(names, ","), " ",
                Bool(q->headers_sent()));
    q->on.response([&](const Request& r) {
      process.Log("c", "response ", r->status_code());
      r->Resume();
    });
    WatchErrors(q, "c");
    q->on.close([&] { After(10, [&] { start(); }); });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/171-http-request-heads"));
}

// Each name once, a repeated one as JSON writes an array.
void V20HttpHead::LogFields(const std::string& who,
                            const http::Headers& headers) {
  std::vector<std::string> told;
  for (const http::Headers::Field& field : headers.fields()) {
    if (std::find(told.begin(), told.end(), field.name) != told.end()) continue;
    told.push_back(field.name);
    if (field.name != "set-cookie") {
      process.Log(
          who, field.name, " ",
          absl::StrCat("\"", absl::StrReplaceAll(field.value, {{"\"", "\\\""}}),
                       "\""));
      continue;
    }
    process.Log(who, field.name, " [",
                absl::StrJoin(headers.FindAll(field.name), ",",
                              [](std::string* out, const std::string& value) {
                                out->append(Quoted(value));
                              }),
                "]");
  }
}

TEST_P(V20HttpHead, Case191FieldsThatComeAgain) {
  const std::string head =
      "GET / HTTP/1.1\r\nHost: x\r\nAccept: a\r\naccept: b\r\n"
      "Cookie: c=1\r\nCookie: d=2\r\nContent-Type: t1\r\nContent-Type: t2\r\n"
      "X-A: 1\r\nx-a: 2\r\nX-A: \r\nUser-Agent: u1\r\nUser-Agent: u2\r\n"
      "Set-Cookie: s=1\r\nSet-Cookie: s=2\r\nETag: \"e\"\r\netag: \"f\"\r\n"
      "X-Space:  padded \t \r\n\r\n";
  struct Kind {
    std::string name;
    bool join;
    std::vector<std::string> unique;
  };
  const std::vector<Kind> kinds = {
      {"{}", false, {}},
      {"{\"joinDuplicateHeaders\":true}", true, {}},
      {"{\"uniqueHeaders\":[\"x-u\",\"set-cookie\"]}",
       false,
       {"x-u", "set-cookie"}}};
  size_t next = 0;
  std::function<void()> start;
  const auto ask = [&](const std::shared_ptr<http::Server>& server, bool join) {
    http::RequestOptions to = To(server);
    to.unique_headers = {"x-q"};
    to.join_duplicate_headers = join;
    to.headers = {
        {"X-Q", "1"}, {"X-Q", "2"}, {"X-R", "3"}, {"X-R", "4"}, {"Host", "h"}};
    http::Get(process.stack(), to, [&, server](const Request& r) {
      LogFields("res", r->headers());
      r->Resume();
      r->on.end([&, server] {
        server->Close(Plain([&] { After(10, [&] { start(); }); }));
      });
    });
  };
  start = [&] {
    if (next == kinds.size()) return;
    const Kind& kind = kinds[next++];
    process.Log("main", "--- ", kind.name);
    http::Server::Options options;
    options.join_duplicate_headers = kind.join;
    options.unique_headers = kind.unique;
    const auto server = http::Server::Create(
        process.stack(), options, [&](const Request& q, const Response& r) {
          r->send_date = false;
          LogFields("req", q->headers());
          const auto& raw = q->raw_headers().fields();
          process.Log("req", "raw ", 2 * raw.size(), " [",
                      raw.size() < 12 ? ""
                                      : absl::StrCat(Quoted(raw[10].name), ",",
                                                     Quoted(raw[10].value), ",",
                                                     Quoted(raw[11].name), ",",
                                                     Quoted(raw[11].value)),
                      "]");
          r->SetHeader("X-U", "1");
          r->AppendHeader("X-U", "2");
          r->SetHeader("Set-Cookie", "a");
          r->AppendHeader("Set-Cookie", "b");
          r->SetHeader("X-N", "3");
          r->AppendHeader("X-N", "4");
          r->AppendHeader("X-U", "5");
          r->End();
        });
    server->on.listening([&, server, join = kind.join] {
      const SocketHandle c = ConnectTo(server);
      const auto got = std::make_shared<std::string>();
      c->on.data([got, p = c.get()](absl::string_view d) {
        absl::StrAppend(got.get(), d);
        p->End();
      });
      c->on.close([&, server, got, join](bool) {
        for (const absl::string_view line : absl::StrSplit(*got, "\r\n")) {
          process.Log("c", Quoted(line));
        }
        ask(server, join);
      });
      c->Write(head);
    });
    server->Listen(0, "127.0.0.1");
  };
  start();
  EXPECT_EQ(process.Run(), RecordedLines("v20/191-http-repeated-fields"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpHead, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
