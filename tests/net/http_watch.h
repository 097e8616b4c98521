// Printing the events of http objects, for net's tests.
#ifndef TESTS_NET_HTTP_WATCH_H_
#define TESTS_NET_HTTP_WATCH_H_

#include <memory>
#include <string>

#include "net/http_server.h"
#include "tests/net/node_process.h"

namespace simloop::net {

// Calls `event`'s listeners "actor event" lines. `Name`: an event without
// arguments, an Event or a MemberEvent.
template <typename Named>
void WatchEvent(NodeProcess& process, Named& event, std::string actor,
                std::string name) {
  event([&process, actor, name] { process.Log(actor, name); });
}

}  // namespace simloop::net

#endif  // TESTS_NET_HTTP_WATCH_H_
