#include "explore/swarm_scheduler.h"

#include "absl/strings/string_view.h"
#include "explore/choice_group.h"
#include "explore/mix.h"

namespace simloop::explore {

uint32_t SwarmScheduler::Pick(const sim::Choice& choice) {
  const uint64_t lot = MixText(seed_, GroupOf(choice.name));
  const uint64_t kind = Mix(seed_, static_cast<uint64_t>(choice.kind) + 1);
  if ((lot & 1) != 0 || (kind & 1) != 0) return 0;
  // Always, half of the time, or an eighth of it.
  constexpr uint64_t kEighths[] = {8, 4, 1};
  const uint64_t eighths = kEighths[(kind >> 8) % 3];
  if (MixText(~seed_, choice.name) % 8 >= eighths) return 0;
  return random_.Pick(choice);
}

}  // namespace simloop::explore
