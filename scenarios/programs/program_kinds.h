// ProgramKinds: the table of all programs. A new program is a file here, a
// line below, and a line in program_kinds.cc.
#ifndef SCENARIOS_PROGRAMS_PROGRAM_KINDS_H_
#define SCENARIOS_PROGRAMS_PROGRAM_KINDS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "scenarios/program.h"

namespace simloop::scenarios {

// All there are, in the order of their names.
const std::vector<ProgramKind>& ProgramKinds();
// Null if there is none of that name.
const ProgramKind* FindProgramKind(absl::string_view name);

// The programs of a binary of one's own: none, unless the binary that
// //scenarios:simloop_main is linked into defines it as well (this one is a
// weak symbol). tests/scenarios/planted_kinds.cc does.
std::vector<ProgramKind> OwnKinds();

ProgramKind ClientKind();
ProgramKind DownloadClientKind();
ProgramKind DownloadServerKind();
ProgramKind EchoClientKind();
ProgramKind EchoServerKind();
ProgramKind Http10ClientKind();
ProgramKind HttpHelloKind();
ProgramKind KeepAliveClientKind();
ProgramKind RetryingClientKind();
ProgramKind ServerKind();
ProgramKind SlowListenerKind();
ProgramKind TimeoutClientKind();

}  // namespace simloop::scenarios

#endif  // SCENARIOS_PROGRAMS_PROGRAM_KINDS_H_
