// Namespace: the Unix sockets of a host and the names they are bound to
// (unix(7)): pathnames in the host's directory, abstract names of each socket
// type.
#ifndef SIM_UNIX_NAMESPACE_H_
#define SIM_UNIX_NAMESPACE_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "loop/address.h"
#include "loop/result.h"

namespace simloop::sim {
class Host;
}

namespace simloop::sim::unix_domain {

class Socket;

class Namespace final {
 public:
  explicit Namespace(Host& host) : host_(host) {}
  ~Namespace();
  Namespace(const Namespace&) = delete;
  Namespace& operator=(const Namespace&) = delete;

  // The name that `address` gives in full, its path cut to the size it is said
  // to have. EINVAL: not of this family, unnamed, too long
  // (unix_validate_addr()).
  static loop::Result<std::string> NameOf(const loop::Address& address);

  // bind(2): EADDRINUSE, EINVAL (it has a name), or what the path gives.
  loop::Errno Bind(Socket& socket, const std::string& name);
  // Gives it an abstract name of the kernel's choice, if it has none.
  void Autobind(Socket& socket);
  // Who is bound to `name`. ECONNREFUSED: nobody; EPROTOTYPE: one of another
  // type; ENOENT, ENOTDIR.
  loop::Result<Socket*> Find(const std::string& name, int type) const;

  void Add(Socket& socket);
  void Remove(Socket& socket);

  // Unix sockets that wait in queues, to be received (SCM_RIGHTS).
  void CountInFlight(int change) { in_flight_ += change; }
  // Closes the sockets that nothing but their own queues refer to
  // (unix_gc()).
  void CollectGarbage();

  // Whether a Scheduler lets a listener be full, or memory be short
  // (HostOptions::freedoms).
  bool BacklogDenied();
  bool MemoryDenied();

 private:
  loop::Errno BindPath(Socket& socket, const std::string& name);

  Host& host_;
  Socket* first_ = nullptr;                                  // of all open ones
  std::map<std::pair<int, std::string>, Socket*> abstract_;  // by type, name
  uint32_t autobound_ = 0;
  uint32_t connects_ = 0;
  uint32_t sends_ = 0;
  int in_flight_ = 0;
  bool collecting_ = false;
};

}  // namespace simloop::sim::unix_domain

#endif  // SIM_UNIX_NAMESPACE_H_
