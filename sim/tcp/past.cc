#include "sim/tcp/past.h"

#include "loop/check.h"

namespace simloop::sim::tcp {

SharedPast& PastTable::Share(const Past& past) {
  auto found = pasts_.find(past);
  if (found == pasts_.end()) {
    found = pasts_.insert(std::make_unique<SharedPast>(past, stack_)).first;
  }
  ++(*found)->connections;
  ++connections_;
  return **found;
}

void PastTable::Drop(SharedPast& shared) {
  SIMLOOP_CHECK(shared.connections > 0, "somebody has it");
  --connections_;
  if (--shared.connections == 0) pasts_.erase(pasts_.find(shared.past));
}

}  // namespace simloop::sim::tcp
