// AbortSignal: what a program aborts a socket or a server by: an
// AbortController and its signal in one
// (https://nodejs.org/api/globals.html#class-abortsignal). It keeps nobody
// alive. A modern Node's; v0.1.96 has none and does not look at it.
#ifndef NET_ABORT_SIGNAL_H_
#define NET_ABORT_SIGNAL_H_

#include "net/event.h"

namespace simloop::net {

class AbortSignal final {
 public:
  // controller.abort(): once; the listeners are called inside the call.
  void Abort() {
    if (aborted_) return;
    aborted_ = true;
    abort.Emit();
  }
  bool aborted() const { return aborted_; }

  Event<> abort;

 private:
  bool aborted_ = false;
};

}  // namespace simloop::net

#endif  // NET_ABORT_SIGNAL_H_
