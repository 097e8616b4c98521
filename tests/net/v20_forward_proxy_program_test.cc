// A program of Node 20 that is an http proxy by pipe(), with bodies both ways
// and each side going away, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "net/pipe.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

// It has timers: simulated only.
class V20ForwardProxy : public V20Program {
 protected:
  void Answer(const Request& q, const Response& r) {
    r->send_date = false;
    const auto got = std::make_shared<size_t>(0);
    q->on.data([got](absl::string_view d) { *got += d.size(); });
    WatchErrors(q, "o.req");
    WatchEvent(process, q->on.aborted, "o.req", "aborted");
    q->on.close([this, got] {
      process.Log("o.req", "close ",
                  mode_ == "client leaves upload" ? "-" : absl::StrCat(*got));
    });
    r->on.close([this, p = r.get()] {
      process.Log("o.res", "close ", Bool(p->writable_finished()));
    });
    q->on.end([this, got, r] {
      process.Log("o.req", "end ", *got);
      if (mode_ == "origin cuts") {
        r->Write("some");
        After(20, [r] { r->Destroy(); });
        return;
      }
      if (mode_ == "client leaves") {
        r->Write("some");
        return;
      }
      r->WriteHead(200, {{"Content-Length", "40000"}, {"X-A", "1"}});
      r->End(std::string(40000, 'y'));
    });
  }
  void Forward(const http::RequestOptions& to, const Request& q,
               const Response& r) {
    r->send_date = false;
    const auto o = http::Request(process.stack(), to);
    Pipe(q, o);
    o->on.response([this, r](const Request& s) {
      process.Log("p.out", "response ", s->status_code());
      r->WriteHead(s->status_code(), s->headers());
      Pipe(s, r);
      WatchEvent(process, s->on.aborted, "p.out", "aborted");
      s->on.error([this, r](const Error& e) {
        process.Log("p.out", "res error ", Described(e));
        r->Destroy();
      });
      WatchEvent(process, s->on.end, "p.out", "res end");
      WatchEvent(process, s->on.close, "p.out", "res close");
    });
    o->on.error([this, r](const Error& e) {
      process.Log("p.out", "error ", Described(e));
      if (r->headers_sent()) {
        r->Destroy();
        return;
      }
      r->WriteHead(502);
      r->End("bad gateway");
    });
    o->on.close([this] {
      if (mode_ != "both") process.Log("p.out", "close");
    });
    WatchErrors(q, "p.req");
    WatchEvent(process, q->on.aborted, "p.req", "aborted");
    WatchEvent(process, q->on.end, "p.req", "end");
    WatchEvent(process, q->on.close, "p.req", "close");
    WatchEvent(process, r->on.finish, "p.res", "finish");
    r->on.close([this, o, p = r.get()] {
      process.Log("p.res", "close ", Bool(p->writable_finished()));
      if (!p->writable_finished()) o->Destroy();
    });
  }
  std::string mode_;
};

TEST_P(V20ForwardProxy, Case228ForwardsBodies) {
  const auto origin = http::Server::Create(
      process.stack(),
      [&](const Request& q, const Response& r) { Answer(q, r); });
  const auto proxy = http::Server::Create(
      process.stack(), [&](const Request& q, const Response& r) {
        http::RequestOptions to = To(origin, q->url());
        to.method = q->method();
        to.headers = q->headers();
        Forward(to, q, r);
      });
  const std::vector<std::string> modes = {
      "both", "origin cuts", "client leaves", "client leaves upload"};
  std::function<void(size_t)> next = [&](size_t i) {
    if (i == modes.size()) {
      proxy->Close([&](const Error*) { process.Log("p", "closed"); });
      origin->Close([&](const Error*) { process.Log("o", "closed"); });
      return;
    }
    mode_ = modes[i];
    process.Log("main", "--- ", mode_);
    http::RequestOptions options = To(proxy, absl::StrCat("/", i));
    options.method = "POST";
    if (mode_ == "both" || mode_ == "client leaves upload") {
      options.headers.Add("Content-Length", "40000");
    }
    const auto q = http::Request(process.stack(), options);
    q->on.response([&, p = q.get()](const Request& r) {
      const auto field = [&](absl::string_view name) {
        const std::string* const value = r->headers().Find(name);
        return value == nullptr ? std::string() : *value;
      };
      process.Log("c", "response ", r->status_code(), " ",
                  field("content-length"), " ", field("x-a"));
      const auto got = std::make_shared<size_t>(0);
      r->on.data([&, got, p](absl::string_view d) {
        *got += d.size();
        if (mode_ == "client leaves") p->Destroy();
      });
      WatchEvent(process, r->on.aborted, "c", "aborted");
      r->on.error([&](const Error& e) {
        process.Log("c", "res error ", Described(e));
      });
      r->on.end([&, got] { process.Log("c", "end ", *got); });
      r->on.close([&, got, m = r.get()] {
        process.Log("c", "res close ", *got, " ", Bool(m->complete()));
      });
    });
    WatchErrors(q, "c");
    WatchEvent(process, q->on.finish, "c", "finish");
    q->on.close([&, i] {
      process.Log("c", "close");
      After(80, [&, i] { next(i + 1); });
    });
    if (mode_ == "both") {
      q->End(std::string(40000, 'x'));
    } else if (mode_ == "client leaves upload") {
      q->Write(std::string(1000, 'x'));
      After(30, [q] { q->Destroy(); });
    } else {
      q->End("small");
    }
  };
  origin->on.listening([&] { proxy->Listen(0, "127.0.0.1"); });
  proxy->on.listening([&] { next(0); });
  origin->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/228-forward-proxy"));
}

INSTANTIATE_TEST_SUITE_P(, V20ForwardProxy, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
