// cleared_timer: its work stops its watchdog. Under libev a timer that has
// expired in the same turn fires although it was stopped. Mended: the watchdog
// looks whether the work is done.
#include <memory>

#include "loop/timer.h"
#include "scenarios/programs/races/race_kinds.h"
#include "scenarios/site.h"

namespace simloop::scenarios {
namespace {

class ClearedTimer final : public Program {
 public:
  explicit ClearedTimer(Site& site)
      : site_(site),
        work_(site.loop(), [this] { OnWork(); }),
        watchdog_(site.loop(), [this] { OnWatchdog(); }) {}

  void Start() override {
    work_.Start(site_.Duration("work"));
    watchdog_.Start(site_.Duration("watchdog"));
  }

 private:
  void OnWork() {
    site_.log().Write(site_.name(), "done");
    done_ = true;
    watchdog_.Stop();
    site_.Signal("done");
  }

  void OnWatchdog() {
    if (done_ && site_.Flag("mended")) return;
    work_.Stop();
    site_.log().Write(site_.name(), "aborted", done_ ? "though done" : "");
  }

  Site& site_;
  loop::Timer work_;
  loop::Timer watchdog_;
  bool done_ = false;
};

}  // namespace

ProgramKind ClearedTimerKind() {
  return {
      "cleared_timer",
      "Work that takes a while, and a watchdog that it stops.",
      {
          {"work", ArgType::kDuration, "20ms", "how long the work takes"},
          {"watchdog", ArgType::kDuration, "21ms", "how long it may take"},
          MendedArg(),
      },
      {},
      {{"done", "it is done"}},
      [](Site& site) -> std::unique_ptr<Program> {
        return std::make_unique<ClearedTimer>(site);
      },
  };
}

}  // namespace simloop::scenarios
