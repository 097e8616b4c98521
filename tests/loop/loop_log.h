// LoopLog: an observer that writes a loop's events as lines, and a place for
// the lines of a test's callbacks among them.
#ifndef TESTS_LOOP_LOOP_LOG_H_
#define TESTS_LOOP_LOOP_LOG_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "loop/observer.h"

namespace simloop::loop {

class LoopLog final : public LoopObserver {
 public:
  void OnLoopEvent(const LoopEvent& event, Owner owner) override {
    std::string line = Text(event);
    if (line.empty()) return;
    if (owner != 0) absl::StrAppend(&line, " owner=", owner);
    lines_.push_back(std::move(line));
  }
  void Say(std::string line) { lines_.push_back(std::move(line)); }
  std::vector<std::string> Take() { return std::exchange(lines_, {}); }

 private:
  static std::string Text(const LoopEvent& event) {
    using Kind = LoopEvent::Kind;
    const std::string id = absl::StrCat("#", event.id);
    const std::string what = absl::StrCat(
        id, " ", event.fd.number, " ", event.interest & kReadable ? "R" : "",
        event.interest & kWritable ? "W" : "");
    switch (event.kind) {
      case Kind::kEnter:
        return "enter";
      case Kind::kTurn:
        return absl::StrCat("turn ", event.count);
      case Kind::kTickQueued:
        return "tick queued";
      case Kind::kTicks:
        return absl::StrCat("ticks ", event.count);
      case Kind::kWatcherSet:
        return absl::StrCat("set ", what);
      case Kind::kWatcherStart:
        return absl::StrCat("start ", what);
      case Kind::kWatcherStop:
        return absl::StrCat("stop ", id);
      case Kind::kWatcherFire:
        return absl::StrCat("fire ", what);
      case Kind::kTimerFire:
        return absl::StrCat("timer ", id);
      case Kind::kTickFire:
        return "tick";
      case Kind::kImmediateFire:
        return "immediate";
      case Kind::kPendingFire:
        return "pending";
      case Kind::kCloseFire:
        return "close";
      case Kind::kReturn:
        return "return";
      case Kind::kExit:
        return "exit";
    }
    return "";
  }

  std::vector<std::string> lines_;
};

}  // namespace simloop::loop

#endif  // TESTS_LOOP_LOOP_LOG_H_
