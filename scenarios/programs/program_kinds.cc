#include "scenarios/programs/program_kinds.h"

#include "absl/strings/string_view.h"

namespace simloop::scenarios {

const std::vector<ProgramKind>& ProgramKinds() {
  static const auto* const kinds = new std::vector<ProgramKind>{
      ClientKind(),     DownloadClientKind(),  DownloadServerKind(),
      EchoClientKind(), EchoServerKind(),      Http10ClientKind(),
      HttpHelloKind(),  KeepAliveClientKind(), RetryingClientKind(),
      ServerKind(),     SlowListenerKind(),    TimeoutClientKind(),
  };
  return *kinds;
}

const ProgramKind* FindProgramKind(absl::string_view name) {
  for (const ProgramKind& kind : ProgramKinds()) {
    if (name == kind.name) return &kind;
  }
  return nullptr;
}

}  // namespace simloop::scenarios
