// Options of http that few programs set: what Node 20 answered to the same
// programs is what is expected.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/net/v20_http.h"

namespace simloop::net {
namespace {

class V20HttpOptions : public V20Http {
 protected:
  using Handler = std::function<void(http::ServerResponse&)>;

  // What the server's program throws, or "ok"; and what the client gets.
  std::string Answer(const Handler& handler) {
    std::string thrown = "ok";
    std::string got;
    const auto server = http::Server::Create(
        process.stack(), [&](const Request&, const Response& response) {
          response->set_strict_content_length(true);
          try {
            handler(*response);
          } catch (const Error& error) {
            thrown = absl::StrCat(error.code(), " ", error.message());
            response->Destroy();
          }
        });
    server->Listen(0, "127.0.0.1");
    server->on.listening([&] {
      const auto q = http::Get(process.stack(), To(server));
      q->on.response([&](const Request& r) {
        r->on.data([&](absl::string_view data) { absl::StrAppend(&got, data); });
      });
      q->on.error([&](const Error& error) { got = std::string(error.code()); });
      q->on.close([&] { server->Close(); });
    });
    process.Run();
    return absl::StrCat(thrown, "; ", got);
  }

  // Fields sent twice, as the server sees them, and one as the client does.
  std::string Duplicates(bool join) {
    std::vector<std::string> seen;
    http::Server::Options options;
    options.join_duplicate_headers = join;
    const auto server = http::Server::Create(
        process.stack(), options,
        [&](const Request& request, const Response& response) {
          for (const auto& field : request->headers().fields()) {
            if (field.name == "host" || field.name == "connection") continue;
            seen.push_back(absl::StrCat(field.name, "=", field.value));
          }
          response->AppendHeader("Age", "1");
          response->AppendHeader("Age", "2");
          response->End();
        });
    server->Listen(0, "127.0.0.1");
    server->on.listening([&] {
      http::RequestOptions to = To(server);
      to.join_duplicate_headers = join;
      for (const char* const name : {"From", "Cookie", "X-Y"}) {
        to.headers.Add(name, "a");
        to.headers.Add(name, "b");
      }
      const auto q = http::Get(process.stack(), to);
      q->on.response([&](const Request& response) {
        seen.push_back(absl::StrCat("age=", *response->headers().Find("age")));
        response->Resume();
      });
      q->on.close([&] { server->Close(); });
    });
    process.Run();
    return absl::StrJoin(seen, " ");
  }

  static std::string Mismatch(int sum, int said) {
    return absl::StrCat(
        "ERR_HTTP_CONTENT_LENGTH_MISMATCH Response body's content-length of ",
        sum, " byte(s) does not match the content-length of ", said,
        " byte(s) set in header; ECONNRESET");
  }
};

TEST_P(V20HttpOptions, StrictContentLengthRefusesAWriteTooMany) {
  EXPECT_EQ(Answer([](http::ServerResponse& r) {
              r.SetHeader("Content-Length", "5");
              r.Write("hel");
              r.Write("lo!");
            }),
            Mismatch(6, 5));
}

TEST_P(V20HttpOptions, StrictContentLengthRefusesABodyTooShort) {
  EXPECT_EQ(Answer([](http::ServerResponse& r) {
              r.SetHeader("Content-Length", "5");
              r.Write("hel");
              r.End("l");
            }),
            Mismatch(4, 5));
}

TEST_P(V20HttpOptions, StrictContentLengthRefusesAnEndTooEarly) {
  EXPECT_EQ(Answer([](http::ServerResponse& r) {
              r.SetHeader("Content-Length", "5");
              r.Write("hel");
              r.End();
            }),
            Mismatch(3, 5));
}

TEST_P(V20HttpOptions, StrictContentLengthLooksAtWriteHeadAsWell) {
  EXPECT_EQ(Answer([](http::ServerResponse& r) {
              r.WriteHead(200, {{"Content-Length", "5"}});
              r.End("hello!");
            }),
            Mismatch(6, 5));
}

TEST_P(V20HttpOptions, StrictContentLengthLetsPassWhatIsRight) {
  EXPECT_EQ(Answer([](http::ServerResponse& r) {
              r.SetHeader("Content-Length", "5");
              r.Write("hel");
              r.End("lo");
            }),
            "ok; hello");
}

TEST_P(V20HttpOptions, StrictContentLengthKnowsNothingOfChunks) {
  EXPECT_EQ(Answer([](http::ServerResponse& r) {
              r.Write("a");
              r.End("b");
            }),
            "ok; ab");
}

TEST_P(V20HttpOptions, StrictContentLengthLooksAtNoBodyThatCannotBe) {
  EXPECT_EQ(Answer([](http::ServerResponse& r) {
              r.WriteHead(204, {{"Content-Length", "5"}});
              r.End("b");
            }),
            "ok; ");
}

TEST_P(V20HttpOptions, DuplicatesAreDropped) {
  EXPECT_EQ(Duplicates(/*join=*/false),
            "from=a cookie=a; b x-y=a, b age=1");
}

TEST_P(V20HttpOptions, DuplicatesAreJoinedWhereThatIsAskedFor) {
  EXPECT_EQ(Duplicates(/*join=*/true),
            "from=a, b cookie=a; b x-y=a, b age=1, 2");
}

TEST_P(V20HttpOptions, UniqueHeadersAreSentAsOne) {
  std::string got;
  http::Server::Options options;
  options.unique_headers = {"x-one"};
  const auto server = http::Server::Create(
      process.stack(), options, [&](const Request& q, const Response& r) {
        absl::StrAppend(&got, *q->headers().Find("x-two"), " ");
        for (const char* const name : {"X-One", "X-Many"}) {
          r->AppendHeader(name, "a");
          r->AppendHeader(name, "b");
        }
        r->End();
      });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    http::RequestOptions to = To(server);
    to.unique_headers = {"X-TWO"};
    to.headers = {{"X-Two", "c"}, {"X-Two", "d"}};
    const auto q = http::Get(process.stack(), to);
    q->on.response([&](const Request& response) {
      for (const auto& field : response->raw_headers().fields()) {
        if (field.name[0] == 'X') {
          absl::StrAppend(&got, field.name, "=", field.value, " ");
        }
      }
      response->Resume();
    });
    q->on.close([&] { server->Close(); });
  });
  process.Run();
  EXPECT_EQ(got, "c; d X-One=a; b X-Many=a X-Many=b ");
}

TEST_P(V20HttpOptions, LookupIsAskedInsteadOfTheResolver) {
  std::string asked;
  int status = 0;
  const auto server = http::Server::Create(
      process.stack(),
      [](const Request&, const Response& r) { r->End(); });
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] {
    http::RequestOptions to = To(server);
    to.host = "one.example";
    to.lookup = [&](absl::string_view host, AddressFamily,
                    ResolveCallback done) {
      asked = std::string(host);
      Resolution found;
      found.addresses.push_back(*loop::Ip::Parse("127.0.0.1"));
      done(found);
    };
    const auto q = http::Get(process.stack(), to);
    q->on.response([&](const Request& response) {
      status = response->status_code();
      response->Resume();
    });
    q->on.close([&] { server->Close(); });
  });
  process.Run();
  EXPECT_EQ(asked, "one.example");
  EXPECT_EQ(status, 200);
}

TEST_P(V20HttpOptions, CreateConnectionMakesTheSocket) {
  int made = 0;
  int freed = 0;
  int answers = 0;
  const auto create = [&](Stack& stack, ConnectOptions to) {
    ++made;
    return Connect(stack, std::move(to));
  };
  const auto server = http::Server::Create(
      process.stack(),
      [](const Request&, const Response& r) { r->End(); });
  http::Agent::Options pool;
  pool.create_connection = create;
  const auto agent = http::Agent::Create(process.stack(), pool);
  agent->on.free([&](const std::shared_ptr<Socket>& socket) {
    ++freed;
    EXPECT_FALSE(socket->destroyed());
    EXPECT_EQ(agent->free_sockets(), 1);
  });
  const std::function<void(int)> ask = [&](int left) {
    http::RequestOptions to = To(server);
    if (left > 1) {
      to.agent = agent;  // that has its own
    } else {
      to.create_connection = create;
    }
    const auto q = http::Get(process.stack(), to);
    q->on.response([&](const Request& response) {
      ++answers;
      response->Resume();
    });
    // Its connection is free after 'close' only.
    q->on.close([&, left] {
      process.loop().SetImmediate([&, left] {
        if (left > 1) {
          ask(left - 1);
        } else {
          agent->Destroy();
          server->Close();
        }
      });
    });
  };
  server->Listen(0, "127.0.0.1");
  server->on.listening([&] { ask(3); });
  process.Run();
  EXPECT_EQ(answers, 3);
  EXPECT_EQ(freed, 2);
  EXPECT_EQ(made, 2);  // the second request went over the first's
}

INSTANTIATE_TEST_SUITE_P(, V20HttpOptions, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
