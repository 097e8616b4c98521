// TwoHosts: a client and a server, one link of 10 ms between them, a process
// on each, and the calls a test makes often.
#ifndef TESTS_SIM_TWO_HOSTS_H_
#define TESTS_SIM_TWO_HOSTS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "loop/abi.h"
#include "loop/address.h"
#include "loop/socket_option.h"
#include "sim/host.h"
#include "sim/kernel.h"
#include "sim/link.h"
#include "sim/world.h"
#include "tests/sim/packet_log.h"
#include "trace/recorder.h"

namespace simloop::sim {

class TwoHosts : public testing::Test {
 protected:
  static constexpr absl::Duration kLatency = absl::Milliseconds(10);
  static constexpr int kType = loop::kSockStream | loop::kSockNonblock;
  static constexpr loop::Ipv4 kClient{0x0a000001};
  static constexpr loop::Ipv4 kServer{0x0a000002};
  static constexpr uint16_t kPort = 7001;

  TwoHosts() : TwoHosts(HostOptions(), HostOptions()) {}
  TwoHosts(HostOptions client, HostOptions server)
      : recorder_(world_, &log_),
        client_host_(AddHost("client", kClient, client)),
        server_host_(AddHost("server", kServer, server)),
        client_(client_host_),
        server_(server_host_) {
    world_.AddLink(client_host_, server_host_, {kLatency, {}});
  }

  static loop::Address ServerAddress() {
    return loop::Address::Inet(kServer, kPort);
  }

  // Runs the world until `at`, all that happens then included.
  void RunTo(absl::Duration at) {
    const loop::Instant until = loop::Instant() + at;
    world_.At(until, "until", [] {});
    static_cast<void>(world_.Run(until));
  }

  loop::Fd NewSocket(Kernel& kernel) {
    return *kernel.Socket(loop::Family::kInet, kType, 0);
  }
  loop::Fd Listen(int backlog) {
    const loop::Fd fd = NewSocket(server_);
    EXPECT_TRUE(server_.Bind(fd, ServerAddress()).ok());
    EXPECT_TRUE(server_.Listen(fd, backlog).ok());
    return fd;
  }
  // A connect under way.
  loop::Fd Connect() {
    const loop::Fd fd = NewSocket(client_);
    EXPECT_EQ(client_.Connect(fd, ServerAddress()).error(),
              loop::Errno::kEINPROGRESS);
    return fd;
  }
  // -1 if none waits.
  loop::Fd Accept(loop::Fd listener) {
    const auto accepted = server_.Accept4(listener, loop::kSockNonblock);
    return accepted.ok() ? accepted->fd : loop::Fd{-1};
  }

  // The bits of poll(2), through an epoll of its own.
  static uint32_t Ready(Kernel& kernel, loop::Fd fd) {
    const loop::Fd epoll = *kernel.EpollCreate1(0);
    const uint32_t all = loop::kEpollIn | loop::kEpollOut | loop::kEpollRdhup;
    static_cast<void>(kernel.EpollCtl(epoll, loop::kEpollCtlAdd, fd, {all, 0}));
    loop::EpollEvent event;
    const auto count = kernel.EpollWait(epoll, absl::MakeSpan(&event, 1), {});
    static_cast<void>(kernel.Close(epoll));
    return *count == 0 ? 0 : event.events;
  }

  static loop::Result<size_t> Send(Kernel& kernel, loop::Fd fd,
                                   absl::string_view data) {
    return kernel.Send(fd, data, 0);
  }
  // What can be read now.
  static std::string ReadAll(Kernel& kernel, loop::Fd fd) {
    std::string all;
    std::string buffer(65536, '\0');
    while (true) {
      const auto count = kernel.Read(fd, absl::MakeSpan(buffer));
      if (!count.ok() || *count == 0) return all;
      all.append(buffer.data(), *count);
    }
  }

  PacketLog log_;
  World world_;
  trace::Recorder recorder_;
  Host& client_host_;
  Host& server_host_;
  Kernel client_;
  Kernel server_;

 private:
  Host& AddHost(const char* name, loop::Ipv4 address, HostOptions options) {
    world_.SetRecorder(&recorder_);
    options.name = name;
    options.address = address;
    return world_.AddHost(options);
  }
};

}  // namespace simloop::sim

#endif  // TESTS_SIM_TWO_HOSTS_H_
