// Programs of Node 20 about the states of http messages, recorded here:
// pipelined answers that wait, properties at each event, a second end, bodies
// that nobody reads.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20HttpState : public V20Program {
 protected:
  auto Once(std::string actor, std::string text) {
    return [this, actor, text](const Error*) { process.Log(actor, text); };
  }
};

std::string Ask(const std::string& path, const std::string& body = "",
                const std::string& method = "GET") {
  std::string length;
  if (method == "POST") {
    length = absl::StrCat("Content-Length: ", body.size(), "\r\n");
  }
  return absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: x\r\n", length,
                      "\r\n", body);
}

TEST_P(V20HttpState, Case124AnswersTheFirstLast) {
  std::vector<Response> held;
  const auto log = [&](const std::string& actor, const std::string& text) {
    return [&, actor, text] { process.Log(actor, text); };
  };
  const auto act = [&](const std::string& url, const Response& r) {
    if (url == "/2") {
      process.Log("res", "write ",
                  Bool(r->Write("two", Once("res", "cb two"))));
      process.Log("res", "length ", r->writable_bytes());
    } else if (url == "/3") {
      r->End("three", Once("res", "cb three"));
      process.Log("res", "ended ", Bool(r->writable_ended()), " ",
                  Bool(r->writable_finished()), " ", Bool(r->headers_sent()));
    } else if (url == "/4") {
      Immediate([&] {
        process.Log("server", "first");
        held[0]->End("one");
        Immediate([&] { held[1]->End("!"); });
      });
    } else if (url == "/5") {
      r->Destroy();
      process.Log("res", "destroyed ", Bool(r->destroyed()), " ",
                  Bool(r->socket() == nullptr));
    }
  };
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        q->Resume();
        const std::string url = q->url();
        process.Log("server", "request ", url, " ",
                    Bool(r->socket() == nullptr), " ",
                    Bool(q->socket() != nullptr));
        const auto state = [&, url, p = r.get()](const std::string& event) {
          return [&, url, p, event] {
            process.Log("res", event, " ", url, " ",
                        Bool(p->socket() == nullptr));
          };
        };
        r->on.prefinish(state("prefinish"));
        r->on.finish(state("finish"));
        r->on.close(state("close"));
        r->on.drain(state("drain"));
        q->on.close(log("req", "close " + url));
        q->on.error([&, url](const Error& e) {
          process.Log("req", "error ", url, " ", Described(e));
        });
        q->on.aborted(log("req", "aborted " + url));
        held.push_back(r);
        act(url, r);
      });
  std::string all;
  server->on.listening([&] {
    const auto c = ConnectTo(server);
    c->Write(Ask("/1") + Ask("/2") + Ask("/3") + Ask("/4") + Ask("/5") +
             Ask("/6"));
    c->on.data([&](absl::string_view d) {
      absl::StrAppend(&all, d);
      if (!absl::StrContains(all, "three")) return;
      Immediate([&] {
        process.Log("server", "fourth");
        held[3]->End("four");
      });
    });
    c->on.end([&] { process.Log("c", "end"); });
    WatchErrors(c, "c");
    c->on.close([&](bool) {
      const std::vector<std::string> parts =
          absl::StrSplit(all, "HTTP/1.1 200 OK");
      process.Log("c", "close ", parts.size() - 1, " ",
                  Bool(absl::StrContains(all, "four")));
      server->Close([&](const Error*) { process.Log("server", "close"); });
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/124-http-slow-first"));
}

std::string Told(const http::ServerResponse& r) {
  return absl::StrCat(Bool(r.headers_sent()), " ", Bool(r.writable_ended()),
                      " ", Bool(r.writable_finished()), " ",
                      Bool(r.destroyed()), " ", r.writable_bytes(), " ",
                      Bool(r.writable_need_drain()), " ",
                      Bool(r.socket() == nullptr));
}
std::string Told(const http::IncomingMessage& q) {
  return absl::StrCat(Bool(q.complete()), " ", Bool(q.readable_ended()), " ",
                      Bool(q.destroyed()), " ", Bool(q.aborted()));
}
std::string Told(const http::ClientRequest& q) {
  return absl::StrCat(Bool(q.headers_sent()), " ", Bool(q.writable_ended()),
                      " ", Bool(q.writable_finished()), " ",
                      Bool(q.destroyed()), " ", Bool(q.socket() == nullptr));
}

TEST_P(V20HttpState, Case125ShowsItsStates) {
  // A line of the message's state at an event.
  const auto at = [&](const auto& message, const std::string& actor,
                      const std::string& event) {
    return [&, p = message.get(), actor, event] {
      process.Log(actor, event, " ", Told(*p));
    };
  };
  const auto watch_in = [&](const Request& q, const std::string& actor) {
    q->on.data([&, p = q.get(), actor](absl::string_view d) {
      process.Log(actor, "data ", d, " ", Told(*p));
    });
    q->on.end(at(q, actor, "end"));
    q->on.close(at(q, actor, "close"));
  };
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        at(q, "s.req", "request")();
        at(r, "s.res", "new")();
        watch_in(q, "s.req");
        r->on.prefinish(at(r, "s.res", "prefinish"));
        r->on.finish(at(r, "s.res", "finish"));
        r->on.close(at(r, "s.res", "close"));
        q->on.end([&, r] {
          r->SetHeader("X", "y");
          r->Write("part");
          at(r, "s.res", "wrote")();
          Immediate([&, r] {
            r->End("ed", Once("s.res", "cb"));
            at(r, "s.res", "ended")();
          });
        });
      });
  server->on.listening([&] {
    http::RequestOptions to = To(server);
    to.method = "POST";
    const auto q = http::Request(process.stack(), to);
    at(q, "c.req", "new")();
    q->on.socket([&, p = q.get()](const SocketHandle& s) {
      process.Log("c.req", "socket ", Told(*p), " ", Bool(s->connecting()));
    });
    q->on.prefinish(at(q, "c.req", "prefinish"));
    q->on.finish(at(q, "c.req", "finish"));
    q->on.close(at(q, "c.req", "close"));
    q->on.response([&, q](const Request& r) {
      at(q, "c.req", "response")();
      at(r, "c.res", "new")();
      watch_in(r, "c.res");
    });
    q->Write("he");
    at(q, "c.req", "wrote")();
    q->End("llo", Once("c.req", "cb"));
    at(q, "c.req", "ended")();
    q->on.close([&] {
      server->Close([&](const Error*) { process.Log("server", "close"); });
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/125-http-states"));
}

TEST_P(V20HttpState, Case126EndsAgain) {
  const auto called = [&](const std::string& actor, const std::string& name) {
    return Called(actor, name, "undefined");
  };
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        q->Resume();
        WatchErrors(r, "s.res");
        WatchEvent(process, r->on.finish, "s.res", "finish");
        r->on.close([&, r] {
          process.Log("s.res", "close");
          r->End("", called("s.res", "late"));
          r->Write("z", Called("s.res", "z"));
        });
        r->End("ok", called("s.res", "1"));
        r->End("", called("s.res", "2"));
        if (q->url() != "/b") return;
        r->End("more", called("s.res", "3"));
        process.Log("s.res", "write ",
                    Bool(r->Write("w", Called("s.res", "w"))));
      });
  const auto one = [&](const std::string& path, std::function<void()> next) {
    http::RequestOptions to = To(server, path);
    to.method = "POST";
    const auto q = http::Request(process.stack(), to);
    q->on.response([&](const Request& r) {
      r->on.data(
          [&](absl::string_view d) { process.Log("c.res", "data ", d); });
      WatchEvent(process, r->on.end, "c.res", "end");
    });
    WatchErrors(q, "c.req");
    q->on.finish([&, q] {
      process.Log("c.req", "finish");
      q->End("", called("c.req", "after finish"));
    });
    q->on.close([&, q, next] {
      process.Log("c.req", "close");
      q->Write("late", Called("c.req", "late"));
      q->End("", called("c.req", "end late"));
      Immediate(next);
    });
    q->Write("a", Called("c.req", "a"));
    q->End("b", called("c.req", "1"));
    q->End("", called("c.req", "2"));
    if (path == "/b") q->End("c", called("c.req", "3"));
    process.Log("c.req", "write ", Bool(q->Write("d", Called("c.req", "d"))));
  };
  server->on.listening(
      [&] { one("/a", [&] { one("/b", [&] { server->Close(); }); }); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/126-http-end-again"));
}

TEST_P(V20HttpState, Case133ReadsNoBody) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        const std::string url = q->url();
        process.Log("server", "request ", url, " ", Bool(q->complete()));
        WatchEvent(process, q->on.end, "s.req", "end " + url);
        WatchEvent(process, q->on.close, "s.req", "close " + url);
        WatchEvent(process, q->on.aborted, "s.req", "aborted " + url);
        WatchEvent(process, q->on.pause, "s.req", "pause " + url);
        WatchEvent(process, q->on.resume, "s.req", "resume " + url);
        WatchEvent(process, r->on.finish, "s.res", "finish " + url);
        WatchEvent(process, r->on.close, "s.res", "close " + url);
        if (url == "/late") {
          Immediate([r] { r->End("late"); });
        } else {
          r->End("ok");
        }
      });
  server->on.listening([&] {
    const auto c = ConnectTo(server);
    c->Write(Ask("/a", "body", "POST") + Ask("/b", "", "POST") + Ask("/c") +
             Ask("/late", "late body", "POST"));
    c->on.data([&, p = c.get()](absl::string_view d) {
      if (absl::EndsWith(d, "late")) p->End(Ask("/d", "last", "POST"));
    });
    c->on.end([&] { process.Log("c", "end"); });
    c->on.close([&](bool) {
      process.Log("c", "close");
      server->Close();
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/133-http-unread-body"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpState, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
