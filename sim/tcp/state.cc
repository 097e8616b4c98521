#include "sim/tcp/state.h"

#include "loop/check.h"

namespace simloop::sim::tcp {
namespace {

struct Row {
  State state;
  absl::string_view name;
  int number;
};

constexpr Row kRows[] = {
    {State::kClosed, "CLOSE", 7},
    {State::kListen, "LISTEN", 10},
    {State::kSynSent, "SYN_SENT", 2},
    {State::kSynReceived, "SYN_RECV", 3},
    {State::kEstablished, "ESTABLISHED", 1},
    {State::kFinWait1, "FIN_WAIT1", 4},
    {State::kFinWait2, "FIN_WAIT2", 5},
    {State::kCloseWait, "CLOSE_WAIT", 8},
    {State::kClosing, "CLOSING", 11},
    {State::kLastAck, "LAST_ACK", 9},
};

const Row& Find(State state) {
  for (const Row& row : kRows) {
    if (row.state == state) return row;
  }
  SIMLOOP_CHECK(false, "no such state");
  return kRows[0];
}

}  // namespace

absl::string_view StateName(State state) { return Find(state).name; }
int StateNumber(State state) { return Find(state).number; }

}  // namespace simloop::sim::tcp
