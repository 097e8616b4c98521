// The fixture of the programs of Node 20 that make each call of an object in
// each of its states: what follows is one line for each of them.
#ifndef TESTS_NET_V20_CALLS_H_
#define TESTS_NET_V20_CALLS_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/net/v20_program.h"

namespace simloop::net {

class V20Calls : public V20Program {
 protected:
  // Adds a word to the line.
  template <typename... Parts>
  void Say(const Parts&... parts) {
    absl::StrAppend(&line, " ", parts...);
  }
  // An error's code; its message if it has none.
  static std::string Why(const Error& error) {
    return error.code().empty() || error.code() == "Error" ? error.message()
                                                           : error.code();
  }
  // A callback: "name:ok", "name:EPIPE".
  auto Told(std::string name) {
    return [this, name](const Error* error) {
      Say(name, ":", error == nullptr ? "ok" : Why(*error));
    };
  }
  void Try(const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      Say("throws:", Why(error));
    }
  }
  // Listeners that add a word as long as the line is their own.
  template <typename Named>
  void SayEvent(Named& event, std::string name) {
    event([this, name, mine = job] {
      if (mine == job) Say(name);
    });
  }
  template <typename Named>
  void SayError(Named& event, std::string name = "error") {
    event([this, name, mine = job](const Error& error) {
      if (mine == job) Say(name, ":", Why(error));
    });
  }
  template <typename Named>
  void SayData(Named& event, std::string name = "data") {
    event([this, name, mine = job](absl::string_view data) {
      if (mine == job) Say(name, ":", data.size());
    });
  }

  std::string line;
  size_t job = 0;
};

}  // namespace simloop::net

#endif  // TESTS_NET_V20_CALLS_H_
