#include "scenarios/programs/program_kinds.h"

#include <algorithm>
#include <utility>

#include "absl/strings/string_view.h"
#include "scenarios/programs/races/race_kinds.h"

namespace simloop::scenarios {

__attribute__((weak)) std::vector<ProgramKind> OwnKinds() { return {}; }

const std::vector<ProgramKind>& ProgramKinds() {
  static const auto* const kinds = [] {
    auto* all = new std::vector<ProgramKind>{
        ClientKind(),     DownloadClientKind(),  DownloadServerKind(),
        EchoClientKind(), EchoServerKind(),      Http10ClientKind(),
        HttpHelloKind(),  KeepAliveClientKind(), RetryingClientKind(),
        ServerKind(),     SlowListenerKind(),    TimeoutClientKind(),
    };
    for (ProgramKind& race : RaceKinds()) all->push_back(std::move(race));
    for (ProgramKind& own : OwnKinds()) all->push_back(std::move(own));
    std::sort(all->begin(), all->end(),
              [](const ProgramKind& a, const ProgramKind& b) {
                return absl::string_view(a.name) < b.name;
              });
    return all;
  }();
  return *kinds;
}

const ProgramKind* FindProgramKind(absl::string_view name) {
  for (const ProgramKind& kind : ProgramKinds()) {
    if (name == kind.name) return &kind;
  }
  return nullptr;
}

}  // namespace simloop::scenarios
