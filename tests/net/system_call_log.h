// SystemCallLog: writes what a process asks of its kernel as strace(1) does, in
// the form of the recorded `.strace` files: descriptors and ports by the order
// in which they come up. A kernel over another one.
#ifndef TESTS_NET_SYSTEM_CALL_LOG_H_
#define TESTS_NET_SYSTEM_CALL_LOG_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "loop/kernel.h"
#include "tests/loop/forwarding_kernel.h"

namespace simloop::net {

class SystemCallLog final : public loop::ForwardingKernel {
 public:
  // `kernel` must outlive it.
  explicit SystemCallLog(loop::Kernel& kernel) : ForwardingKernel(kernel) {}

  // A line of the program's own, between the calls.
  void Comment(absl::string_view line);
  const std::string& text() const { return text_; }

  loop::Result<loop::Fd> Socket(loop::Family family, int type,
                                int protocol) override;
  loop::Result<void> Setsockopt(loop::Fd fd, int level, int name,
                                absl::Span<const char> value) override;
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
  loop::Result<loop::Fd> EpollCreate1(int flags) override;
  loop::Result<void> EpollCtl(loop::Fd epoll, int op, loop::Fd fd,
                              const loop::EpollEvent& event) override;
  loop::Result<size_t> EpollWait(loop::Fd epoll,
                                 absl::Span<loop::EpollEvent> events,
                                 absl::Duration timeout) override;

 private:
  void Line(absl::string_view call, absl::string_view answer);
  std::string Adopt(loop::Fd fd);
  std::string Name(loop::Fd fd) const;
  std::string Sockaddr(loop::Family family, const loop::Ip& ip, uint16_t port);

  std::string text_;
  std::map<int, char> names_;
  std::map<uint16_t, int> ports_;
  char next_name_ = 'A';
  int epoll_ = -1;
};

// A recorded log, or ours, without the blanks by which strace aligns answers.
std::string Unaligned(absl::string_view log);

}  // namespace simloop::net

#endif  // TESTS_NET_SYSTEM_CALL_LOG_H_
