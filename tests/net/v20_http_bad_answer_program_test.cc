// A program of Node 20 whose client gets answers that are none, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20HttpBadAnswer : public V20Program {};

std::vector<std::string> Answers() {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = ok + "Transfer-Encoding: chunked\r\n";
  return {"HTTP/1.1 200 OK\nContent-Length: 1\n\nx",
          "HTTP/1.1 20 OK\r\n\r\n",
          "HTTP/2.0 200 OK\r\n\r\n",
          "HTTP/1.1 2000 OK\r\n\r\n",
          "garbage\r\n\r\n",
          "\r\n\r\n" + ok + "Content-Length: 2\r\n\r\nok",
          ok + "Content-Length: x\r\n\r\n",
          ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
          ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\na",
          ok + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
               "0\r\n\r\n",
          chunked + "Content-Length: 3\r\n\r\n0\r\n\r\n",
          chunked + "\r\nzz\r\n",
          chunked + "\r\n2\r\nabc\r\n0\r\n\r\n",
          chunked + "\r\n2\r\nab\r\n",
          ok + "Transfer-Encoding: gzip\r\n\r\nrest",
          ok + "Transfer-Encoding: chunked, gzip\r\n\r\nrest",
          ok + "No colon\r\n\r\n",
          ok + "A b: c\r\n\r\n",
          ok + " Folded: x\r\n\r\n",
          ok + "X: a\r\n  b\r\nContent-Length: 0\r\n\r\n",
          ok + "X: \x01\r\n\r\n",
          ok + "Content-Length: 2\r\n\r\nabcd",
          ok + "Content-Length: 5\r\n\r\nab",
          ok + "\r\nuntil the end",
          "HTTP/1.0 200\r\n\r\nold",
          "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\nabc",
          "HTTP/1.1 304 No\r\nContent-Length: 3\r\n\r\n",
          "HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 102 P\r\nA: b\r\n\r\n" + ok +
              "Content-Length: 0\r\n\r\n",
          "HTTP/1.1 101 Up\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nraw",
          "HTTP/1.1 200 OK",
          "HTTP/1.1 200 OK\r\nX: y",
          ok + "Content-Length: 0\r\n\r\nHTTP/1.1 500 Again\r\n\r\n",
          ok + "Content-Length: 99999999999999999999999\r\n\r\n",
          ok + "X: " + std::string(20000, 'y') + "\r\n\r\n",
          "GET / HTTP/1.1\r\n\r\n",
          "HTTP/1.1\r\n\r\n",
          "http/1.1 200 OK\r\n\r\n",
          ok + "Connection: close\r\nContent-Length: 1\r\n\r\nz",
          chunked + "Trailer: T\r\n\r\n1;a=b\r\nq\r\n0\r\nT: tail\r\n\r\n",
          "",
          "HTTP/1.1 abc OK\r\n\r\n",
          "HTTP/1.1 200\nX: y\r\n\r\n",
          "HTTP/1.1 205 No\r\nContent-Length: 3\r\n\r\nabc",
          "HTTP/1.1 304 No\r\nContent-Length: 3\r\n\r\nabc",
          "HTTP/1.1 2x0 OK\r\n\r\n",
          "HTTP/1.1 200x OK\r\n\r\n",
          "HTTP/1.1  200 OK\r\n\r\n",
          "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"};
}

TEST_P(V20HttpBadAnswer, Case123ReadsBadAnswers) {
  const std::vector<std::string> answers = Answers();
  size_t i = 0;
  const auto server =
      Server::Create(process.stack(), [&](const SocketHandle& s) {
        s->on.error([](const Error&) {});
        s->on.data.Once(
            [&, p = s.get()](absl::string_view) { p->End(answers[i]); });
      });
  std::function<void()> start = [&] {
    if (i == answers.size()) {
      server->Close();
      return;
    }
    const std::string who = absl::StrCat("c", i);
    http::RequestOptions to;
    to.port = server->address()->port;
    const auto q = http::Get(process.stack(), to);
    q->on.response([&, who](const Request& r) {
      process.Log(who, "response ", r->status_code(), " ", r->status_message(),
                  " ", r->http_version(), " ", Object(r->headers()));
      http::IncomingMessage* const m = r.get();
      r->on.data([&, who](absl::string_view d) {
        process.Log(who, "data ", Quoted(d));
      });
      r->on.end([&, who, m] {
        process.Log(who, "end ", Bool(m->complete()), " ",
                    Object(m->trailers()));
      });
      WatchEvent(process, r->on.aborted, who, "aborted");
      r->on.error([&, who](const Error& e) {
        process.Log(who, "res error ", Described(e));
      });
      r->on.close(
          [&, who, m] { process.Log(who, "res close ", Bool(m->complete())); });
    });
    WatchErrors(q, who);
    q->on.information([&, who](const http::IncomingMessage& m) {
      process.Log(who, "information ", m.status_code(), " ",
                  m.status_message());
    });
    WatchEvent(process, q->on.continued, who, "continue");
    q->on.close([&, who] {
      process.Log(who, "close");
      ++i;
      Immediate([&] { start(); });
    });
  };
  server->on.listening([&] { start(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/123-http-bad-responses"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpBadAnswer, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
