// Namespace::CollectGarbage(): Unix sockets that wait in each other's queues
// and can be received by nobody (net/unix/garbage.c of Linux).
#include <utility>
#include <vector>

#include "sim/unix/namespace.h"
#include "sim/unix/socket.h"

namespace simloop::sim::unix_domain {

// Marks what is referred to from outside, and what can be received from there.
void Namespace::CollectGarbage() {
  if (in_flight_ == 0 || collecting_) return;
  collecting_ = true;
  for (Socket* socket = first_; socket != nullptr; socket = socket->next_) {
    socket->mark_ = {};
  }
  for (Socket* socket = first_; socket != nullptr; socket = socket->next_) {
    socket->VisitInFlight([](Socket& found) { ++found.mark_.queued; });
  }
  std::vector<Socket*> reached;
  const auto reach = [&](Socket& socket) {
    if (!std::exchange(socket.mark_.reached, true)) reached.push_back(&socket);
  };
  for (Socket* socket = first_; socket != nullptr; socket = socket->next_) {
    // Those that wait to be accepted have no reference: their listener's.
    if (socket->references() > socket->mark_.queued) reach(*socket);
  }
  while (!reached.empty()) {
    Socket& socket = *reached.back();
    reached.pop_back();
    socket.VisitInFlight(reach);
    socket.VisitUnaccepted(reach);
  }
  std::vector<Message> garbage;
  for (Socket* socket = first_; socket != nullptr; socket = socket->next_) {
    if (!socket->mark_.reached) socket->TakeMessages(&garbage);
  }
  garbage.clear();
  collecting_ = false;
}

}  // namespace simloop::sim::unix_domain
