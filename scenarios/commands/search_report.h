// SearchReport: what `search` and `merge` print of what was found.
#ifndef SCENARIOS_COMMANDS_SEARCH_REPORT_H_
#define SCENARIOS_COMMANDS_SEARCH_REPORT_H_

#include <string>
#include <vector>

#include "scenarios/commands/exit_status.h"
#include "scenarios/search_record.h"

namespace simloop::scenarios {

// Prints it. `folder` has the schedules of what was found; `to_be_shown` is
// Subject::ToBeShown(). The last line replays the first failure.
ExitStatus PrintSearch(const SearchRecord& record, const std::string& folder,
                       const std::vector<std::string>& to_be_shown);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_COMMANDS_SEARCH_REPORT_H_
