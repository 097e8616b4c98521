// A program of Node 20 that asks two servers under each set of an agent's
// limits, recorded here.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/net/v20_calls.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20HttpAgentLimits : public V20Calls {
 protected:
  using Agent = std::shared_ptr<http::Agent>;
  struct Ask {
    std::string id;
    size_t origin;
    int ms;
    std::string how;
  };
  struct Origin {
    std::string name;
    std::shared_ptr<http::Server> server;
    int connections = 0;
    std::vector<std::pair<Socket*, int>> numbers;  // of the connections
  };

  static std::string Pool(const Agent& agent) {
    return absl::StrCat("[", agent->busy_sockets(), " ", agent->free_sockets(),
                        " ", agent->waiting_requests(), "]");
  }
  static std::string Limit(size_t limit) {
    return limit == http::Agent::kUnlimited ? "Infinity" : absl::StrCat(limit);
  }
  void Serve(Origin& origin);
  void Answer(Origin& origin, const Request& q, const Response& r);
  void MakeSets();
  void Send(const Agent& agent, const Ask& ask);
  void Print(const http::Agent::Options& set, int frees);
  void Next();

  Origin origins[2] = {{"a", nullptr, 0, {}}, {"b", nullptr, 0, {}}};
  std::vector<http::Agent::Options> sets;
};

void V20HttpAgentLimits::Answer(Origin& origin, const Request& q,
                                const Response& r) {
  r->send_date = false;
  const std::vector<std::string> parts = absl::StrSplit(q->url(), '/');
  int ms = 0;
  ASSERT_TRUE(absl::SimpleAtoi(parts[2], &ms));
  int number = 0;
  for (const auto& [socket, k] : origin.numbers) {
    if (socket == q->socket().get()) number = k;
  }
  After(ms, [r, how = parts[3], name = origin.name, number, s = q->socket()] {
    if (how == "kill") {
      s->Destroy();
      return;
    }
    if (how == "close") r->SetHeader("Connection", "close");
    r->End(absl::StrCat(name, number));
  });
}

void V20HttpAgentLimits::Serve(Origin& origin) {
  http::Server::Options options;
  options.keep_alive_timeout = absl::ZeroDuration();
  origin.server = http::Server::Create(
      process.stack(), options,
      [this, &origin](const Request& q, const Response& r) {
        Answer(origin, q, r);
      });
  origin.server->on.connection([&origin](const SocketHandle& c) {
    origin.numbers.emplace_back(c.get(), ++origin.connections);
  });
}

void V20HttpAgentLimits::MakeSets() {
  using Scheduling = http::Agent::Scheduling;
  constexpr size_t kUnlimited = http::Agent::kUnlimited;
  for (const bool keep : {true, false}) {
    for (const size_t most : {size_t{1}, size_t{2}, kUnlimited}) {
      for (const size_t total : {size_t{1}, size_t{2}, size_t{3}, kUnlimited}) {
        for (const auto& [free, scheduling] :
             {std::pair<size_t, Scheduling>{1, Scheduling::kLifo},
              {256, Scheduling::kLifo},
              {256, Scheduling::kFifo}}) {
          if (!keep && scheduling == Scheduling::kFifo) continue;
          http::Agent::Options set;
          set.keep_alive = keep;
          set.max_sockets = most;
          set.max_total_sockets = total;
          set.max_free_sockets = free;
          set.scheduling = scheduling;
          set.timeout = absl::ZeroDuration();
          sets.push_back(set);
        }
      }
    }
  }
}

void V20HttpAgentLimits::Send(const Agent& agent, const Ask& ask) {
  http::RequestOptions options =
      To(origins[ask.origin].server,
         absl::StrCat("/", ask.id, "/", ask.ms, "/", ask.how));
  options.agent = agent;
  const auto q = http::Get(process.stack(), options);
  const auto say = [this, mine = job, id = ask.id](const auto&... parts) {
    if (mine == job) Say(id, parts...);
  };
  q->on.response([say, q = q.get()](const Request& r) {
    const auto text = std::make_shared<std::string>();
    r->on.data(
        [text](absl::string_view data) { absl::StrAppend(&*text, data); });
    r->on.end([say, text, reused = q->reused_socket()] {
      say(":", *text, reused ? "r" : "");
    });
  });
  q->on.error([say](const Error& e) { say(":", e.code()); });
  q->on.close([say] { say("x"); });
}

void V20HttpAgentLimits::Print(const http::Agent::Options& set, int frees) {
  process.Log(
      set.keep_alive ? "keep" : "close", Limit(set.max_sockets), " ",
      Limit(set.max_total_sockets), " ", set.max_free_sockets, " ",
      set.scheduling == http::Agent::Scheduling::kLifo ? "lifo" : "fifo", " =>",
      line, " free ", frees, " ", origins[0].connections, " ",
      origins[1].connections);
}

void V20HttpAgentLimits::Next() {
  if (job == sets.size()) {
    for (Origin& origin : origins) origin.server->Close();
    return;
  }
  line.clear();
  for (Origin& origin : origins) {
    origin.connections = 0;
    origin.numbers.clear();
  }
  const Agent agent = http::Agent::Create(process.stack(), sets[job]);
  const auto frees = std::make_shared<int>(0);
  agent->on.free([this, frees, mine = job](const SocketHandle&) {
    if (mine == job) ++*frees;
  });
  const std::vector<Ask> first = {{"1", 0, 20, ""}, {"2", 0, 47, ""},
                                  {"3", 1, 31, ""}, {"4", 0, 110, "close"},
                                  {"5", 1, 74, ""}, {"6", 0, 9, "kill"}};
  for (const Ask& ask : first) Send(agent, ask);
  Say(Pool(agent));
  After(380, [this, agent] {
    Say(Pool(agent));
    const std::vector<Ask> second = {
        {"7", 0, 20, ""}, {"8", 1, 47, ""}, {"9", 0, 31, ""}};
    for (const Ask& ask : second) Send(agent, ask);
    Say(Pool(agent));
  });
  After(560, [this, agent, frees] {
    Say(Pool(agent));
    Print(sets[job], *frees);
    ++job;
    agent->Destroy();
    After(20, [this] { Next(); });
  });
}

TEST_P(V20HttpAgentLimits, Case251EachSet) {
  MakeSets();
  for (Origin& origin : origins) Serve(origin);
  origins[0].server->on.listening(
      [this] { origins[1].server->Listen(0, "127.0.0.1"); });
  origins[1].server->on.listening([this] { Next(); });
  origins[0].server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/251-agent-limits"));
}

INSTANTIATE_TEST_SUITE_P(, V20HttpAgentLimits,
                         testing::Values(SimulatedBackEnd()), NetTestName);

}  // namespace
}  // namespace simloop::net
