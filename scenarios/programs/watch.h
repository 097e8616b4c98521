// Watch: listeners that log every event of a socket or a server, in the words
// of Node's test programs. Add them before a program's own listeners, so that
// an event is logged before what the program does about it.
#ifndef SCENARIOS_PROGRAMS_WATCH_H_
#define SCENARIOS_PROGRAMS_WATCH_H_

#include <memory>
#include <string>

#include "net/error.h"
#include "net/server.h"
#include "net/socket.h"
#include "scenarios/site.h"

namespace simloop::scenarios {

// "ECONNREFUSED syscall=connect"; the message where no system call failed.
std::string ErrorText(const net::Error& error);

// Logs as `actor`. `site` must outlive the socket's events. Listening to
// 'data' makes a modern socket flow; `data` of false leaves it alone.
void WatchSocket(Site& site, net::Socket& socket, const std::string& actor,
                 bool data = true);

// Logs as the site's name: listening, connection, error and close.
void WatchServer(Site& site, net::Server& server);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_PROGRAMS_WATCH_H_
