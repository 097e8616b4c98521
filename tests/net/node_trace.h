// NodeTrace: writes what a process asks of its kernel, and what its loop does,
// as the recorded traces of Node v0.1.96 have it: a kernel over another one,
// and an observer. They have no epoll in them.
#ifndef TESTS_NET_NODE_TRACE_H_
#define TESTS_NET_NODE_TRACE_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "loop/kernel.h"
#include "loop/observer.h"
#include "tests/loop/forwarding_kernel.h"

namespace simloop::net {

class NodeTrace final : public loop::ForwardingKernel,
                        public loop::LoopObserver {
 public:
  // Appends lines to `text`; both must outlive it.
  NodeTrace(loop::Kernel& kernel, std::string& text)
      : ForwardingKernel(kernel), text_(text) {}

  void OnLoopEvent(const loop::LoopEvent& event, loop::Owner owner) override;

  loop::Result<loop::Fd> Socket(loop::Family family, int type,
                                int protocol) override;
  loop::Result<void> Bind(loop::Fd fd, const loop::Address& address) override;
  loop::Result<void> Listen(loop::Fd fd, int backlog) override;
  loop::Result<loop::Accepted> Accept4(loop::Fd fd, int flags) override;
  loop::Result<void> Connect(loop::Fd fd,
                             const loop::Address& address) override;
  loop::Result<size_t> Read(loop::Fd fd, absl::Span<char> buffer) override;
  loop::Result<size_t> Write(loop::Fd fd, absl::Span<const char> data) override;
  loop::Result<void> Shutdown(loop::Fd fd, int how) override;
  loop::Result<void> Close(loop::Fd fd) override;
  loop::Result<size_t> Getsockopt(loop::Fd fd, int level, int name,
                                  absl::Span<char> value) override;

 private:
  void Line(absl::string_view text);
  // "fdA", by the order in which descriptors are made.
  std::string Name(loop::Fd fd) const;
  std::string Adopt(loop::Fd fd);

  std::string& text_;
  std::map<int, char> names_;
  char next_name_ = 'A';
};

}  // namespace simloop::net

#endif  // TESTS_NET_NODE_TRACE_H_
