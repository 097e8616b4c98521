// parser_pool_client: two questions over two connections, one after the other,
// and one parser for both, which goes back to its pool when an answer is
// complete. The first connection still holds it: what comes on that one later
// shows up in the second answer. Mended: the connection lets go of it.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "net/socket.h"
#include "scenarios/log.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

// Gathers an answer until its full stop.
struct AnswerParser {
  std::string text;
  bool complete = false;
};

class ParserPoolClient final : public Program {
 public:
  explicit ParserPoolClient(Site& site) : site_(site) {}

  void Start() override { Ask(1); }

 private:
  void Ask(int number) {
    parser_ = {};
    const std::shared_ptr<net::Socket> socket =
        net::Connect(site_.stack(), site_.Port("port"),
                     site_.Host(number == 1 ? "host" : "second"));
    net::Socket* const s = socket.get();
    s->on.connect([s, number] { s->Write(absl::StrCat("question ", number)); });
    s->on.data([this, s, number, done = false](absl::string_view data) mutable {
      if (done && site_.Flag("mended")) return;
      parser_.text.append(data.data(), data.size());
      if (done || parser_.complete ||
          parser_.text.find('.') == std::string::npos) {
        return;
      }
      parser_.complete = done = true;
      site_.log().Write(site_.name(), "answer",
                        absl::StrCat(number, " ", Quote(parser_.text)));
      if (number == 1) {
        first_ = s;
        Ask(2);
        return;
      }
      s->End();
      first_->End();
      site_.Signal("done");
    });
    s->on.error([](const net::Error&) {});
  }

  Site& site_;
  AnswerParser parser_;
  net::Socket* first_ = nullptr;  // while it is open
};

}  // namespace

ProgramKind ParserPoolClientKind() {
  return {
      "parser_pool_client",
      "Two questions over two connections that share a parser.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "whom it asks first"},
          {"second", ArgType::kHost, "local", "whom it asks second"},
          MendedArg(),
      },
      {},
      {{"done", "it is done"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<ParserPoolClient>(site);
      },
  };
}

}  // namespace simloop::scenarios
