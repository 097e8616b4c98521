// A program of Node 20 that prints what errors of http say, word for word,
// recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "tests/net/v20_words.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpWords : public V20WordsProgram {
 protected:
  using Ask = std::shared_ptr<http::ClientRequest>;

  void Asks(const std::string& name, http::RequestOptions options,
            std::function<void(const Ask&)> use = nullptr);
  void Bad(const std::string& name, http::RequestOptions options,
           std::function<void(const Ask&)> use = nullptr);
  void Answer(const std::string& name,
              std::function<void(const Response&)> use);
  void Asking();
  void BadRequests();
  void Answering();
};

void V20HttpWords::Asks(const std::string& name, http::RequestOptions options,
                        std::function<void(const Ask&)> use) {
  Step([this, name, options, use = std::move(use)](const Done& done) {
    http::RequestOptions to = options;
    if (to.port == 80) to.port = port;
    const Ask q = http::Request(process.stack(), to);
    q->on.error([this, name](const Error& e) { Tell("error", name, e); });
    q->on.close(done);
    if (use != nullptr) {
      use(q);
    } else {
      q->End();
    }
  });
}

void V20HttpWords::Bad(const std::string& name, http::RequestOptions options,
                       std::function<void(const Ask&)> use) {
  Step([this, name, options, use = std::move(use)](const Done& done) {
    Try(name, [&] {
      http::RequestOptions to = options;
      to.port = port;
      to.agent = http::Agent::Create(process.stack());
      const Ask q = http::Request(process.stack(), to);
      q->on.error([](const Error&) {});
      q->Destroy();
      if (use != nullptr) use(q);
    });
    done();
  });
}

void V20HttpWords::Answer(const std::string& name,
                          std::function<void(const Response&)> use) {
  Step([this, name, use = std::move(use)](const Done& done) {
    const auto s = http::Server::Create(
        process.stack(), [this, name, use](const Request&, const Response& r) {
          Try(name, [&] { use(r); });
          r->Destroy();
        });
    s->on.listening([this, s, done] {
      http::RequestOptions options;
      options.port = s->address()->port;
      const Ask q = http::Get(process.stack(), options);
      q->on.error([](const Error&) {});
      q->on.response(
          [](const Request& r) { r->on.error([](const Error&) {}); });
      q->on.close([s, done] { s->Close([done](const Error*) { done(); }); });
    });
    s->Listen(0, "127.0.0.1");
  });
}

void V20HttpWords::Asking() {
  http::RequestOptions to;
  to.port = 1;
  Asks("http refused", to);
  to = http::RequestOptions();
  to.socket_path = absl::StrCat(kPath, "/none");
  Asks("http no path", to);
  Asks("http hang up", {}, [this](const Ask& q) {
    q->on.socket([this, q](const SocketHandle& s) {
      s->on.connect([this, q] { After(10, [q] { q->Destroy(); }); });
    });
    q->End();
  });
  Asks("http mine", {},
       [](const Ask& q) { q->Destroy(Error("Error", "mine")); });
  Asks("http destroyed", {}, [this](const Ask& q) {
    q->Destroy();
    q->Write("x", Telling("write"));
  });
  Asks("http write after end", {}, [this](const Ask& q) {
    q->End();
    q->Write("x", Telling("write"));
    After(20, [q] { q->Destroy(); });
  });
}

void V20HttpWords::BadRequests() {
  http::RequestOptions to;
  to.method = "G T";
  Bad("method", to);
  to = http::RequestOptions();
  to.path = "/a b";
  Bad("path", to);
  to = http::RequestOptions();
  to.headers = {{"a b", "1"}};
  Bad("header name", to);
  to.headers = {{"a", "1\n2"}};
  Bad("header value", to);
  Bad("setHeader name", {}, [](const Ask& q) { q->SetHeader("", "1"); });
  Bad("setHeader value", {}, [](const Ask& q) { q->SetHeader("a", "\1"); });
  Bad("setHeader late", {}, [](const Ask& q) {
    q->FlushHeaders();
    q->SetHeader("a", "1");
  });
  Bad("appendHeader late", {}, [](const Ask& q) {
    q->FlushHeaders();
    q->AppendHeader("a", "1");
  });
  Bad("removeHeader late", {}, [](const Ask& q) {
    q->FlushHeaders();
    q->RemoveHeader("a");
  });
  Bad("trailer name", {}, [](const Ask& q) { q->AddTrailers({{"a b", "1"}}); });
  Bad("trailer value", {}, [](const Ask& q) { q->AddTrailers({{"a", "\n"}}); });
}

void V20HttpWords::Answering() {
  Answer("status 99", [](const Response& r) { r->WriteHead(99); });
  Answer("status 1000", [](const Response& r) { r->WriteHead(1000); });
  Answer("message", [](const Response& r) { r->WriteHead(200, "a\nb"); });
  Answer("head twice", [](const Response& r) {
    r->WriteHead(200);
    r->WriteHead(200);
  });
  Answer("set after head", [](const Response& r) {
    r->WriteHead(200);
    r->SetHeader("a", "1");
  });
  Answer("head after body", [](const Response& r) {
    r->Write("x");
    r->WriteHead(200);
  });
  Answer("head field", [](const Response& r) {
    r->WriteHead(200, {{"a b", "1"}});
  });
  Answer("head value", [](const Response& r) {
    r->WriteHead(200, {{"a", "\n"}});
  });
  Answer("status line", [](const Response& r) {
    r->status_code = 1;
    r->End();
  });
  Answer("hints value", [](const Response& r) {
    r->WriteEarlyHints({{"link", "</a>; rel=preload"}, {"x", "a\nb"}});
  });
  Answer("trailer", [](const Response& r) {
    r->SetHeader("Trailer", "x");
    r->SetHeader("Content-Length", "1");
    r->Write("x");
  });
}

TEST_P(V20HttpWords, Case255EachError) {
  Serve();
  Asking();
  BadRequests();
  Answering();
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/255-http-words"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpWords, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
