#include "tests/sim/transfer.h"

#include <algorithm>
#include <map>
#include <variant>
#include <vector>

#include "loop/abi.h"
#include "loop/address.h"
#include "sim/kernel.h"
#include "trace/recorder.h"

namespace simloop::sim {
namespace {

constexpr uint16_t kPort = 7001;
constexpr loop::Ipv4 kServer{0x0a000002};

// The byte at `index` of the stream: a period of no power of two.
char ByteAt(size_t index) { return static_cast<char>(index % 251); }

class SegmentCount final : public trace::Sink {
 public:
  explicit SegmentCount(TransferResult& result) : result_(result) {}
  void Take(const trace::Record& record) override {
    const auto* packet = std::get_if<trace::Packet>(&record.body);
    if (packet == nullptr || packet->to.port != kPort) return;
    const absl::Duration now = absl::Nanoseconds(record.time.nanos());
    if (packet->step == trace::Packet::Step::kDelivered && packet->length > 0) {
      result_.slowest =
          std::max(result_.slowest, now - sent_at_[packet->packet]);
    }
    if (packet->step != trace::Packet::Step::kSent) return;
    sent_at_[packet->packet] = now;
    ++result_.segments;
    const bool repeated = packet->reason == "retransmission";
    if (repeated) ++result_.repeated;
    if (packet->length == 0) return;
    result_.sendings.push_back({now, packet->length, repeated});
  }

 private:
  TransferResult& result_;
  std::map<uint64_t, absl::Duration> sent_at_;
};

void Serve(Kernel& kernel, const World& world, TransferResult& result) {
  const auto listener =
      kernel.Socket(loop::Family::kInet, loop::kSockStream, 0);
  static_cast<void>(
      kernel.Bind(*listener, loop::Address::Inet(kServer, kPort)));
  static_cast<void>(kernel.Listen(*listener, 4));
  const auto accepted = kernel.Accept4(*listener, 0);
  std::vector<char> buffer(65536);
  while (true) {
    const auto count = kernel.Read(accepted->fd, absl::MakeSpan(buffer));
    if (!count.ok()) {
      result.server_error = count.error();
      break;
    }
    if (*count == 0) {
      result.end_of_stream = true;
      break;
    }
    result.last_byte = world.Now() - loop::Instant();
    if (result.received == 0) result.first_byte = result.last_byte;
    for (size_t i = 0; i < *count; ++i) {
      if (buffer[i] != ByteAt(result.received + i)) result.intact = false;
    }
    result.received += *count;
  }
  static_cast<void>(kernel.Close(accepted->fd));
  static_cast<void>(kernel.Close(*listener));
}

void Send(Kernel& kernel, size_t bytes, TransferResult& result) {
  const auto fd = kernel.Socket(loop::Family::kInet, loop::kSockStream, 0);
  const auto connected =
      kernel.Connect(*fd, loop::Address::Inet(kServer, kPort));
  if (!connected.ok()) {
    result.client_error = connected.error();
    return;
  }
  std::vector<char> buffer(65536);
  for (size_t sent = 0; sent < bytes;) {
    const size_t size = std::min(buffer.size(), bytes - sent);
    for (size_t i = 0; i < size; ++i) buffer[i] = ByteAt(sent + i);
    const auto count =
        kernel.Write(*fd, absl::MakeConstSpan(buffer.data(), size));
    if (!count.ok()) {
      result.client_error = count.error();
      break;
    }
    sent += *count;
  }
  // Who closes at once gives up sooner: nobody is left to be told.
  static_cast<void>(kernel.Shutdown(*fd, loop::kShutWr));
  const auto answer = kernel.Read(*fd, absl::MakeSpan(buffer));
  if (!answer.ok()) result.client_error = answer.error();
  static_cast<void>(kernel.Close(*fd));
}

}  // namespace

TransferResult RunTransfer(const TransferPlan& plan, Scheduler* scheduler) {
  TransferResult result;
  World world(scheduler);
  SegmentCount count(result);
  trace::Recorder recorder(world, &count);
  world.SetRecorder(&recorder);
  HostOptions client_options = plan.client;
  client_options.name = "client";
  client_options.address = loop::Ipv4{0x0a000001};
  HostOptions server_options = plan.server;
  server_options.name = "server";
  server_options.address = kServer;
  Host& client_host = world.AddHost(client_options);
  Host& server_host = world.AddHost(server_options);
  world.AddLink(client_host, server_host, plan.to_server, plan.to_client);
  Kernel client(client_host);
  Kernel server(server_host);
  server.StartBlocking([&] {
    Serve(server, world, result);
    result.time = world.Now() - loop::Instant();
  });
  client.StartBlocking([&] { Send(client, plan.bytes, result); });
  result.end = world.Run(loop::Instant() + plan.time_limit);
  return result;
}

}  // namespace simloop::sim
