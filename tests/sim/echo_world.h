// EchoWorld: a server that echoes and clients that ask, in a world where
// everything that may be late may be late: for tests of many schedules.
#ifndef TESTS_SIM_ECHO_WORLD_H_
#define TESTS_SIM_ECHO_WORLD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "loop/fd.h"
#include "sim/choice.h"
#include "sim/host.h"
#include "sim/kernel.h"
#include "sim/world.h"
#include "trace/recorder.h"

namespace simloop::sim {

class EchoWorld final {
 public:
  // Some clients live on the server's host, some across a link.
  EchoWorld(Scheduler* scheduler, int clients);

  // Runs until nothing happens any more.
  World::End Run();
  // What each client got back.
  const std::vector<std::string>& echoes() const { return echoes_; }
  uint64_t hash() const { return recorder_.hash(); }

  // What client `index` says.
  static std::string Says(int index);

 private:
  // One process: an epoll and what it does when something is ready.
  void StartServer();
  bool StepServer();
  void StartClient(int index);
  bool StepClient(int index);
  void CloseClient(int index);

  World world_;
  trace::Recorder recorder_;
  Host& server_host_;
  Host& client_host_;
  Kernel server_;
  std::vector<std::unique_ptr<Kernel>> clients_;
  std::vector<std::string> echoes_;
  std::vector<loop::Fd> sockets_;  // of the clients; invalid when closed
  std::vector<loop::Fd> epolls_;
  std::vector<bool> asked_;
  loop::Fd epoll_;
  loop::Fd listener_;
};

}  // namespace simloop::sim

#endif  // TESTS_SIM_ECHO_WORLD_H_
