// NameTable: what the names of a world stand for: the domain name system (RFC
// 1034) as getaddrinfo(3) shows it to a program. It answers at once and says
// how long the answer takes; who asks waits for it.
#ifndef SIM_NAME_TABLE_H_
#define SIM_NAME_TABLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "loop/ip.h"

namespace simloop::sim {

class World;

// What becomes of a question about a name.
enum class NameFailure : uint8_t {
  kNone,
  kNotFound,  // EAI_NONAME
  kTryAgain,  // EAI_AGAIN: the server cannot say now
  kTimeout,   // EAI_AGAIN: no server answers, 2 tries of 5 s (resolv.conf(5))
};

struct NameRecord {
  std::vector<loop::Ip> addresses;  // in the order of the answer
  absl::Duration delay;
  absl::Duration jitter;   // the answer takes up to this much longer
  bool any_order = false;  // they come rotated, any way (RFC 1794)
  NameFailure failure = NameFailure::kNone;
};

struct NameAnswer {
  NameFailure failure = NameFailure::kNotFound;
  std::vector<loop::Ip> addresses;
  absl::Duration delay;
};

class NameTable final {
 public:
  // `world` is asked where an answer may be one or another; null: it is as in
  // the calm run.
  explicit NameTable(World* world) : world_(world) {}
  NameTable(const NameTable&) = delete;
  NameTable& operator=(const NameTable&) = delete;

  // From now on; what was asked before is answered as it was.
  void Set(absl::string_view name, NameRecord record);
  // What `asker`, a host's name, gets to hear of `name` if it asks now. A name
  // that is not set is not found, at once.
  NameAnswer Ask(absl::string_view asker, absl::string_view name);

 private:
  World* const world_;
  std::map<std::string, NameRecord> records_;
  // How often who has asked about what: the choices' stable names.
  std::map<std::pair<std::string, std::string>, uint64_t> asked_;
};

}  // namespace simloop::sim

#endif  // SIM_NAME_TABLE_H_
