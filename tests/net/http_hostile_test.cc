// Malformed and hostile http: the server makes of it what Node makes of it,
// however it is cut, and what it keeps of it is bounded.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "net/http_parser.h"
#include "tests/net/http_hostile_inputs.h"
#include "tests/net/http_test.h"

namespace simloop::net {
namespace {

// What a server made of some bytes.
struct Outcome {
  std::vector<std::string> errors;
  std::vector<std::string> requests;
  std::vector<std::string> statuses;
  bool ended = false;
};

class Hostile : public ModernHttp {
 protected:
  // One connection, which writes `bytes` in pieces of `piece_bytes`, a
  // millisecond apart, and then waits for a quarter of a second.
  Outcome Try(const std::string& bytes, bool listens,
              size_t piece_bytes = std::string::npos) {
    Outcome outcome;
    const std::unique_ptr<BackEnd> machine = GetParam().make();
    NodeProcess fresh(*machine, loop::Discipline::kModern);
    const auto one = http::Server::Create(
        fresh.stack(), [&](const Request& q, const Response& r) {
          outcome.requests.push_back(absl::StrCat(q->method(), " ", q->url()));
          q->Resume();
          q->on.end([r] { r->End("x"); });
        });
    if (listens) {
      one->on.client_error([&](const Error& e, const auto&) {
        // The client has gone in the middle of a request.
        if (e.code() == "HPE_INVALID_EOF_STATE") return;
        outcome.errors.push_back(absl::StrCat(
            e.code(), " ",
            e.message().substr(std::string("Parse Error: ").size())));
      });
    }
    std::string received, left = bytes;
    std::shared_ptr<Socket> socket;
    std::function<void()> send;
    one->Listen(0, "127.0.0.1");
    one->on.listening([&] {
      socket = Connect(fresh.stack(), one->address()->port, "127.0.0.1");
      send = [&] {
        if (!socket->writable()) return;
        socket->Write(left.substr(0, piece_bytes));
        left.erase(0, std::min(piece_bytes, left.size()));
        fresh.loop().SetTimeout(absl::Milliseconds(left.empty() ? 250 : 1),
                                [&] {
                                  if (left.empty()) {
                                    socket->Destroy();
                                  } else {
                                    send();
                                  }
                                });
      };
      socket->on.connect([&] { send(); });
      socket->on.data(
          [&](absl::string_view d) { absl::StrAppend(&received, d); });
      socket->on.end([&] { outcome.ended = true; });
      socket->on.error([](const Error&) {});
      socket->on.close([&](bool) {
        one->CloseAllConnections();
        one->Close();
      });
    });
    fresh.Run();
    for (size_t at = received.find("HTTP/1.1 "); at != std::string::npos;
         at = received.find("HTTP/1.1 ", at + 1)) {
      outcome.statuses.push_back(received.substr(at + 9, 3));
    }
    return outcome;
  }
};

TEST_P(Hostile, EachInputIsAnsweredAsNodeAnswersIt) {
  for (const HostileInput& input : HostileInputs()) {
    SCOPED_TRACE(input.name);
    const Outcome heard = Try(input.bytes, /*listens=*/true);
    EXPECT_EQ(heard.errors.empty() ? "" : heard.errors.front(), input.error);
    EXPECT_EQ(absl::StrJoin(heard.requests, ", "), input.requests);
    const Outcome answered = Try(input.bytes, /*listens=*/false);
    EXPECT_EQ(absl::StrJoin(answered.statuses, ","), input.statuses);
    EXPECT_EQ(answered.ended, input.ends);
  }
}

// Where it is cut makes no difference; but that a request is answered before
// the bytes behind it have come, and that an upgrade which nobody takes loses
// what came with it.
TEST_P(Hostile, CutsMakeNoDifference) {
  for (const HostileInput& input : HostileInputs()) {
    if (input.name == "upgradeNoListener") continue;
    SCOPED_TRACE(input.name);
    const size_t piece_bytes = input.bytes.size() > 1000 ? 997 : 1;
    const Outcome cut = Try(input.bytes, /*listens=*/true, piece_bytes);
    const bool closed_first = input.error.find("HPE_CLOSED_CONNECTION") == 0 ||
                              input.requests.find(',') != std::string::npos;
    if (!closed_first) {
      EXPECT_EQ(cut.errors.empty() ? "" : cut.errors.front(), input.error);
    }
    EXPECT_EQ(absl::StrJoin(cut.requests, ", "), input.requests);
  }
}

// A request is a request wherever it is cut in two.
TEST_P(Hostile, ARequestMayBeCutAnywhere) {
  const std::string text =
      "POST /a?b HTTP/1.1\r\nHost: x\r\nX-Long: some value \r\n"
      "Transfer-Encoding: chunked\r\n\r\n"
      "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: t\r\n\r\n";
  for (size_t cut = 1; cut < text.size(); ++cut) {
    NodeProcess& here = process;
    const auto socket = Socket::Create(here.stack());
    std::string seen;
    Request message;
    http::Parser parser(
        http::Parser::Kind::kRequests, socket, http::Parser::Limits(),
        [&](const Request& q) {
          message = q;
          q->on.data([&](absl::string_view d) { absl::StrAppend(&seen, d); });
          return http::Parser::Rest::kBody;
        });
    EXPECT_FALSE(parser.Execute(text.substr(0, cut)).has_value()) << cut;
    EXPECT_FALSE(parser.Execute(text.substr(cut)).has_value()) << cut;
    ASSERT_NE(message, nullptr);
    EXPECT_TRUE(message->complete());
    EXPECT_EQ(*message->headers().Find("x-long"), "some value");
    EXPECT_EQ(*message->trailers().Find("trailer"), "t");
  }
}

// More fields than the server wants are dropped, not kept.
TEST_P(Hostile, DropsFieldsBeyondTheLimit) {
  http::Server::Options options;
  options.max_headers_count = 3;
  size_t fields = 0;
  Serve(
      [&](const Request& q, const Response& r) {
        fields = q->raw_headers().fields().size();
        r->End("ok");
      },
      [&] {
        Dial(Get("/", Times(100, "a: b\r\n") + "Connection: close\r\n"),
             [&] { server->Close(); });
      },
      options);
  process.Run();
  EXPECT_EQ(fields, 3u);
}

TEST_P(Hostile, AHeadBeyondTheLimitIsRefused) {
  http::Server::Options options;
  options.max_header_bytes = 1000;
  Serve([](const Request&, const Response& r) { r->End("ok"); },
        [&] {
          Dial(Get("/", "A: " + std::string(2000, 'a') + "\r\n"),
               [&] { server->Close(); });
        },
        options);
  process.Run();
  EXPECT_EQ(clients[0]->Count("431 Request Header Fields Too Large"), 1);
}

// A client that sends a byte of its head every second has a minute for it, and
// what the interval of the checks adds: it is told at 90 s.
TEST_P(Hostile, ASlowHeadIsCutOff) {
  int64_t closed_at = 0;
  std::function<void()> drip;
  Serve([](const Request&, const Response&) { ADD_FAILURE(); },
        [&] {
          Dial("GET / HTTP/1.1\r\nHost: x\r\nA: ", [&] {
            closed_at = Milliseconds();
            server->Close();
          });
          drip = [&] {
            if (!clients[0]->socket->writable()) return;
            clients[0]->socket->Write("a");
            After(1000, [&] { drip(); });
          };
          After(1000, [&] { drip(); });
        });
  process.Run();
  EXPECT_EQ(clients[0]->Count("408 Request Timeout"), 1);
  EXPECT_EQ(closed_at, 90 * 1000);
}

// So is one that says nothing at all.
TEST_P(Hostile, ASilentConnectionIsCutOff) {
  int64_t closed_at = 0;
  Serve([](const Request&, const Response&) { ADD_FAILURE(); },
        [&] {
          Dial("", [&] {
            closed_at = Milliseconds();
            server->Close();
          });
        });
  process.Run();
  EXPECT_EQ(closed_at, 90 * 1000);
}

// Requests that nobody answers do not pile up without bound.
TEST_P(Hostile, AFloodOfUnansweredRequestsStopsTheReading) {
  constexpr int kSent = 200'000;
  int requests = 0;
  Serve([&](const Request&, const Response&) { ++requests; },
        [&] {
          Dial("");
          Socket* const s = clients[0]->socket.get();
          s->on.connect([s] { s->Write(Times(kSent, Get("/"))); });
          After(1000, [&] {
            server->CloseAllConnections();
            server->Close();
          });
        });
  process.Run();
  // 1000, and those that came with the last of them in one read of 64 KiB.
  EXPECT_LT(requests, 1000 + 65536 / static_cast<int>(Get("/").size()) + 1);
}

// A body that the program does not read is not read from the kernel either.
TEST_P(Hostile, ABodyThatNobodyReadsStaysOutside) {
  std::shared_ptr<Socket> accepted;
  Serve([&](const Request& q, const Response&) { accepted = q->socket(); },
        [&] {
          Dial(absl::StrCat("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ",
                            64 << 20, "\r\n\r\n", std::string(64 << 20, 'b')));
          After(1000, [&] {
            EXPECT_LE(accepted->bytes_read(), 2u * 65536);
            server->CloseAllConnections();
            server->Close();
          });
        });
  process.Run();
  ASSERT_NE(accepted, nullptr);
}

INSTANTIATE_TEST_SUITE_P(Kernels, Hostile, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
