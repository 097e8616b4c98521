// SocketCommand: what a step can tell a program to do with a socket.
#ifndef SCENARIOS_PROGRAMS_SOCKET_COMMAND_H_
#define SCENARIOS_PROGRAMS_SOCKET_COMMAND_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "net/socket.h"
#include "scenarios/program.h"
#include "scenarios/site.h"

namespace simloop::scenarios {

// write, end, destroy, reset, pause, resume.
std::vector<NameDoc> SocketCommands();

// Logs the command as a call, "client end()", and does it. "write" writes the
// argument `text`. REQUIRES: `command` is one of SocketCommands().
void DoSocketCommand(Site& site, net::Socket& socket, const std::string& actor,
                     absl::string_view command);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_PROGRAMS_SOCKET_COMMAND_H_
