// Programs of Node 20 about http clients that give up, recorded here: requests
// that are destroyed or aborted at each moment, and listeners that throw.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

using ClientRequest = std::shared_ptr<http::ClientRequest>;

class V20HttpAbort : public V20Program {};
class V20HttpAbortTimed : public V20HttpAbort {};

TEST_P(V20HttpAbortTimed, Case90DestroyedAtAnyMoment) {
  http::Agent::Options agent_options;
  agent_options.timeout = absl::ZeroDuration();
  const auto agent = http::Agent::Create(process.stack(), agent_options);
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        q->Resume();
        r->on.close([&, r = r.get()] {
          process.Log("s.res", "close ", Bool(r->writable_finished()));
        });
        WatchErrors(q, "s.req");
        r->Write("some");
        After(50, [r] { r->End("more"); });
      });
  const std::vector<std::string> moments = {"now",    "tick",   "write",
                                            "socket", "finish", "response",
                                            "data",   "end",    "res close"};
  size_t n = 0;
  std::function<void()> next;
  const auto listen = [&](const ClientRequest& q, const std::string& when,
                          const auto& hit) {
    q->on.socket([&, when, hit](const SocketHandle&) {
      process.Log("c.req", "socket");
      if (when == "socket") hit();
    });
    q->on.finish([&, when, hit] {
      process.Log("c.req", "finish");
      if (when == "finish") hit();
    });
    q->on.response([&, when, hit](const Request& r) {
      process.Log("c.req", "response");
      if (when == "response") hit();
      WatchEvent(process, r->on.aborted, "c.res", "aborted");
      http::IncomingMessage* const m = r.get();
      m->on.data([&, when, hit](absl::string_view d) {
        process.Log("c.res", "data ", d);
        if (when == "data") hit();
      });
      m->on.end([&, when, hit] {
        process.Log("c.res", "end");
        if (when == "end") hit();
      });
      WatchErrors(r, "c.res");
      m->on.close([&, when, hit, m] {
        process.Log("c.res", "close ", Bool(m->complete()), " ",
                    Bool(m->destroyed()), " ", Bool(m->aborted()));
        if (when == "res close") hit();
      });
    });
    WatchErrors(q, "c.req");
    q->on.close([&] {
      process.Log("c.req", "close");
      After(80, [&] { next(); });
    });
  };
  next = [&] {
    if (n == 2 * moments.size()) {
      agent->Destroy();
      server->Close();
      return;
    }
    const std::string when = moments[n / 2];
    const bool with_error = n++ % 2 == 1;
    process.Log("main", when, " ", Bool(with_error));
    http::RequestOptions options = To(server);
    options.agent = agent;
    options.method = "POST";
    const auto q = http::Request(process.stack(), options);
    const auto hit = [&, q, with_error] {
      with_error ? q->Destroy(Error("Error", "boom")) : q->Destroy();
      process.Log("c.req", "destroyed ", Bool(q->destroyed()), " ",
                  Bool(q->aborted()), " ", Bool(q->writable_ended()), " ",
                  Bool(q->writable_finished()));
    };
    listen(q, when, hit);
    const auto ended = [&] { process.Log("c.req", "cb end"); };
    if (when == "write") {
      q->Write("x", Called("c.req", ""));
      hit();
      q->Write("y", Called("c.req", "y"));
      q->End("z", ended);
      return;
    }
    q->End("body", ended);
    if (when == "now") hit();
    if (when == "tick") Tick(hit);
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(absl::StrReplaceAll(process.Run(), {{"cb  ", "cb "}}),
            RecordedLines("v20/90-http-destroys"));
}

TEST_P(V20HttpAbortTimed, Case98ThrowsInListeners) {
  LogUncaught();
  std::vector<Response> held;
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        const std::string path = q->url();
        r->send_date = false;
        q->Resume();
        process.Log("server", "request ", path);
        r->on.finish([path] {
          if (path == "/finish") Throw("in finish");
        });
        WatchEvent(process, r->on.close, "s.res", "close " + path);
        q->on.end([&, path, r] {
          if (path == "/end") Throw("in end");
          process.Log("s.req", "end");
          r->End("ok");
        });
        if (path == "/throw") Throw("in request");
        if (path == "/silent") {
          held.push_back(r);
          Immediate([r] { r->socket()->Destroy(); });
          Throw("and gone");
        }
        if (path == "/end") After(10, [r] { r->End("late"); });
      });
  server->on.request([&](const Request& q, const Response&) {
    process.Log("server", "second listener ", q->url());
  });
  http::Agent::Options agent_options;
  agent_options.timeout = absl::ZeroDuration();
  const auto agent = http::Agent::Create(process.stack(), agent_options);
  const std::vector<std::pair<std::string, std::string>> steps = {
      {"/a", "data"},       {"/b", "end"},   {"/c", "res close"},
      {"/d", "response"},   {"/e", "close"}, {"/f", "finish"},
      {"/finish", ""},      {"/end", ""},    {"/throw", ""},
      {"/silent", "error"}, {"/g", ""}};
  size_t n = 0;
  std::function<void()> next;
  const auto ask = [&](const std::string& path, const std::string& where) {
    http::RequestOptions options = To(server, path);
    options.agent = agent;
    const auto q = http::Get(process.stack(), options);
    const auto stuck = std::make_shared<std::optional<loop::Timer>>();
    q->on.socket([&, q = q.get()](const SocketHandle&) {
      process.Log("c.req", "socket ", Bool(q->reused_socket()));
    });
    q->on.response([&, where](const Request& r) {
      process.Log("c.req", "response");
      r->on.data([&, where](absl::string_view d) {
        process.Log("c.res", "data ", d);
        if (where == "data") Throw("in data");
      });
      r->on.end([&, where] {
        process.Log("c.res", "end");
        if (where == "end") Throw("in res end");
      });
      r->on.close([&, where] {
        process.Log("c.res", "close");
        if (where == "res close") Throw("in res close");
      });
      if (where == "response") Throw("in response");
    });
    q->on.finish([where] {
      if (where == "finish") Throw("in req finish");
    });
    q->on.error([&, where](const Error& error) {
      process.Log("c.req", "error ", Described(error));
      if (where == "error") Throw("in error");
    });
    q->on.close([&, where, stuck] {
      process.Log("c.req", "close");
      stuck->reset();
      After(10, [&] { next(); });
      if (where == "close") Throw("in close");
    });
    stuck->emplace(process.loop(), [&, q] {
      process.Log("main", "stuck ", Bool(q->destroyed()));
      q->Destroy();
    });
    (*stuck)->Start(absl::Milliseconds(60));
  };
  next = [&] {
    if (n < steps.size()) {
      const auto& [path, where] = steps[n++];
      process.Log("main", path, " ", where);
      ask(path, where);
      return;
    }
    agent->Destroy();
    server->Close([&](const Error*) { process.Log("server", "closed"); });
    server->CloseAllConnections();
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(absl::StrReplaceAll(process.Run(), {{" \n", "\n"}}),
            RecordedLines("v20/98-http-throwing"));
}

TEST_P(V20HttpAbortTimed, Case99AbortsAtAnyMoment) {
  const auto server = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        r->send_date = false;
        q->Resume();
        WatchErrors(q, "s.req");
        r->on.close([&, r = r.get()] {
          process.Log("s.res", "close ", Bool(r->writable_finished()));
        });
        r->Write("some");
        After(50, [r] { r->End("more"); });
      });
  const auto agent = http::Agent::Create(process.stack());
  const std::vector<std::string> steps = {"before", "now",    "no agent",
                                          "socket", "finish", "response",
                                          "data",   "end",    "close"};
  size_t n = 0;
  std::function<void()> next;
  const auto listen = [&](const ClientRequest& q, const std::string& when,
                          const auto& hit) {
    WatchEvent(process, q->on.abort, "c.req", "abort");
    q->on.socket([&, when, hit](const SocketHandle&) {
      process.Log("c.req", "socket");
      if (when == "socket") hit();
    });
    q->on.finish([&, when, hit] {
      process.Log("c.req", "finish");
      if (when == "finish") hit();
    });
    q->on.response([&, when, hit](const Request& r) {
      process.Log("c.req", "response");
      if (when == "response") hit();
      WatchEvent(process, r->on.aborted, "c.res", "aborted");
      r->on.data([&, when, hit](absl::string_view d) {
        process.Log("c.res", "data ", d);
        if (when == "data") hit();
      });
      r->on.end([&, when, hit] {
        process.Log("c.res", "end");
        if (when == "end") hit();
      });
      WatchErrors(r, "c.res");
      WatchEvent(process, r->on.close, "c.res", "close");
    });
    WatchErrors(q, "c.req");
    q->on.close([&, when, hit] {
      process.Log("c.req", "close");
      if (when == "close") hit();
      After(80, [&] { next(); });
    });
  };
  next = [&] {
    if (n == steps.size()) {
      server->Close();
      server->CloseAllConnections();
      return;
    }
    const std::string when = steps[n++];
    process.Log("main", when);
    const auto signal = std::make_shared<AbortSignal>();
    if (when == "before") signal->Abort();
    http::RequestOptions options = To(server);
    options.method = "POST";
    options.signal = signal;
    if (when != "no agent") options.agent = agent;
    const auto q = http::Request(process.stack(), options);
    const auto hit = [&, q, signal] {
      signal->Abort();
      process.Log("c.req", "aborted ", Bool(q->destroyed()), " ",
                  Bool(q->aborted()));
    };
    listen(q, when, hit);
    q->End("body");
    if (when == "now" || when == "no agent") hit();
  };
  server->on.listening([&] { next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/99-http-abort-signal"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpAbortTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
