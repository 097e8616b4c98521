// readable.pipe(): programs of Node 20, recorded, and what a pipe that is taken
// back does.
#include "net/pipe.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/net/v20_http.h"

namespace simloop::net {
namespace {

class V20Pipe : public V20Http {};
// How much a kernel takes is a setting of the machine, and there is a timer.
class V20PipeTimed : public V20Http {};

TEST_P(V20Pipe, Case61EndsItsSinkUnlessToldOtherwise) {
  size_t got = 0;
  std::string text;
  const auto last = Server::Create(process.stack());
  last->on.connection([&](const std::shared_ptr<Socket>& s) {
    s->on.data([&](absl::string_view data) { absl::StrAppend(&text, data); });
    s->on.end([&] {
      process.Log("last", "end ", text);
      last->Close();
    });
  });
  const auto web = http::Server::Create(process.stack(), nullptr);
  web->on.request([&](const Request& q, const Response& r) {
    process.Log("web", "request ", q->method());
    q->on.end([&] { process.Log("req", "end"); });
    r->on.finish([&] { process.Log("res", "finish"); });
    Pipe(q, r);
  });
  const auto second = [&] {
    web->Listen(0, "127.0.0.1");
    web->on.listening([&] {
      http::RequestOptions options = To(web);
      options.method = "POST";
      const auto q = http::Request(process.stack(), options);
      q->on.response([&](const Request& response) {
        const auto sink =
            Connect(process.stack(), last->address()->port, "127.0.0.1");
        process.Watch(sink, "sink");
        Pipe(response, sink, /*end=*/false);
        response->on.end([&, s = sink.get()] {
          process.Log("response", "end");
          s->End(".");
        });
      });
      q->on.close([&] { web->Close(); });
      q->Write("abc");
      q->End("def");
    });
  };
  const auto server = Server::Create(process.stack());
  server->on.connection([&](const std::shared_ptr<Socket>& s) {
    process.Watch(s, "srv.sock");
    Pipe(s, s);
    s->on.finish([&] { process.Log("srv.sock", "finished"); });
    s->on.close([&](bool) { server->Close(); });
  });
  process.Watch(server, "server");
  server->Listen(0, "127.0.0.1");
  last->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto client =
        Connect(process.stack(), server->address()->port, "127.0.0.1");
    Socket* const c = client.get();
    process.Watch(client, "client");
    c->on.data([&](absl::string_view data) { got += data.size(); });
    c->on.connect([c] {
      c->Write("hello");
      c->End(" world");
    });
    c->on.end([&] { process.Log("client", "got ", got); });
    c->on.close([&](bool) { second(); });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/61-pipe"));
}

TEST_P(V20PipeTimed, Case62PausesForASinkThatIsSlow) {
  constexpr size_t kPieceBytes = 65536;
  constexpr int kPieces = 300;
  size_t got = 0;
  int pauses = 0;
  int drains = 0;
  Server::Options paused;
  paused.pause_on_connect = true;
  const auto reader = Server::Create(process.stack(), paused);
  reader->on.connection([&](const std::shared_ptr<Socket>& socket) {
    Socket* const s = socket.get();
    s->on.data([&](absl::string_view data) { got += data.size(); });
    s->Pause();
    process.loop().SetTimeout(absl::Milliseconds(50), [&, s] {
      process.Log("reader", "resume()");
      s->Resume();
    });
    s->on.end([&] {
      process.Log("reader", "end got=", got);
      reader->Close();
    });
  });
  const auto relay = Server::Create(process.stack());
  relay->on.connection([&](const std::shared_ptr<Socket>& s) {
    const auto out =
        Connect(process.stack(), reader->address()->port, "127.0.0.1");
    s->on.pause([&] {
      if (++pauses == 1) process.Log("relay", "pause");
    });
    out->on.drain([&] {
      if (++drains == 1) process.Log("relay", "drain");
    });
    s->on.end([&] {
      process.Log("relay", "end paused=", Bool(pauses > 0),
                  " drained=", Bool(drains > 0));
    });
    out->on.close([&](bool) {
      process.Log("out", "close");
      relay->Close();
    });
    Pipe(s, out);
  });
  reader->Listen(0, "127.0.0.1");
  reader->on.listening([&] {
    relay->Listen(0, "127.0.0.1");
    relay->on.listening([&] {
      const auto c =
          Connect(process.stack(), relay->address()->port, "127.0.0.1");
      const std::string piece(kPieceBytes, 'A');
      for (int i = 0; i < kPieces; ++i) c->Write(piece);
      c->End();
      c->on.finish([&] { process.Log("client", "finish"); });
    });
  });
  EXPECT_EQ(process.Run(), RecordedLines("v20/62-pipe-slow-sink"));
}

TEST_P(V20Pipe, PassesNothingOnOnceItIsTakenBack) {
  std::string got;
  std::string echoed;
  const auto server = Server::Create(process.stack());
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    Socket* const s = socket.get();
    const auto piping = Pipe(socket, socket);
    s->on.data([&, s, piping](absl::string_view data) {
      absl::StrAppend(&got, data);
      piping->Unpipe();
      piping->Unpipe();
      s->Resume();  // without a sink it is paused
      s->Write("!");
    });
    s->on.end([s] { s->End(); });
  });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto client =
        Connect(process.stack(), server->address()->port, "127.0.0.1");
    Socket* const c = client.get();
    c->Write("one");
    c->on.data([&, c](absl::string_view data) {
      absl::StrAppend(&echoed, data);
      if (echoed == "one!") c->End("two");
    });
    c->on.close([&](bool) { server->Close(); });
  });
  process.Run();
  EXPECT_EQ(got, "onetwo");
  EXPECT_EQ(echoed, "one!!");
}

TEST_P(V20Pipe, IsUndoneByASinkThatCloses) {
  std::shared_ptr<Piping<Socket, Socket>> piping;
  const auto server = Server::Create(process.stack());
  server->on.connection([&](const std::shared_ptr<Socket>& s) {
    s->on.data([s](absl::string_view) { s->Destroy(); });
  });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    const auto source =
        Connect(process.stack(), server->address()->port, "127.0.0.1");
    const auto sink =
        Connect(process.stack(), server->address()->port, "127.0.0.1");
    piping = Pipe(source, sink);
    sink->Write("destroy me");
    sink->on.close([&, s = source.get()](bool) {
      EXPECT_FALSE(piping->joined());
      s->Destroy();
      server->Close();
    });
    EXPECT_TRUE(piping->joined());
  });
  process.Run();
  ASSERT_NE(piping, nullptr);
  EXPECT_FALSE(piping->joined());
}

INSTANTIATE_TEST_SUITE_P(, V20Pipe, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20PipeTimed, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
