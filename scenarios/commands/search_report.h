// SearchReport: what `search` and `merge` print of what was found.
#ifndef SCENARIOS_COMMANDS_SEARCH_REPORT_H_
#define SCENARIOS_COMMANDS_SEARCH_REPORT_H_

#include <string>

#include "scenarios/commands/exit_status.h"
#include "scenarios/search_record.h"

namespace simloop::scenarios {

// Prints it. `folder` has the schedules of what was found. The last line
// replays the first failure.
ExitStatus PrintSearch(const SearchRecord& record, const std::string& folder);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_COMMANDS_SEARCH_REPORT_H_
