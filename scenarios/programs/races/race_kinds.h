// RaceKinds: programs with a race in them, and mended: each has the argument
// `mended`. docs/races.md says what each is about; the scenarios are in
// scenarios/catalog/races.
#ifndef SCENARIOS_PROGRAMS_RACES_RACE_KINDS_H_
#define SCENARIOS_PROGRAMS_RACES_RACE_KINDS_H_

#include <vector>

#include "scenarios/program.h"

namespace simloop::scenarios {

// All there are, in the order of their names.
std::vector<ProgramKind> RaceKinds();

ProgramKind ClearedTimerKind();
ProgramKind DeadlineClientKind();
ProgramKind DualStackClientKind();
ProgramKind DupedListenerKind();
ProgramKind EarlyAnswerServerKind();
ProgramKind EndCounterKind();
ProgramKind EyeballsClientKind();
ProgramKind FailoverClientKind();
ProgramKind FullTableServerKind();
ProgramKind GracefulServerKind();
ProgramKind HastyServerKind();
ProgramKind LateListenerKind();
ProgramKind LookupClientKind();
ProgramKind ParserPoolClientKind();
ProgramKind PendingWriterKind();
ProgramKind PipelineServerKind();
ProgramKind PooledClientKind();
ProgramKind RequestQueueKind();
ProgramKind SelfConnectorKind();
ProgramKind StaleEventServerKind();
ProgramKind StrandedTicksKind();
ProgramKind UploadClientKind();
ProgramKind WatchdogServerKind();

// `mended`, for each of them.
inline ArgSpec MendedArg() {
  return {"mended", ArgType::kFlag, "false", "without the flaw"};
}

}  // namespace simloop::scenarios

#endif  // SCENARIOS_PROGRAMS_RACES_RACE_KINDS_H_
