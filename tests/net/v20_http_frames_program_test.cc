// A program of Node 20 whose server frames answers in each way that their
// request, status and fields allow, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/net/v20_calls.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpFrames : public V20Calls {
 protected:
  using Use = std::function<void(const Response&, int status)>;
  struct Ask {
    const char* method;
    const char* version;
    const char* field;
  };
  // A name and a value; or what is done else.
  using Field = std::pair<std::string, std::string>;
  struct Job {
    Ask ask;
    int status;
    std::vector<Field> fields;
    std::pair<std::string, Use> way;
  };
  struct Note {
    std::string say;
    std::string text;
    Response response;
    SocketHandle client;
  };

  static std::vector<std::pair<std::string, Use>> Ways();
  static std::vector<std::vector<Field>> Fields();
  void MakeJobs();
  static void Prepare(const Response& r, const std::vector<Field>& fields);
  void Answer(size_t i, const Response& r);
  void Send(size_t i);
  void Print(size_t i);
  void Batch(size_t from);

  std::shared_ptr<http::Server> server;
  std::vector<Job> jobs;
  std::vector<Note> notes;
};

std::vector<std::pair<std::string, V20HttpFrames::Use>> V20HttpFrames::Ways() {
  return {{"end", [](const Response& r, int) { r->End(); }},
          {"end data", [](const Response& r, int) { r->End("abc"); }},
          {"write end",
           [](const Response& r, int) {
             r->Write("ab");
             r->End("c");
           }},
          {"flush end",
           [](const Response& r, int) {
             r->FlushHeaders();
             r->End("abc");
           }},
          {"head end",
           [](const Response& r, int status) {
             r->WriteHead(status);
             r->End("abc");
           }},
          {"trailers", [](const Response& r, int) {
             r->SetHeader("Trailer", "X-T");
             r->Write("a");
             r->AddTrailers({{"X-T", "1"}});
             r->End();
           }}};
}

std::vector<std::vector<V20HttpFrames::Field>> V20HttpFrames::Fields() {
  const Field length = {"Content-Length", "3"};
  const Field close = {"Connection", "close"};
  const Field keep = {"Connection", "keep-alive"};
  const Field nine = {"Keep-Alive", "timeout=9"};
  const Field chunked = {"Transfer-Encoding", "chunked"};
  const Field no_length = {"no length", ""};
  const Field no_coding = {"no coding", ""};
  return {{},
          {length},
          {{"Content-Length", "5"}},
          {chunked},
          {{"Transfer-Encoding", "gzip"}},
          {{"Transfer-Encoding", "gzip, chunked"}},
          {close},
          {keep},
          {{"Connection", "upgrade, close"}},
          {{"Connection", "X-Foo"}},
          {close, length},
          {nine},
          {keep, nine},
          {length, chunked},
          {no_length},
          {no_coding},
          {{"no connection", ""}},
          {no_length, no_coding},
          {{"not kept", ""}}};
}

// Not all of them, but each pair.
void V20HttpFrames::MakeJobs() {
  const std::vector<Ask> asks = {
      {"GET", "1.1", ""},
      {"GET", "1.1", "Connection: close"},
      {"GET", "1.1", "Connection: keep-alive"},
      {"GET", "1.0", ""},
      {"GET", "1.0", "Connection: keep-alive"},
      {"GET", "1.0", "TE: chunked"},
      {"HEAD", "1.1", ""},
      {"HEAD", "1.0", ""},
      {"POST", "1.1", "Connection: upgrade, keep-alive"}};
  const std::vector<int> statuses = {200, 204, 304, 404, 205};
  const auto fields = Fields();
  const auto ways = Ways();
  for (size_t a = 0; a < asks.size(); ++a) {
    for (size_t s = 0; s < statuses.size(); ++s) {
      for (size_t f = 0; f < fields.size(); ++f) {
        for (size_t w = 0; w < ways.size(); ++w) {
          if (a > 0 && (a + f + w + s) % 11 != 0) continue;
          if (s > 0 && (f + w) % 3 != 0) continue;
          jobs.push_back({asks[a], statuses[s], fields[f], ways[w]});
        }
      }
    }
  }
  notes.resize(jobs.size());
}

void V20HttpFrames::Prepare(const Response& r,
                            const std::vector<Field>& fields) {
  for (const auto& [name, value] : fields) {
    if (name == "no length") {
      r->RemoveHeader("content-length");
    } else if (name == "no coding") {
      r->RemoveHeader("transfer-encoding");
    } else if (name == "no connection") {
      r->RemoveHeader("connection");
    } else if (name == "not kept") {
      r->set_should_keep_alive(false);
    } else {
      r->SetHeader(name, value);
    }
  }
}

void V20HttpFrames::Answer(size_t i, const Response& r) {
  const Job& job = jobs[i];
  Note& note = notes[i];
  r->send_date = false;
  r->status_code = job.status;
  note.response = r;
  r->on.error([&note](const Error& e) { note.say += " error:" + e.code(); });
  try {
    Prepare(r, job.fields);
    job.way.second(r, job.status);
  } catch (const Error& e) {
    note.say += " throws:" + Why(e);
    r->Destroy();
  }
}

void V20HttpFrames::Send(size_t i) {
  const Ask& ask = jobs[i].ask;
  Note& note = notes[i];
  const SocketHandle c = ConnectTo(server);
  note.client = c;
  c->on.data([&note](absl::string_view d) { absl::StrAppend(&note.text, d); });
  c->on.end([&note] { note.text += "~"; });
  c->on.error([&note](const Error& e) { note.text += "!" + e.code(); });
  const absl::string_view field = ask.field;
  c->Write(absl::StrCat(
      ask.method, " /", i, " HTTP/", ask.version, "\r\nHost: a\r\n", field,
      field.empty() ? "" : "\r\n",
      std::string(ask.method) == "POST" ? "Content-Length: 0\r\n" : "",
      "\r\n"));
}

void V20HttpFrames::Print(size_t i) {
  const Job& job = jobs[i];
  Note& note = notes[i];
  const std::string fields =
      absl::StrJoin(job.fields, "; ", [](std::string* out, const Field& field) {
        absl::StrAppend(out, field.first, field.second.empty() ? "" : ": ",
                        field.second);
      });
  process.Log(job.ask.method, job.ask.version, " ", job.ask.field, " ",
              job.status, " [", fields, "] ", job.way.first, " =>", note.say,
              " ", Quoted(absl::StrReplaceAll(note.text, {{"\r\n", "|"}})), " ",
              Bool(note.response->should_keep_alive()));
  note.client->Destroy();
}

// A hundred at a time.
void V20HttpFrames::Batch(size_t from) {
  if (from >= jobs.size()) {
    server->Close();
    return;
  }
  const size_t to = std::min(from + 100, jobs.size());
  for (size_t i = from; i < to; ++i) Send(i);
  After(600, [this, from, to] {
    for (size_t i = from; i < to; ++i) Print(i);
    After(50, [this, to] { Batch(to); });
  });
}

TEST_P(V20HttpFrames, Case249EachFraming) {
  MakeJobs();
  server = http::Server::Create(
      process.stack(), [this](const Request& q, const Response& r) {
        size_t i = 0;
        ASSERT_TRUE(absl::SimpleAtoi(q->url().substr(1), &i));
        Answer(i, r);
      });
  server->on.listening([this] { Batch(0); });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/249-answer-frames"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpFrames, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
