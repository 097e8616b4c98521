#include "sim/choice.h"

#include "loop/check.h"

namespace simloop::sim {

absl::string_view ChoiceKindName(ChoiceKind kind) {
  switch (kind) {
    case ChoiceKind::kOrder:
      return "order";
    case ChoiceKind::kDelay:
      return "delay";
    case ChoiceKind::kWakeup:
      return "wakeup";
    case ChoiceKind::kLoss:
      return "loss";
    case ChoiceKind::kBurst:
      return "burst";
    case ChoiceKind::kDuplicate:
      return "duplicate";
    case ChoiceKind::kCorrupt:
      return "corrupt";
    case ChoiceKind::kReorder:
      return "reorder";
    case ChoiceKind::kFault:
      return "fault";
    case ChoiceKind::kLookup:
      return "lookup";
    case ChoiceKind::kPort:
      return "port";
    case ChoiceKind::kReady:
      return "ready";
    case ChoiceKind::kTransfer:
      return "transfer";
    case ChoiceKind::kSignal:
      return "signal";
    case ChoiceKind::kAbort:
      return "abort";
    case ChoiceKind::kBacklog:
      return "backlog";
    case ChoiceKind::kMemory:
      return "memory";
  }
  SIMLOOP_CHECK(false, "no such kind of choice");
  return "";
}

}  // namespace simloop::sim
