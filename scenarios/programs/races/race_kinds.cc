#include "scenarios/programs/races/race_kinds.h"

namespace simloop::scenarios {

std::vector<ProgramKind> RaceKinds() {
  return {
      ClearedTimerKind(),      DeadlineClientKind(), DupedListenerKind(),
      EarlyAnswerServerKind(), EndCounterKind(),     FailoverClientKind(),
      FullTableServerKind(),   HastyServerKind(),    LateListenerKind(),
      ParserPoolClientKind(),  PipelineServerKind(), PooledClientKind(),
      RequestQueueKind(),      SelfConnectorKind(),  StaleEventServerKind(),
      StrandedTicksKind(),     UploadClientKind(),   WatchdogServerKind(),
  };
}

}  // namespace simloop::scenarios
