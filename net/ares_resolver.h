// AresResolver: names of this machine's network, asked for by c-ares
// (https://c-ares.org), whose sockets the event loop watches like any other: no
// thread waits. Live only: c-ares makes its system calls itself, past the
// loop's Kernel, whose descriptors must be the system's.
#ifndef NET_ARES_RESOLVER_H_
#define NET_ARES_RESOLVER_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "loop/event_loop.h"
#include "net/resolver.h"

namespace simloop::net {

class AresResolver final : public Resolver {
 public:
  struct Options {
    // "127.0.0.1:53,[::1]:53". Empty: what resolv.conf(5) says.
    std::string servers;
    // Of the first of `tries`; each further one waits twice as long. 0: what
    // resolv.conf(5) says.
    absl::Duration timeout = absl::ZeroDuration();
    int tries = 0;
  };

  // `loop` must outlive it. That c-ares cannot begin is a CHECK failure.
  AresResolver(loop::EventLoop& loop, Options options);
  // Nobody who still waits is called.
  ~AresResolver() override;
  AresResolver(const AresResolver&) = delete;
  AresResolver& operator=(const AresResolver&) = delete;

  // hosts(5) first, then A and AAAA records, in the order of RFC 6724.
  // "EAI_AGAIN": no server has answered, or it has failed.
  void Resolve(absl::string_view name, AddressFamily family,
               ResolveCallback done) override;

 private:
  class Channel;
  std::unique_ptr<Channel> channel_;
};

}  // namespace simloop::net

#endif  // NET_ARES_RESOLVER_H_
