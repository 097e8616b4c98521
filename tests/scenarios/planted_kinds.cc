// planted: a program whose runs differ from one time to the next, by a mistake
// that its argument names: the order of addresses, of a hash table, the number
// of its process, or the real clock. It is what a search's self-check must
// catch. And an example of a
// program that is linked into a simloop of one's own.
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "loop/event_loop.h"
#include "net/socket.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

constexpr int kPeers = 8;

// What it keeps of a connection.
struct Peer {
  std::string name;
  std::shared_ptr<net::Socket> socket;
};

int64_t RealNanoseconds() {
  int64_t now[2] = {0, 0};
  syscall(SYS_clock_gettime, 1, now);
  return now[1];
}

// Opens some connections, and when all are there greets each.
class Planted final : public Program {
 public:
  explicit Planted(Site& site) : site_(site) {}

  void Start() override {
    for (int i = 0; i < kPeers; ++i) {
      peers_.push_back(std::make_unique<Peer>());
      Peer& peer = *peers_.back();
      peer.name = absl::StrCat("peer-", i);
      peer.socket =
          net::Connect(site_.stack(), site_.Port("port"), site_.Host("host"));
      peer.socket->on.connect([this] {
        if (++connected_ == kPeers) OnConnected();
      });
      peer.socket->on.data([](absl::string_view) {});
    }
  }

 private:
  void OnConnected() {
    const std::string& source = site_.Text("source");
    if (source == "addresses") {
      std::set<const Peer*> ordered;
      for (const auto& peer : peers_) ordered.insert(peer.get());
      for (const Peer* peer : ordered) Greet(*peer);
    } else if (source == "hash") {
      absl::flat_hash_set<std::string> names;
      for (const auto& peer : peers_) names.insert(peer->name);
      for (const std::string& name : names) {
        for (const auto& peer : peers_) {
          if (peer->name == name) Greet(*peer);
        }
      }
    } else if (source == "process") {
      // The same all along a process, and never the same in two.
      site_.log().Write(site_.name(), "is process", absl::StrCat(getpid()));
      for (const auto& peer : peers_) Greet(*peer);
    } else {
      // "A little later", by the clock of this machine.
      site_.loop().SetTimeout(
          absl::Milliseconds(1) +
              absl::Nanoseconds(RealNanoseconds() % 1000000),
          [this] {
            for (const auto& peer : peers_) Greet(*peer);
          });
    }
  }

  void Greet(const Peer& peer) {
    site_.log().Write(site_.name(), "greets", peer.name);
    peer.socket->End(peer.name);
  }

  Site& site_;
  std::vector<std::unique_ptr<Peer>> peers_;
  int connected_ = 0;
};

}  // namespace

std::vector<ProgramKind> OwnKinds() {
  return {{
      "planted",
      "Greets over some connections, never twice in the same way.",
      {
          {"port", ArgType::kPort, "7", "where to connect"},
          {"host", ArgType::kHost, "local", "to which host"},
          {"source", ArgType::kText, "clock", "addresses, hash, process or clock"},
      },
      {},
      {},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<Planted>(site);
      },
  }};
}

}  // namespace simloop::scenarios
