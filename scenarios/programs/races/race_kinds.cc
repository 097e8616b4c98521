#include "scenarios/programs/races/race_kinds.h"

namespace simloop::scenarios {

std::vector<ProgramKind> RaceKinds() {
  return {
      ClearedTimerKind(),   DeadlineClientKind(),    DualStackClientKind(),
      DupedListenerKind(),  EarlyAnswerServerKind(), EndCounterKind(),
      EyeballsClientKind(), FailoverClientKind(),    FullTableServerKind(),
      GracefulServerKind(), HastyServerKind(),       LateListenerKind(),
      LookupClientKind(),   ParserPoolClientKind(),  PendingWriterKind(),
      PipelineServerKind(), PooledClientKind(),      RequestQueueKind(),
      SelfConnectorKind(),  StaleEventServerKind(),  StrandedTicksKind(),
      UploadClientKind(),   WatchdogServerKind(),
  };
}

}  // namespace simloop::scenarios
