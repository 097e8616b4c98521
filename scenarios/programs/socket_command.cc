#include "scenarios/programs/socket_command.h"

#include "absl/strings/str_cat.h"
#include "loop/check.h"

namespace simloop::scenarios {

std::vector<NameDoc> SocketCommands() {
  return {
      {"write", "writes the argument `text`"},
      {"end", "ends: a FIN after what was written"},
      {"destroy", "closes the descriptor now"},
      {"reset", "closes it with a RST (resetAndDestroy)"},
      {"pause", "stops reading"},
      {"resume", "reads again"},
  };
}

void DoSocketCommand(Site& site, net::Socket& socket, const std::string& actor,
                     absl::string_view command) {
  site.log().Write(actor, absl::StrCat(command, "()"));
  if (command == "write") {
    socket.Write(site.Text("text"));
  } else if (command == "end") {
    socket.End();
  } else if (command == "destroy") {
    socket.Destroy();
  } else if (command == "reset") {
    socket.ResetAndDestroy();
  } else if (command == "pause") {
    socket.Pause();
  } else if (command == "resume") {
    socket.Resume();
  } else {
    SIMLOOP_CHECK(false, command);
  }
}

}  // namespace simloop::scenarios
