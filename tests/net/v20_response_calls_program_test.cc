// A program of Node 20 that makes each call of a server's answer in each of its
// states, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/net/v20_calls.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20ResponseCalls : public V20Calls {
 protected:
  using Use = std::function<void(const Response&)>;
  using Named = std::pair<std::string, Use>;

  void Serve();
  void Begin(const Response& r);
  std::vector<Named> Calls();
  std::vector<Named> HeadCalls();
  std::vector<Named> EndingCalls();
  void Next();

  std::shared_ptr<http::Server> server;
  std::vector<std::pair<std::string, Named>> jobs;
  Use go;
  Response first;
  SocketHandle client;
};

void V20ResponseCalls::Serve() {
  server = http::Server::Create(
      process.stack(), [this](const Request& q, const Response& r) {
        r->send_date = false;
        if (q->url() == "/first") {
          first = r;
          return;
        }
        SayEvent(r->on.prefinish, "prefinish");
        SayEvent(r->on.finish, "finish");
        SayEvent(r->on.drain, "drain");
        SayEvent(r->on.timeout, "timeout");
        SayError(r->on.error);
        r->on.close([this, mine = job, r = r.get()] {
          if (mine == job) Say("close:", Bool(r->writable_finished()));
        });
        SayEvent(q->on.aborted, "aborted");
        SayError(q->on.error, "qerror");
        SayEvent(q->on.close, "qclose");
        SayEvent(q->on.end, "qend");
        q->Resume();
        Begin(r);
      });
  server->on.client_error([this](const Error& e, const SocketHandle& s) {
    Say("clientError:", Why(e));
    s->Destroy();
  });
}

// Brings the answer to the state, and uses it there.
void V20ResponseCalls::Begin(const Response& r) {
  const std::string& state = jobs[job].first;
  const auto use = [this, r] {
    if (const Use once = std::exchange(go, nullptr)) once(r);
  };
  if (state == "later") {
    After(10, use);
    return;
  }
  if (state == "flushed" || state == "written") {
    if (state == "flushed") {
      r->FlushHeaders();
    } else {
      r->Write("12");
    }
    After(10, use);
    return;
  }
  if (state == "finish" || state == "closed") {
    (state == "finish" ? r->on.finish(use) : r->on.close(use));
    r->End("34");
    return;
  }
  if (state == "gone") {
    r->on.close(use);
    client->Destroy();
    return;
  }
  if (state == "head") r->WriteHead(200, {{"X-H", "1"}});
  if (state == "length") {
    r->SetHeader("Content-Length", "5");
    r->Write("ab");
  }
  if (state == "ended") r->End("34");
  if (state == "destroyed") r->Destroy();
  if (state == "no body") r->status_code = 204;
  use();
  if (state == "queued") After(20, [this] { first->End("f"); });
}

std::vector<V20ResponseCalls::Named> V20ResponseCalls::Calls() {
  const auto write = [this](const Response& r, const char* data,
                            const char* name) {
    Say(Bool(r->Write(data, Told(name))));
  };
  return {
      {"write", [=](const Response& r) { write(r, "abc", "w"); }},
      {"end", [this](const Response& r) { r->End("", Told("e")); }},
      {"end data", [this](const Response& r) { r->End("xyz", Told("e")); }},
      {"write end",
       [=, this](const Response& r) {
         write(r, "abc", "w");
         r->End("de", Told("e"));
       }},
      {"end twice",
       [this](const Response& r) {
         r->End("", Told("e"));
         r->End("", Told("f"));
         r->End("more", Told("g"));
       }},
      {"end write",
       [=, this](const Response& r) {
         r->End("", Told("e"));
         write(r, "late", "w");
       }},
  };
}

std::vector<V20ResponseCalls::Named> V20ResponseCalls::HeadCalls() {
  return {{"writeHead",
           [](const Response& r) {
             r->WriteHead(201, "Made", {{"X-B", "2"}});
             r->End();
           }},
          {"setHeader",
           [](const Response& r) {
             r->SetHeader("X-A", "1");
             r->End();
           }},
          {"appendHeader",
           [](const Response& r) {
             r->AppendHeader("X-A", "1");
             r->AppendHeader("X-A", "2");
             r->End();
           }},
          {"removeHeader",
           [](const Response& r) {
             r->RemoveHeader("Connection");
             r->End();
           }},
          {"flushHeaders",
           [this](const Response& r) {
             r->FlushHeaders();
             Say(Bool(r->headers_sent()));
           }},
          {"addTrailers",
           [](const Response& r) {
             r->AddTrailers({{"X-T", "1"}});
             r->End("t");
           }},
          {"continue",
           [this](const Response& r) {
             r->WriteContinue(Told("c"));
             r->End();
           }},
          {"processing",
           [this](const Response& r) {
             r->WriteProcessing(Told("p"));
             r->End();
           }},
          {"hints", [this](const Response& r) {
             r->WriteEarlyHints({{"link", "</a>; rel=preload"}}, Told("h"));
             r->End();
           }}};
}

std::vector<V20ResponseCalls::Named> V20ResponseCalls::EndingCalls() {
  return {{"destroy", [](const Response& r) { r->Destroy(); }},
          {"destroy with",
           [](const Response& r) {
             r->Destroy(Error("Error", "mine"));
             r->Destroy(Error("Error", "second"));
           }},
          {"write destroy",
           [this](const Response& r) {
             Say(Bool(r->Write("abc", Told("w"))));
             r->Destroy();
           }},
          {"end destroy",
           [this](const Response& r) {
             r->End("abc", Told("e"));
             r->Destroy();
           }},
          {"timeout",
           [](const Response& r) { r->SetTimeout(absl::Milliseconds(15)); }},
          {"cork",
           [this](const Response& r) {
             r->Cork();
             Say(Bool(r->Write("a", Told("w"))));
             Say(Bool(r->Write("b", Told("v"))));
             r->Uncork();
             r->End();
           }},
          {"status", [](const Response& r) {
             r->status_code = 404;
             r->status_message = "Lost";
             r->End("x");
           }}};
}

void V20ResponseCalls::Next() {
  if (job == jobs.size()) {
    server->CloseAllConnections();
    server->Close();
    return;
  }
  line.clear();
  const auto& state = jobs[job].first;
  const Named& call = jobs[job].second;
  const auto the = std::make_shared<Response>();
  go = [this, the, call](const Response& r) {
    *the = r;
    Say(">");
    Try([&] { call.second(r); });
    Say("|");
  };
  client = ConnectTo(server);
  const auto text = std::make_shared<std::string>();
  client->on.data([text](absl::string_view d) { absl::StrAppend(&*text, d); });
  client->on.end([text] { *text += "~"; });
  client->on.error([text](const Error& e) { *text += Why(e); });
  if (state == "queued") {
    client->Write("GET /first HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  client->Write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  After(50, [this, the, text, state, call] {
    const Response r = *the;
    process.Log(state, call.first, " =>", line, " / ", Bool(r->headers_sent()),
                " ", Bool(r->writable_ended()), " ",
                Bool(r->writable_finished()), " ", Bool(r->destroyed()), " ",
                r->writable_bytes(), " ", Bool(r->socket() == nullptr), " cli ",
                Quoted(absl::StrReplaceAll(*text, {{"\r\n", "|"}})));
    ++job;
    client->Destroy();
    After(15, [this] { Next(); });
  });
}

TEST_P(V20ResponseCalls, Case247EachCallInEachState) {
  Serve();
  std::vector<Named> calls = Calls();
  for (Named& call : HeadCalls()) calls.push_back(std::move(call));
  for (Named& call : EndingCalls()) calls.push_back(std::move(call));
  for (const char* const state :
       {"fresh", "later", "head", "flushed", "length", "written", "ended",
        "finish", "closed", "destroyed", "gone", "queued", "no body"}) {
    for (const Named& call : calls) jobs.emplace_back(state, call);
  }
  server->on.listening([this] { Next(); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/247-response-calls"));
}

INSTANTIATE_TEST_SUITE_P(, V20ResponseCalls,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
