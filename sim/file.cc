#include "sim/file.h"

#include "sim/epoll.h"

namespace simloop::sim {

File::~File() {
  if (tally_ == nullptr) return;
  --tally_->files;
  if (counted_socket_) --tally_->sockets;
}

void File::CountIn(FileTally& tally) {
  tally_ = &tally;
  counted_socket_ = AsSocket() != nullptr;
  ++tally.files;
  if (counted_socket_) ++tally.sockets;
}

void File::Unref() {
  if (--references_ > 0) return;
  Epoll::Forget(*this);
  Release();
  delete this;
}

}  // namespace simloop::sim
