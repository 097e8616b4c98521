#include "explore/sanitizer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace simloop::explore {
namespace {

struct Kind {
  const char* name;
  std::unique_ptr<Sanitizer> (*make)(SanitizerSet* set);
};

constexpr Kind kKinds[] = {
    {"two-closes", MakeTwoCloses},
    {"use-after-close", MakeUseAfterClose},
    {"callback-after-close", MakeCallbackAfterClose},
    {"reused-descriptor", MakeReusedDescriptor},
    {"descriptor-leak", MakeDescriptorLeak},
    {"half-open", MakeHalfOpen},
    {"timer-leak", MakeTimerLeak},
    {"error-taken", MakeErrorTaken},
    {"lost-edge", MakeLostEdge},
    {"write-swallowed", MakeWriteSwallowed},
    {"deadlock", MakeDeadlock},
    {"busy-loop", MakeBusyLoop},
    {"starvation", MakeStarvation},
};

}  // namespace

const std::vector<std::string>& SanitizerSet::Names() {
  static const auto* const names = [] {
    auto* all = new std::vector<std::string>;
    for (const Kind& kind : kKinds) all->push_back(kind.name);
    return all;
  }();
  return *names;
}

SanitizerSet::SanitizerSet(const std::vector<std::string>& without) {
  for (const Kind& kind : kKinds) {
    if (std::count(without.begin(), without.end(), kind.name) > 0) continue;
    sanitizers_.push_back(kind.make(this));
  }
}

SanitizerSet::~SanitizerSet() = default;

void SanitizerSet::Take(const trace::Record& record) {
  // The network alone does nothing wrong.
  for (const std::unique_ptr<Sanitizer>& sanitizer : sanitizers_) {
    sanitizer->Take(record);
  }
}

void SanitizerSet::End(bool quiet) {
  for (const std::unique_ptr<Sanitizer>& sanitizer : sanitizers_) {
    sanitizer->End(quiet);
  }
}

void SanitizerSet::Report(absl::string_view name, trace::ProcessId process,
                          absl::string_view what, const std::string& more) {
  const std::string way = absl::StrCat(
      name, ": ", process < hosts_.size() ? hosts_[process] : "a process", " ",
      what);
  for (const Failure& failure : found_) {
    if (failure.way == way) return;
  }
  found_.push_back(
      {way, more.empty() ? way : absl::StrCat(way, " (", more, ")")});
}

}  // namespace simloop::explore
