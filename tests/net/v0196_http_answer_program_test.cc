// What a server of Node v0.1.96 makes of requests, and of programs that answer
// them oddly: who is told what, in which order, and what goes to the socket in
// how many pieces.
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "net/http_server.h"
#include "tests/net/http_test.h"
#include "tests/net/http_watch.h"

namespace simloop::net {
namespace {

class V0196Answer : public PlainNetTest<loop::Discipline::kV0196> {
 protected:
  // Listens; a client writes `text` when it is connected, prints each 'data',
  // ends when the server ends, and closes the server when it is closed.
  void Serve(const std::string& text, http::Server::RequestListener listener) {
    server = http::Server::Create(process.stack(), std::move(listener));
    server->on.client_error([this](const Error& error, const auto&) {
      process.Log("server", "clientError ", error.message());
    });
    server->Listen(0);
    server->on.listening([this, text] {
      client = Connect(process.stack(), server->address()->port);
      Socket* const c = client.get();
      c->on.connect([c, text] { c->Write(text); });
      c->on.data([this](absl::string_view data) {
        process.Log("client", "data ", Quoted(data));
      });
      c->on.end([this, c] {
        process.Log("client", "end");
        c->End();
      });
      c->on.error([this](const Error& error) {
        process.Log("client", "error ", Described(error));
      });
      c->on.close([this](bool had_error) {
        process.Log("client", "close ", Bool(had_error));
        server->Close();
      });
    });
  }
  void LogUncaught() {
    process.loop().SetUncaughtHandler([this](std::exception_ptr thrown) {
      try {
        std::rethrow_exception(thrown);
      } catch (const Error& error) {
        process.Log("process", "uncaught ", error.message());
      }
    });
  }
  // The lines of strace that name `call`.
  std::vector<std::string> Calls(absl::string_view call) {
    std::vector<std::string> found;
    const std::string all = process.system_calls();
    size_t begin = 0;
    while (begin < all.size()) {
      const size_t end = all.find('\n', begin);
      const std::string line = all.substr(begin, end - begin);
      if (line.rfind(std::string(call) + "(", 0) == 0) found.push_back(line);
      begin = end == std::string::npos ? all.size() : end + 1;
    }
    return found;
  }

  std::shared_ptr<http::Server> server;
  std::shared_ptr<Socket> client;
};

// Those with timers run in virtual time only.
class V0196AnswerTimed : public V0196Answer {};

constexpr char kGet[] = "GET / HTTP/1.1\r\n\r\n";

TEST_P(V0196Answer, SendsHeadBodyAndLastChunkAsOnePiece) {
  Serve(kGet, [&](const Request&, const Response& r) {
    WatchEvent(process, r->on.sent, "s.res", "sent");
    r->WriteHead(200, {{"Connection", "close"}});
    r->End("hello");
  });
  EXPECT_EQ(process.Run(),
            R"(  1 s.res    sent
  2 client   data "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
  3 client   end
  4 client   close false
  5 process  exit
)");
  EXPECT_EQ(Calls("write").size(), 2u);  // the request and the response
}

// What is flushed is the first write, with the second; the rest as it comes.
TEST_P(V0196Answer, KeepsTheFirstWriteUntilTheSecond) {
  Serve(kGet, [&](const Request&, const Response& r) {
    r->WriteHead(200, {{"Content-Length", "4"}, {"Connection", "close"}});
    r->Write("a");
    process.Log("s.res", "one written");
    r->Write("b");
    r->Write("c");
    r->End("d");
  });
  EXPECT_EQ(process.Run(),
            R"(  1 s.res    one written
  2 client   data "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nabcd"
  3 client   end
  4 client   close false
  5 process  exit
)");
  const std::vector<std::string> writes = Calls("write");
  ASSERT_EQ(writes.size(), 4u);
  EXPECT_NE(writes[1].find("\\r\\n\\r\\nab\""), std::string::npos);
  EXPECT_NE(writes[2].find("\"c\""), std::string::npos);
  EXPECT_NE(writes[3].find("\"d\""), std::string::npos);
}

TEST_P(V0196Answer, FlushesWhenTold) {
  Serve(kGet, [&](const Request&, const Response& r) {
    r->WriteHead(200, {{"Content-Length", "1"}, {"Connection", "close"}});
    r->Flush();
    r->End("a");
  });
  process.Run();
  EXPECT_EQ(Calls("write").size(), 3u);
}

TEST_P(V0196Answer, ThrowsForABodyWithoutAHeadAndWhereNoneMayBe) {
  Serve(kGet, [&](const Request&, const Response& r) {
    try {
      r->Write("x");
    } catch (const Error& error) {
      process.Log("s.res", error.message());
    }
    r->WriteHead(304, {{"Connection", "close"}});
    try {
      r->End("x");
    } catch (const Error& error) {
      process.Log("s.res", error.message());
    }
    r->End();
  });
  EXPECT_EQ(process.Run(),
            R"(  1 s.res    writeHead() must be called before write()
  2 s.res    This type of response MUST NOT have a body.
  3 client   data "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
  4 client   end
  5 client   close false
  6 process  exit
)");
}

// 'sent', and nothing sent.
TEST_P(V0196AnswerTimed, EndsWithoutAHead) {
  Serve(kGet, [&](const Request&, const Response& r) {
    WatchEvent(process, r->on.sent, "s.res", "sent");
    r->End();
    After(process, 10, [&] {
      process.Log("client", "gives up");
      client->Destroy();
    });
  });
  EXPECT_EQ(process.Run(),
            R"(  1 s.res    sent
  2 client   gives up
  3 client   close false
  4 process  exit
)");
}

TEST_P(V0196Answer, SendsASecondHeadAndItsOwnWordsForAStatus) {
  Serve("HEAD / HTTP/1.0\r\n\r\n", [&](const Request&, const Response& r) {
    r->WriteHead(302);
    r->WriteHead(422, {{"X-Proxy-Connection", "Closed"}});
    r->End("the body of a HEAD");
  });
  EXPECT_EQ(
      process.Run(),
      R"(  1 client   data "HTTP/1.1 302 Moved Temporarily\r\nConnection: close\r\n\r\nHTTP/1.1 422 unknown\r\nX-Proxy-Connection: Closed\r\n\r\nthe body of a HEAD"
  2 client   end
  3 client   close false
  4 process  exit
)");
}

// HTTP/1.0 is kept where it asks for it and a length is given.
TEST_P(V0196AnswerTimed, KeepsAnOldConnectionWithALength) {
  Serve(
      "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\nTE: chunked\r\n\r\n",
      [&](const Request& q, const Response& r) {
        process.Log("server", "request ", q->url());
        if (q->url() == "/1") {
          r->WriteHead(200, {{"Content-Length", "2"}});
          r->End("ok");
          After(process, 5, [&] {
            client->Write("GET /2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
          });
        } else {
          r->WriteHead(200);
          r->End("ok");
        }
      });
  EXPECT_EQ(process.Run(),
            R"(  1 server   request /1
  2 client   data "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"
  3 server   request /2
  4 client   data "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok"
  5 client   end
  6 client   close false
  7 process  exit
)");
}

// Answered in reverse; a response that ends twice before its turn has come
// sends the last chunk twice.
TEST_P(V0196Answer, HoldsLaterResponsesBack) {
  std::vector<Response> responses;
  Serve("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n",
        [&](const Request& q, const Response& r) {
          const std::string url = q->url();
          process.Log("server", "request ", url);
          WatchEvent(process, q->on.end, "s.req", "end " + url);
          WatchEvent(process, r->on.sent, "s.res", "sent " + url);
          responses.push_back(r);
          if (responses.size() < 3) return;
          for (int i = 2; i >= 0; --i) {
            process.Log("s.res", "end() ", i + 1);
            responses[i]->WriteHead(
                200, {{"Connection", i == 2 ? "close" : "keep-alive"}});
            responses[i]->End(absl::StrCat(i + 1));
            if (i == 1) responses[i]->End();
          }
        });
  const std::string head =
      "HTTP/1.1 200 OK\\r\\nConnection: keep-alive\\r\\nTransfer-Encoding: "
      "chunked\\r\\n\\r\\n1\\r\\n";
  EXPECT_EQ(process.Run(),
            absl::StrCat(R"(  1 server   request /1
  2 s.req    end /1
  3 server   request /2
  4 s.req    end /2
  5 server   request /3
  6 s.res    end() 3
  7 s.res    end() 2
  8 s.res    end() 1
  9 s.res    sent /1
 10 s.res    sent /2
 11 s.res    sent /3
 12 s.req    end /3
 13 client   data ")",
                         head, "1\\r\\n0\\r\\n\\r\\n", head,
                         "2\\r\\n0\\r\\n\\r\\n0\\r\\n\\r\\n",
                         "HTTP/1.1 200 OK\\r\\nConnection: "
                         "close\\r\\nTransfer-Encoding: "
                         "chunked\\r\\n\\r\\n1\\r\\n3\\r\\n0\\r\\n\\r\\n",
                         R"("
 14 client   end
 15 client   close false
 16 process  exit
)"));
  EXPECT_EQ(Calls("write").size(), 4u);
}

// Nobody is told: no error, no answer.
TEST_P(V0196Answer, ClosesSilentlyWhatEndsInAHead) {
  Serve("GET / HTTP/1.1\r\nHo", [&](const Request&, const Response&) {
    process.Log("server", "request");
  });
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    socket->on.close([&](bool had_error) {
      process.Log("s.sock", "close ", Bool(had_error));
    });
    client->End();
  });
  EXPECT_EQ(process.Run(), R"(  1 s.sock   close false
  2 client   end
  3 client   close false
  4 process  exit
)");
}

// The rest of what was read is lost, and the parser goes on.
TEST_P(V0196AnswerTimed, HearsTheNextRequestAfterAnException) {
  LogUncaught();
  int requests = 0;
  Serve("GET /1 HTTP/1.1\r\n\r\nGET /lost HTTP/1.1\r\n\r\n",
        [&](const Request& q, const Response&) {
          process.Log("server", "request ", q->url());
          if (++requests == 1) {
            After(process, 10,
                  [&] { client->Write("GET /2 HTTP/1.1\r\n\r\n"); });
          } else {
            client->Destroy();
          }
          throw Error("", "boom");
        });
  EXPECT_EQ(process.Run(), R"(  1 server   request /1
  2 process  uncaught boom
  3 server   request /2
  4 process  uncaught boom
  5 client   close false
  6 process  exit
)");
}

TEST_P(V0196Answer, JoinsAllFieldsOfAName) {
  Serve(
      "GET / HTTP/1.1\r\nCookie: a\r\nCookie: b\r\nHost: x\r\nHost: y\r\n"
      "X-Empty:\r\nAccept: z\r\n\r\n",
      [&](const Request& q, const Response& r) {
        for (const auto& field : q->headers().fields()) {
          process.Log("s.req", field.name, "=", field.value);
        }
        r->WriteHead(200, {{"Connection", "close"}});
        r->End();
      });
  EXPECT_EQ(process.Run(),
            R"(  1 s.req    cookie=a, b
  2 s.req    host=x, y
  3 s.req    x-emptyaccept=z
  4 client   data "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
  5 client   end
  6 client   close false
  7 process  exit
)");
}

// Upgrade alone makes one.
TEST_P(V0196Answer, UpgradesWithoutConnectionUpgrade) {
  Serve("GET /u HTTP/1.1\r\nUpgrade: x\r\n\r\nhead",
        [&](const Request&, const Response&) {
          process.Log("server", "request");
        });
  server->on.upgrade([&](const Request& q,
                         const std::shared_ptr<Socket>& socket,
                         absl::string_view head) {
    process.Log("server", "upgrade ", q->url(), " ", head);
    socket->End("raw");
  });
  EXPECT_EQ(process.Run(), R"(  1 server   upgrade /u head
  2 client   data "raw"
  3 client   end
  4 client   close false
  5 process  exit
)");
}

// Those that came with the one that destroys its connection are announced.
TEST_P(V0196Answer, AnnouncesWhatCameBeforeItDestroyed) {
  Serve("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nBOGUS",
        [&](const Request& q, const Response& r) {
          process.Log("server", "request ", q->url(), " ",
                      q->socket()->ready_state());
          WatchEvent(process, q->on.end, "s.req", "end");
          WatchEvent(process, r->on.sent, "s.res", "sent");
          q->socket()->Destroy();
          r->WriteHead(200);
          r->End("lost");
        });
  EXPECT_EQ(process.Run(), R"(  1 server   request /1 open
  2 s.req    end
  3 server   request /2 closed
  4 s.req    end
  5 client   end
  6 client   close false
  7 process  exit
)");
}

// 'timeout' comes to the program, too, with the socket destroyed before.
TEST_P(V0196AnswerTimed, DestroysWhatIsIdleForTwoMinutes) {
  Serve("GET / HTTP/1.1\r\n", [&](const Request&, const Response&) {});
  server->on.connection([&](const std::shared_ptr<Socket>& socket) {
    Socket* const s = socket.get();
    s->on.timeout([&, s] {
      process.Log("s.sock", "timeout ", s->ready_state(), " after ",
                  absl::ToInt64Seconds(process.loop().Now() - loop::Instant()),
                  " s");
    });
  });
  EXPECT_EQ(process.Run(), R"(  1 s.sock   timeout closed after 120 s
  2 client   end
  3 client   close false
  4 process  exit
)");
}

INSTANTIATE_TEST_SUITE_P(Kernels, V0196Answer, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(Kernels, V0196AnswerTimed,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
