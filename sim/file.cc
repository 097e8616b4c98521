#include "sim/file.h"

#include "sim/epoll.h"

namespace simloop::sim {

void File::Unref() {
  if (--references_ > 0) return;
  Epoll::Forget(*this);
  Release();
  delete this;
}

}  // namespace simloop::sim
