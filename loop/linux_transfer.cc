// The calls of LinuxKernel that move bytes.
#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstddef>
#include <vector>

#include "loop/linux_address.h"
#include "loop/linux_kernel.h"
#include "loop/linux_result.h"

namespace simloop::loop {
namespace {

// UIO_MAXIOV (readv(2)).
constexpr size_t kMaxBuffers = 1024;

// The iovec of readv(2) and sendmsg(2). Of more than UIO_MAXIOV spans the first
// ones, and a count that the kernel refuses.
class Iovec final {
 public:
  template <typename T>
  explicit Iovec(absl::Span<const absl::Span<T>> spans)
      : size_(spans.size() > kMaxBuffers ? kMaxBuffers + 1 : spans.size()) {
    iovec* buffers = few_;
    if (size_ > kFew) {
      many_.resize(size_);
      buffers = many_.data();
    }
    for (size_t i = 0; i < size_; ++i) {
      buffers[i].iov_base = const_cast<char*>(spans[i].data());
      buffers[i].iov_len = spans[i].size();
    }
  }
  iovec* get() { return size_ > kFew ? many_.data() : few_; }
  size_t size() const { return size_; }
  int count() const { return static_cast<int>(size_); }

 private:
  static constexpr size_t kFew = 16;

  size_t size_;
  iovec few_[kFew];
  std::vector<iovec> many_;
};

}  // namespace

Result<size_t> LinuxKernel::Read(Fd fd, absl::Span<char> buffer) {
  // Of no bytes read(2) answers 0, and recv(2) may wait.
  if (options_.receive_and_send && !buffer.empty()) {
    const ssize_t count = recv(fd.number, buffer.data(), buffer.size(), 0);
    if (count >= 0 || errno != ENOTSOCK) return Count(count);
  }
  return Count(read(fd.number, buffer.data(), buffer.size()));
}

Result<size_t> LinuxKernel::Readv(Fd fd,
                                  absl::Span<const absl::Span<char>> buffers) {
  Iovec iovec(buffers);
  return Count(readv(fd.number, iovec.get(), iovec.count()));
}

Result<size_t> LinuxKernel::Write(Fd fd, absl::Span<const char> data) {
  if (options_.receive_and_send) {
    const ssize_t count = send(fd.number, data.data(), data.size(), 0);
    if (count >= 0 || errno != ENOTSOCK) return Count(count);
  }
  return Count(write(fd.number, data.data(), data.size()));
}

Result<size_t> LinuxKernel::Writev(
    Fd fd, absl::Span<const absl::Span<const char>> data) {
  Iovec iovec(data);
  return Count(writev(fd.number, iovec.get(), iovec.count()));
}

Result<size_t> LinuxKernel::Recv(Fd fd, absl::Span<char> buffer, int flags) {
  return Count(recv(fd.number, buffer.data(), buffer.size(), flags));
}

Result<size_t> LinuxKernel::Recvfrom(Fd fd, absl::Span<char> buffer, int flags,
                                     Address* from) {
  SocketAddress sender;
  const ssize_t result = recvfrom(fd.number, buffer.data(), buffer.size(),
                                  flags, sender.get(), sender.available());
  if (result >= 0) *from = sender.value();
  return Count(result);
}

Result<size_t> LinuxKernel::Recvmsg(Fd fd, IncomingMessage* message,
                                    int flags) {
  Iovec iovec(message->buffers);
  SocketAddress sender;
  msghdr header = {};
  header.msg_name = sender.get();
  header.msg_namelen = sender.size();
  header.msg_iov = iovec.get();
  header.msg_iovlen = iovec.size();
  header.msg_control = message->control.data();
  header.msg_controllen = message->control.size();
  const ssize_t result = recvmsg(fd.number, &header, flags);
  if (result < 0) return LastError();
  *sender.available() = header.msg_namelen;
  message->from = sender.value();
  message->control_size = header.msg_controllen;
  message->flags = header.msg_flags;
  return static_cast<size_t>(result);
}

Result<size_t> LinuxKernel::Send(Fd fd, absl::Span<const char> data,
                                 int flags) {
  return Count(send(fd.number, data.data(), data.size(), flags));
}

Result<size_t> LinuxKernel::Sendto(Fd fd, absl::Span<const char> data,
                                   int flags, const Address& to) {
  const SocketAddress receiver(to);
  return Count(sendto(fd.number, data.data(), data.size(), flags,
                      receiver.get(), receiver.size()));
}

Result<size_t> LinuxKernel::Sendmsg(Fd fd, const OutgoingMessage& message,
                                    int flags) {
  // By SCM_RIGHTS (unix(7)) any may go to others.
  if (!message.control.empty()) sole_.Clear();
  Iovec iovec(message.data);
  SocketAddress receiver;
  msghdr header = {};
  if (message.to != nullptr) {
    receiver = SocketAddress(*message.to);
    header.msg_name = receiver.get();
    header.msg_namelen = receiver.size();
  }
  header.msg_iov = iovec.get();
  header.msg_iovlen = iovec.size();
  header.msg_control = const_cast<char*>(message.control.data());
  header.msg_controllen = message.control.size();
  return Count(sendmsg(fd.number, &header, flags));
}

}  // namespace simloop::loop
