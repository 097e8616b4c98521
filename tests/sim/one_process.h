// OneProcess: a process on a host of its own, and the calls that tests of
// files and Unix sockets make often.
#ifndef TESTS_SIM_ONE_PROCESS_H_
#define TESTS_SIM_ONE_PROCESS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "loop/abi.h"
#include "loop/address.h"
#include "loop/control_message.h"
#include "sim/host.h"
#include "sim/kernel.h"
#include "sim/world.h"

namespace simloop::sim {

class OneProcess : public testing::Test {
 protected:
  static constexpr uint32_t kIn = loop::kEpollIn;
  static constexpr uint32_t kOut = loop::kEpollOut;
  static constexpr uint32_t kPri = loop::kEpollPri;
  static constexpr uint32_t kRdhup = loop::kEpollRdhup;
  static constexpr uint32_t kErr = loop::kEpollErr;
  static constexpr uint32_t kHup = loop::kEpollHup;

  explicit OneProcess(HostOptions options = HostOptions(),
                      Scheduler* scheduler = nullptr)
      : world_(scheduler), host_(AddHost(options)), kernel_(host_) {}

  static loop::Address Name(const char* name) {
    return *loop::Address::Parse(name);
  }

  loop::Fd Unix(int type) {
    return *kernel_.Socket(loop::Family::kUnix, type | loop::kSockNonblock, 0);
  }
  std::pair<loop::Fd, loop::Fd> Pair(int type) {
    const auto pair =
        kernel_.Socketpair(loop::Family::kUnix, type | loop::kSockNonblock, 0);
    return {pair->first, pair->second};
  }
  loop::Fd Listener(int type, const char* name, int backlog) {
    const loop::Fd fd = Unix(type);
    EXPECT_TRUE(kernel_.Bind(fd, Name(name)).ok());
    EXPECT_TRUE(kernel_.Listen(fd, backlog).ok());
    return fd;
  }
  // How many bytes went; -1 and so on for an errno.
  int Send(loop::Fd fd, absl::string_view data, int flags = 0) {
    return Number(kernel_.Send(fd, data, flags));
  }
  // What came: its bytes, or the name of an errno.
  std::string Recv(loop::Fd fd, int flags = 0, size_t room = 4096) {
    std::string buffer(room, '\0');
    const auto result = kernel_.Recv(fd, absl::MakeSpan(buffer), flags);
    if (!result.ok()) return std::string(loop::ErrnoName(result.error()));
    buffer.resize(std::min(*result, room));
    return buffer;
  }
  int SendFiles(loop::Fd fd, absl::string_view data,
                const std::vector<loop::Fd>& files) {
    std::string control;
    loop::ControlMessage::Rights(files).AppendTo(&control);
    const absl::Span<const char> piece(data.data(), data.size());
    return Number(kernel_.Sendmsg(
        fd, {absl::MakeConstSpan(&piece, 1), nullptr, control}, 0));
  }
  struct Message {
    std::string data;
    std::vector<loop::Fd> files;
    int flags = 0;
  };
  Message RecvFiles(loop::Fd fd, size_t room = 100, int flags = 0,
                    size_t control_room = 64) {
    std::string buffer(room, '\0');
    std::string control(control_room, '\0');
    absl::Span<char> piece = absl::MakeSpan(buffer);
    loop::IncomingMessage incoming;
    incoming.buffers = absl::MakeConstSpan(&piece, 1);
    incoming.control = absl::MakeSpan(control);
    const auto result = kernel_.Recvmsg(fd, &incoming, flags);
    Message message;
    if (!result.ok()) {
      message.data = std::string(loop::ErrnoName(result.error()));
      return message;
    }
    message.data = buffer.substr(0, *result);
    message.flags = incoming.flags;
    control.resize(incoming.control_size);
    for (const auto& item : loop::ParseControl(control, nullptr)) {
      if (item.type == loop::kScmRights) message.files = item.descriptors();
    }
    return message;
  }
  uint32_t Ready(loop::Fd fd) {
    loop::PollFd entry{fd, kIn | kOut | kPri | kRdhup, 0};
    static_cast<void>(kernel_.Poll(absl::MakeSpan(&entry, 1), {}));
    return entry.revents;
  }
  int Ioctl(loop::Fd fd, uint32_t request) {
    int value = 0;
    const auto result = kernel_.Ioctl(fd, request, &value);
    return result.ok() ? value : -static_cast<int>(result.error());
  }

  // An edge-triggered watch of `fd`, its first event taken.
  loop::Fd Watch(loop::Fd fd) {
    const loop::Fd epoll = *kernel_.EpollCreate1(0);
    const uint32_t events = kIn | kOut | kPri | kRdhup | loop::kEpollEt;
    EXPECT_TRUE(
        kernel_.EpollCtl(epoll, loop::kEpollCtlAdd, fd, {events, 0}).ok());
    Edge(epoll);
    return epoll;
  }
  // The bits that a watch reports; 0: nothing.
  uint32_t Edge(loop::Fd epoll) {
    loop::EpollEvent event;
    const auto count = kernel_.EpollWait(epoll, absl::MakeSpan(&event, 1), {});
    return *count == 0 ? 0 : event.events;
  }

  // Another process, which may wait, does `body`.
  void InAnother(absl::AnyInvocable<void(Kernel&)> body) {
    others_.push_back(std::make_unique<Kernel>(host_));
    Kernel& kernel = *others_.back();
    kernel.StartBlocking(
        [&kernel, body = std::move(body)]() mutable { body(kernel); });
  }
  void RunFor(absl::Duration time) {
    const loop::Instant until = world_.Now() + time;
    world_.At(until, "until", [] {});
    static_cast<void>(world_.Run(until));
  }
  template <typename T>
  static int Number(const loop::Result<T>& result) {
    return result.ok() ? static_cast<int>(*result)
                       : -static_cast<int>(result.error());
  }
  static int Minus(loop::Errno error) { return -static_cast<int>(error); }

  World world_;
  Host& host_;
  std::vector<std::unique_ptr<Kernel>> others_;
  Kernel kernel_;

 private:
  Host& AddHost(HostOptions options) {
    options.name = "host";
    options.address = loop::Ipv4{0x0a000001};
    return world_.AddHost(options);
  }
};

}  // namespace simloop::sim

#endif  // TESTS_SIM_ONE_PROCESS_H_
