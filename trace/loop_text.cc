// One line for each kind of loop event.
#include "trace/loop_text.h"

#include "absl/strings/str_cat.h"

namespace simloop::trace {
namespace {

std::string InterestText(loop::Interest interest) {
  return absl::StrCat((interest & loop::kReadable) != 0 ? "R" : "",
                      (interest & loop::kWritable) != 0 ? "W" : "");
}

}  // namespace

std::string LoopText(const loop::LoopEvent& event, FdText fd_text) {
  using Kind = loop::LoopEvent::Kind;
  switch (event.kind) {
    case Kind::kEnter:
      return "== enter ev_loop";
    case Kind::kTurn:
      return absl::StrCat("== loop iteration ", event.count, " (prepare)");
    case Kind::kTickQueued:
      return "nextTick queued";
    case Kind::kTicks:
      return absl::StrCat("-- tick: ", event.count, " callback(s)");
    case Kind::kWatcherSet:
      return absl::StrCat("iowatcher#", event.id, ".set(", fd_text(event.fd),
                          ",", InterestText(event.interest), ")");
    case Kind::kWatcherStart:
      return absl::StrCat("iowatcher#", event.id, ".start (", fd_text(event.fd),
                          " ", InterestText(event.interest), ")");
    case Kind::kWatcherStop:
      return absl::StrCat("iowatcher#", event.id, ".stop");
    case Kind::kWatcherFire:
      return absl::StrCat("** watcher#", event.id, " fires on ",
                          fd_text(event.fd), " ", InterestText(event.interest));
    case Kind::kTimerFire:
      return absl::StrCat("** timer#", event.id, " fires");
    case Kind::kTickFire:
      return "** tick";
    case Kind::kImmediateFire:
      return "** immediate";
    case Kind::kPendingFire:
      return "** pending callback";
    case Kind::kCloseFire:
      return "** closing callback";
    case Kind::kReturn:
      return "callback returns";
    case Kind::kExit:
      return "== exit";
  }
  return "";
}

}  // namespace simloop::trace
