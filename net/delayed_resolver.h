// DelayedResolver: a Resolver whose answers are known when it is asked, and
// come some time later: names of a simulation, or of a test.
#ifndef NET_DELAYED_RESOLVER_H_
#define NET_DELAYED_RESOLVER_H_

#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "loop/event_loop.h"
#include "net/resolver.h"

namespace simloop::net {

struct DelayedResolution {
  Resolution resolution;
  absl::Duration delay;  // zero: in the next tick
};
using NameQuestion = absl::AnyInvocable<DelayedResolution(absl::string_view)>;

class DelayedResolver final : public Resolver {
 public:
  // `loop` must outlive it.
  DelayedResolver(loop::EventLoop& loop, NameQuestion ask);

  // Of what `ask` answers, the addresses of `family`; ENOTFOUND if there is
  // none among them.
  void Resolve(absl::string_view name, AddressFamily family,
               ResolveCallback done) override;

 private:
  loop::EventLoop& loop_;
  NameQuestion ask_;
};

}  // namespace simloop::net

#endif  // NET_DELAYED_RESOLVER_H_
