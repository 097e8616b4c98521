// ExitStatus: what the simloop command tells its caller.
#ifndef SCENARIOS_COMMANDS_EXIT_STATUS_H_
#define SCENARIOS_COMMANDS_EXIT_STATUS_H_

namespace simloop::scenarios {

enum ExitStatus : int {
  kHolds = 0,           // all expectations hold
  kFails = 1,           // one does not; the last line printed replays it
  kWrongInput = 2,      // what a person wrote is wrong
  kNondeterminism = 3,  // the same run came out differently
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_COMMANDS_EXIT_STATUS_H_
