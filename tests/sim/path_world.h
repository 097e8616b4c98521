// PathWorld: a client, a row of routers and a server, a link between each and
// the next, and a log of the packets that says what ICMP says.
//
//   client 10.0.0.1 -- r1 10.0.1.1 -- r2 10.0.1.2 -- ... -- server 10.0.0.2
#ifndef TESTS_SIM_PATH_WORLD_H_
#define TESTS_SIM_PATH_WORLD_H_

#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "loop/abi.h"
#include "loop/address.h"
#include "loop/socket_option.h"
#include "sim/host.h"
#include "sim/kernel.h"
#include "sim/link.h"
#include "sim/router.h"
#include "sim/tcp/segment.h"
#include "sim/world.h"
#include "trace/recorder.h"

namespace simloop::sim {

// One line a packet: "10ms sent tcp client-r1 len=1448", "20ms came icmp 4
// mtu=600", "10ms dropped udp ttl exceeded".
class PathLog final : public trace::Sink {
 public:
  void Take(const trace::Record& record) override {
    const auto* packet = std::get_if<trace::Packet>(&record.body);
    if (packet == nullptr) return;
    std::string line =
        absl::FormatDuration(absl::Nanoseconds(record.time.nanos()));
    const bool sent = packet->step == trace::Packet::Step::kSent;
    const bool dropped = packet->step == trace::Packet::Step::kDropped;
    absl::StrAppend(&line, sent ? " sent" : (dropped ? " dropped" : " came"));
    switch (packet->protocol) {
      case loop::kIpprotoTcp:
        absl::StrAppend(&line, " tcp");
        if ((packet->flags & tcp::kSyn) != 0) absl::StrAppend(&line, " SYN");
        if ((packet->flags & tcp::kRst) != 0) absl::StrAppend(&line, " RST");
        break;
      case loop::kIpprotoUdp:
        absl::StrAppend(&line, " udp");
        break;
      default:
        absl::StrAppend(&line, " icmp");
        if (sent) {
          const int type = packet->wire.icmp_code >> 8;
          absl::StrAppend(&line, " ", type == 0 ? 3 : type, "/",
                          packet->wire.icmp_code & 0xff);
          if (packet->wire.icmp_mtu != 0) {
            absl::StrAppend(&line, " mtu=", packet->wire.icmp_mtu);
          }
        }
    }
    absl::StrAppend(&line, " ", packet->from.ToString(), ">",
                    packet->to.ToString(), " len=", packet->length);
    if (sent) {
      const bool back = packet->wire.from_b;
      const absl::string_view a = packet->wire.link_a;
      const absl::string_view b = packet->wire.link_b;
      absl::StrAppend(&line, " ", back ? b : a, "-", back ? a : b,
                      " piece=", packet->wire.segment_bytes);
    }
    if (!packet->reason.empty()) absl::StrAppend(&line, " ", packet->reason);
    lines_.push_back(line);
  }

  std::vector<std::string> With(absl::string_view part,
                                absl::string_view other = "") const {
    std::vector<std::string> found;
    for (const std::string& line : lines_) {
      if (absl::StrContains(line, part) && absl::StrContains(line, other)) {
        found.push_back(line);
      }
    }
    return found;
  }
  void Clear() { lines_.clear(); }

 private:
  std::vector<std::string> lines_;
};

class PathWorld : public testing::Test {
 protected:
  static constexpr loop::Ipv4 kClient{0x0a000001};
  static constexpr loop::Ipv4 kServer{0x0a000002};
  static constexpr uint16_t kPort = 7001;

  PathWorld() : recorder_(world_, &log_) { world_.SetRecorder(&recorder_); }

  Host& AddHost(absl::string_view name, loop::Ipv4 address,
                bool forwards = false, HostOptions options = HostOptions()) {
    options.name = std::string(name);
    options.address = address;
    options.forwards = forwards;
    return world_.AddHost(options);
  }
  Host& AddRouter(int number) {
    return AddHost(absl::StrCat("r", number),
                   {0x0a000100 + static_cast<uint32_t>(number)}, true);
  }
  static LinkOptions Latency(int millis) {
    LinkOptions options;
    options.latency = absl::Milliseconds(millis);
    return options;
  }
  // The row, with a link of 10 ms each; its ends run a process each.
  void Build(int routers, HostOptions client = HostOptions()) {
    std::vector<Host*> row = {&AddHost("client", kClient, false, client)};
    for (int i = 1; i <= routers; ++i) row.push_back(&AddRouter(i));
    row.push_back(&AddHost("server", kServer));
    for (size_t i = 0; i + 1 < row.size(); ++i) {
      path_.push_back(&world_.AddLink(*row[i], *row[i + 1], Latency(10)));
    }
    Run(*row.front(), *row.back());
    routers_.assign(row.begin() + 1, row.end() - 1);
  }
  void Run(Host& client, Host& server) {
    client_ = std::make_unique<Kernel>(client);
    server_ = std::make_unique<Kernel>(server);
  }

  loop::Address ServerAddress() const {
    return loop::Address::Inet(kServer, kPort);
  }
  loop::Fd Tcp(Kernel& kernel) {
    return *kernel.Socket(loop::Family::kInet,
                          loop::kSockStream | loop::kSockNonblock, 0);
  }
  loop::Fd Udp(Kernel& kernel) {
    return *kernel.Socket(loop::Family::kInet,
                          loop::kSockDgram | loop::kSockNonblock, 0);
  }
  loop::Fd Listen() {
    const loop::Fd fd = Tcp(*server_);
    EXPECT_TRUE(server_->Bind(fd, ServerAddress()).ok());
    EXPECT_TRUE(server_->Listen(fd, 16).ok());
    return fd;
  }
  loop::Fd Connect() {
    const loop::Fd fd = Tcp(*client_);
    EXPECT_EQ(client_->Connect(fd, ServerAddress()).error(),
              loop::Errno::kEINPROGRESS);
    return fd;
  }
  // A datagram socket of the server, and one of the client that is connected.
  loop::Fd UdpServer() {
    const loop::Fd fd = Udp(*server_);
    EXPECT_TRUE(server_->Bind(fd, ServerAddress()).ok());
    return fd;
  }
  loop::Fd UdpClient() {
    const loop::Fd fd = Udp(*client_);
    EXPECT_TRUE(client_->Connect(fd, ServerAddress()).ok());
    return fd;
  }
  static loop::Errno Send(Kernel& kernel, loop::Fd fd, size_t bytes) {
    const auto result = kernel.Send(fd, std::string(bytes, 'x'), 0);
    return result.ok() ? loop::Errno::kOk : result.error();
  }
  // How many bytes can be read now; 0 for none, or an error.
  static size_t ReadAll(Kernel& kernel, loop::Fd fd) {
    std::string buffer(65536, '\0');
    size_t all = 0;
    while (true) {
      const auto count = kernel.Read(fd, absl::MakeSpan(buffer));
      if (!count.ok() || *count == 0) return all;
      all += *count;
    }
  }
  static loop::Errno Error(Kernel& kernel, loop::Fd fd) {
    return loop::TakeSocketError(kernel, fd);
  }

  // Runs the world until `at`, all that happens then included.
  void RunTo(absl::Duration at) {
    const loop::Instant until = loop::Instant() + at;
    world_.At(until, "until", [] {});
    static_cast<void>(world_.Run(until));
  }
  void RunTo(int64_t millis) { RunTo(absl::Milliseconds(millis)); }

  PathLog log_;
  World world_;
  trace::Recorder recorder_;
  std::vector<Link*> path_;
  std::vector<Host*> routers_;
  std::unique_ptr<Kernel> client_;
  std::unique_ptr<Kernel> server_;
};

}  // namespace simloop::sim

#endif  // TESTS_SIM_PATH_WORLD_H_
