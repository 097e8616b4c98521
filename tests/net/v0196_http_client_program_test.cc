// What the http client of Node v0.1.96 does with servers that answer well,
// badly or not at all: the events of the client, its requests and responses.
#include <functional>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "net/http_cat.h"
#include "net/http_old_client.h"
#include "net/http_server.h"
#include "tests/net/http_test.h"
#include "tests/net/http_watch.h"

namespace simloop::net {
namespace {

class V0196Client : public PlainNetTest<loop::Discipline::kV0196> {
 protected:
  // A server that speaks bytes: `accepted` is called with each connection.
  void Serve(std::function<void(Socket*)> accepted,
             std::function<void()> listening) {
    server = Server::Create(process.stack());
    server->on.connection([accepted](const std::shared_ptr<Socket>& socket) {
      Socket* const s = socket.get();
      s->on.end([s] { s->End(); });
      accepted(s);
    });
    server->Listen(0);
    server->on.listening([this, listening] {
      client =
          http::OldClient::Create(process.stack(), server->address()->port);
      WatchEvent(process, client->on.connect, "c.sock", "connect");
      client->on.end(
          [this] { process.Log("c.sock", "end ", client->ready_state()); });
      client->on.error([this](const Error& error) {
        process.Log(
            "c.sock", "error ",
            error.syscall().empty() ? error.message() : Described(error));
      });
      client->on.close([this](bool had_error) {
        process.Log("c.sock", "close ", Bool(had_error), " ",
                    client->ready_state());
      });
      listening();
    });
  }
  std::shared_ptr<http::OldRequest> Get(const std::string& path,
                                        std::function<void()> ended = nullptr) {
    const auto q = client->Request("GET", path);
    WatchEvent(process, q->on.sent, "c.req", "sent " + path);
    q->on.response([this, path, ended](const Request& r) {
      process.Log("c.req", "response ", path, " ", r->status_code());
      r->on.data([this](absl::string_view d) {
        process.Log("c.res", "data ", Quoted(d));
      });
      r->on.end([this, path, ended] {
        process.Log("c.res", "end ", path);
        if (ended != nullptr) ended();
      });
    });
    return q;
  }
  // The bytes that are answered, and then the end.
  static std::function<void(Socket*)> Answer(std::string text) {
    return [text](Socket* s) {
      s->on.data([s, text](absl::string_view) { s->End(text); });
    };
  }

  std::shared_ptr<Server> server;
  std::shared_ptr<http::OldClient> client;
};

// Those with timers run in virtual time only.
class V0196ClientTimed : public V0196Client {};

// The request that is not answered hears nothing; the next has another
// connection.
TEST_P(V0196Client, SendsTheNextRequestWhenOneIsNotAnswered) {
  int connections = 0;
  Serve(
      [&](Socket* s) {
        const bool first = ++connections == 1;
        s->on.data([s, first](absl::string_view) {
          s->End(first ? "" : "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nb");
        });
      },
      [&] {
        Get("/a")->End();
        Get("/b", [&] { server->Close(); })->End();
      });
  EXPECT_EQ(process.Run(), R"(  1 c.req    sent /a
  2 c.sock   connect
  3 c.sock   end writeOnly
  4 c.sock   close false opening
  5 c.req    sent /b
  6 c.sock   connect
  7 c.req    response /b 200
  8 c.res    data "b"
  9 c.sock   end writeOnly
 10 c.res    end /b
 11 c.sock   close false closed
 12 process  exit
)");
}

TEST_P(V0196Client, HearsNoEndOfAResponseThatIsCutShort) {
  Serve(Answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), [&] {
    Get("/")->End();
    client->on.close([&](bool) { server->Close(); });
  });
  EXPECT_EQ(process.Run(), R"(  1 c.req    sent /
  2 c.sock   connect
  3 c.req    response / 200
  4 c.res    data "half"
  5 c.sock   end writeOnly
  6 c.sock   close false closed
  7 process  exit
)");
}

// Of a connection that is kept a response without a length has no body: what
// follows is no response.
TEST_P(V0196Client, TakesAKeptResponseWithoutALengthForEmpty) {
  Serve(Answer("HTTP/1.1 200 OK\r\n\r\nbody"), [&] {
    Get("/")->End();
    client->on.close([&](bool) { server->Close(); });
  });
  EXPECT_EQ(process.Run(), R"(  1 c.req    sent /
  2 c.sock   connect
  3 c.req    response / 200
  4 c.res    end /
  5 c.sock   error Parse Error
  6 c.sock   close true closed
  7 process  exit
)");
}

// HTTP/1.0, or Connection: close: until the end, whatever the status.
TEST_P(V0196Client, ReadsAClosedResponseToTheEnd) {
  int connections = 0;
  Serve(
      [&](Socket* s) {
        const char* const text =
            ++connections == 1 ? "HTTP/1.0 200 OK\r\n\r\none"
                               : "HTTP/1.1 304 N\r\nConnection: close\r\n\r\n";
        s->on.data([s, text](absl::string_view) { s->End(text); });
      },
      [&] {
        Get("/1")->End();
        Get("/2", [&] { server->Close(); })->End();
      });
  EXPECT_EQ(process.Run(), R"(  1 c.req    sent /1
  2 c.sock   connect
  3 c.req    response /1 200
  4 c.res    data "one"
  5 c.sock   end writeOnly
  6 c.res    end /1
  7 c.sock   close false opening
  8 c.req    sent /2
  9 c.sock   connect
 10 c.req    response /2 304
 11 c.sock   end writeOnly
 12 c.res    end /2
 13 c.sock   close false closed
 14 process  exit
)");
}

// A response to HEAD is taken to have the body it announces.
TEST_P(V0196Client, WaitsForTheBodyOfAHead) {
  Serve(Answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), [&] {
    const auto q = client->Request("HEAD", "/");
    q->on.response([&](const Request& r) {
      process.Log("c.req", "response");
      WatchEvent(process, r->on.end, "c.res", "end");
    });
    q->End();
    client->on.close([&](bool) { server->Close(); });
  });
  EXPECT_EQ(process.Run(), R"(  1 c.sock   connect
  2 c.req    response
  3 c.sock   end writeOnly
  4 c.sock   close false closed
  5 process  exit
)");
}

TEST_P(V0196Client, DestroysWhatIsNoResponse) {
  Serve(Answer("BOGUS\r\n\r\n"), [&] {
    Get("/")->End();
    Get("/never")->End();
    client->on.close([&](bool) { server->Close(); });
  });
  EXPECT_EQ(process.Run(), R"(  1 c.req    sent /
  2 c.sock   connect
  3 c.sock   error Parse Error
  4 c.sock   close true closed
  5 process  exit
)");
}

// The state is "closed" in 'end' if the client has ended before: a request that
// ends there connects at once, and 'close' of the old connection comes after.
TEST_P(V0196Client, ConnectsInEnd) {
  Serve(Answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"), [&] {
    Get("/1")->End();
    bool again = true;
    client->on.end([&, again]() mutable {
      if (!std::exchange(again, false)) return;
      Get("/2", [&] { server->Close(); })->End();
      process.Log("c", "/2 queued ", client->ready_state());
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 c.req    sent /1
  2 c.sock   connect
  3 c.req    response /1 200
  4 c.res    data "x"
  5 c.res    end /1
  6 c.sock   end closed
  7 c        /2 queued opening
  8 c.sock   close false opening
  9 c.req    sent /2
 10 c.sock   connect
 11 c.req    response /2 200
 12 c.res    data "x"
 13 c.res    end /2
 14 c.sock   end closed
 15 c.sock   close false closed
 16 process  exit
)");
}

// One write connects nobody; the second does. A request that ends twice is
// 'sent' twice, and one that is answered and ends again is the connection's
// end.
TEST_P(V0196Client, FlushesWithTheSecondWrite) {
  Serve(Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), [&] {
    const auto q = client->Request("POST", "/");
    WatchEvent(process, q->on.sent, "c.req", "sent");
    q->Write("a");
    process.Log("c.req", "one ", client->ready_state());
    q->Write("b");
    process.Log("c.req", "two ", client->ready_state());
    client->on.connect([q] {
      q->End();
      q->End();
    });
    int closes = 0;
    client->on.close([&, q, closes](bool) mutable {
      if (++closes == 1) {
        q->End();
      } else {
        server->Close();
      }
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 c.req    one closed
  2 c.req    two opening
  3 c.sock   connect
  4 c.req    sent
  5 c.req    sent
  6 c.sock   end closed
  7 c.sock   close false closed
  8 c.sock   error Cannot call method 'flush' of undefined
  9 c.sock   close true closed
 10 process  exit
)");
}

// As many responses as come are those of the one request.
TEST_P(V0196Client, AnnouncesContinueAsAResponse) {
  Serve(Answer("HTTP/1.1 100 Continue\r\n\r\n"
               "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
        [&] {
          Get("/")->End();
          client->on.close([&](bool) { server->Close(); });
        });
  EXPECT_EQ(process.Run(), R"(  1 c.req    sent /
  2 c.sock   connect
  3 c.req    response / 100
  4 c.res    end /
  5 c.req    response / 200
  6 c.res    data "x"
  7 c.res    end /
  8 c.sock   end closed
  9 c.sock   close false closed
 10 process  exit
)");
}

TEST_P(V0196ClientTimed, GivesAnUpgradedConnectionToTheProgram) {
  Serve(
      [&](Socket* s) {
        s->on.data([s](absl::string_view) {
          s->Write("HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\nhead");
        });
        s->on.data.Once([this, s](absl::string_view) {
          After(process, 5, [s] { s->End("raw"); });
        });
      },
      [&] {
        Get("/", [&] {
          process.Log("c.res", "upgradeHead ", client->upgrade_head());
          client->on.data(
              [&](absl::string_view d) { process.Log("c.sock", "data ", d); });
        })->End();
        client->on.end([&] { client->End(); });
        client->on.close([&](bool) { server->Close(); });
      });
  EXPECT_EQ(process.Run(), R"(  1 c.req    sent /
  2 c.sock   connect
  3 c.req    response / 101
  4 c.res    end /
  5 c.res    upgradeHead head
  6 c.sock   data raw
  7 c.sock   end writeOnly
  8 c.sock   close false closed
  9 process  exit
)");
}

// Four pages: one that is there, one that is not, one that ends too early, and
// one where nobody listens.
TEST_P(V0196Client, CatsBodies) {
  server = Server::Create(process.stack());
  int left = 4;
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    Socket* const s = socket.get();
    s->on.end([s] { s->End(); });
    s->on.data([&, s](absl::string_view data) {
      process.Log("server", "got ", Quoted(data));
      s->End(data.find("/gone") != absl::string_view::npos
                 ? "HTTP/1.1 404 N\r\nContent-Length: 0\r\n\r\n"
             : data.find("/half") != absl::string_view::npos
                 ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbo"
                 : "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody");
    });
  });
  server->Listen(0);
  const auto cat = [&](uint16_t port, const std::string& rest) {
    http::Cat(
        process.stack(), absl::StrCat("http://127.0.0.1:", port, rest),
        {{"Accept", "a"}, {"Host", "b"}},
        [&, rest](const http::CatFailure* failure, absl::string_view body) {
          process.Log("cat", rest, " ",
                      failure == nullptr ? Quoted(body)
                      : failure->error.has_value()
                          ? Described(*failure->error)
                          : absl::StrCat(failure->status));
          if (--left == 0) server->Close();
        });
  };
  server->on.listening([&] {
    const uint16_t port = server->address()->port;
    cat(port, "");
    cat(port, "/gone?a=b#c");
    cat(port, "/half");
    cat(process.UnusedPort(), "/refused");
  });
  const std::string fields =
      " HTTP/1.1\\r\\nAccept: a\\r\\nHost: 127.0.0.1\\r\\nConnection: "
      "close\\r\\n\\r\\n\"\n";
  EXPECT_EQ(
      process.Run(),
      absl::StrCat("  1 cat      /refused ECONNREFUSED syscall=connect\n",
                   "  2 server   got \"GET /half", fields,
                   "  3 server   got \"GET /gone?a=b#c", fields,
                   "  4 server   got \"GET /", fields,
                   "  5 cat      /gone?a=b#c 404\n", "  6 cat       \"body\"\n",
                   "  7 cat      /half \"Connection closed unexpectedly\"\n",
                   "  8 process  exit\n"));
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Client, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, V0196ClientTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
