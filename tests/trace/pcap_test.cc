// What tshark makes of the captures of the catalog: it decodes them whole,
// every checksum is right, and it finds those retransmissions that there were,
// and nothing else amiss.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "scenarios/scenario_run.h"
#include "sim/kernel.h"
#include "sim/world.h"
#include "tests/scenarios/catalog_files.h"
#include "tests/trace/tshark.h"
#include "trace/capture_view.h"

namespace simloop::trace {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Numbers = std::set<uint64_t>;

constexpr uint8_t kSyn = 2, kAck = 16;

#define SKIP_WITHOUT_TSHARK()                                           \
  if (!Tshark::Installed()) {                                           \
    GTEST_SKIP() << "tshark is not installed (Debian package tshark): " \
                    "captures were not held to it";                     \
  }

// The packets of the trace that were sent, those that `takes`.
template <typename Takes>
Numbers SentWhere(const Trace& trace, Takes takes) {
  Numbers numbers;
  for (RecordId id = 1; id <= trace.size(); ++id) {
    const auto* packet = std::get_if<Packet>(&trace.Get(id).body);
    if (packet != nullptr && packet->step == Packet::Step::kSent &&
        takes(*packet)) {
      numbers.insert(packet->packet);
    }
  }
  return numbers;
}

Numbers Retransmissions(const Trace& trace) {
  return SentWhere(trace, [](const Packet& packet) {
    return packet.reason == "retransmission";
  });
}

// Connections that were called for: their initial sequence numbers differ.
size_t Conversations(const Trace& trace) {
  std::set<std::tuple<loop::Endpoint, loop::Endpoint, uint32_t>> all;
  SentWhere(trace, [&](const Packet& packet) {
    const uint8_t opening = packet.flags & (kSyn | kAck);
    if (opening == kSyn) {
      all.emplace(packet.from.endpoint(), packet.to.endpoint(),
                  packet.wire.seq_base);
    } else if (opening == (kSyn | kAck)) {
      // Behind a NAT the answer goes to other ends than the SYN came from.
      all.emplace(packet.to.endpoint(), packet.from.endpoint(),
                  packet.wire.ack_base);
    }
    return false;
  });
  return all.size();
}

Numbers PacketIds(const Tshark& tshark, const std::string& having) {
  Numbers numbers;
  for (const Tshark::Row& row : tshark.rows()) {
    if (row.at(having).empty()) continue;
    uint64_t number = 0;
    EXPECT_TRUE(absl::SimpleAtoi(row.at("frame.packet_id"), &number));
    numbers.insert(number);
  }
  return numbers;
}

void ExpectWellFormed(const Tshark& tshark, const Trace& trace) {
  for (const Tshark::Row& row : tshark.rows()) {
    const std::string& number = row.at("frame.number");
    EXPECT_EQ(row.at("_ws.malformed"), "") << number;
    EXPECT_NE(row.at("frame.comment"), "") << number;
    const bool quotes =
        !row.at("icmp.type").empty() || !row.at("icmpv6.type").empty();
    for (const char* protocol : {"ip", "tcp", "udp", "icmp", "icmpv6"}) {
      const std::string& status =
          row.at(absl::StrCat(protocol, ".checksum.status"));
      // 1: right; 0: wrong; 2: of what is quoted in part nobody can tell.
      EXPECT_TRUE(quotes ? !absl::StrContains(status, "0")
                         : status.empty() || status == "1")
          << number << ": " << protocol << " " << status;
    }
  }
  EXPECT_EQ(PacketIds(tshark, "frame.number"),
            SentWhere(trace, [](const Packet&) { return true; }));
}

// What tshark says where packets are missing or out of order.
void ExpectNoAlarm(const Tshark& tshark) {
  for (const char* alarm :
       {"out_of_order", "lost_segment", "ack_lost_segment", "duplicate_ack"}) {
    EXPECT_THAT(PacketIds(tshark, absl::StrCat("tcp.analysis.", alarm)),
                IsEmpty())
        << alarm;
  }
}

Tshark CaptureOf(const Trace& trace) {
  const std::string file = ::testing::TempDir() + "/pcap_test.pcapng";
  EXPECT_TRUE(SaveCapture(trace, file).ok());
  return Tshark(file);
}

Trace TraceOf(const scenarios::Scenario& scenario,
              const scenarios::RunRequest& request) {
  Trace trace;
  trace.KeepPayloads();
  scenarios::RunScenario(scenario, request, &trace);
  return trace;
}

class Catalog : public ::testing::TestWithParam<std::string> {};

TEST_P(Catalog, IsDecodedWholeByTshark) {
  SKIP_WITHOUT_TSHARK();
  const scenarios::Scenario scenario = scenarios::Load(GetParam());
  const Trace trace = TraceOf(scenario, {});
  const Tshark tshark = CaptureOf(trace);
  ExpectWellFormed(tshark, trace);
  EXPECT_EQ(PacketIds(tshark, "tcp.analysis.retransmission"),
            Retransmissions(trace));
  ExpectNoAlarm(tshark);
  EXPECT_EQ(tshark.conversations(), Conversations(trace));
  // Those where one program is Node's http server.
  const bool http = std::any_of(
      scenario.programs.begin(), scenario.programs.end(),
      [](const auto& program) {
        return absl::string_view(program.kind->name) == "http_hello";
      });
  EXPECT_EQ(tshark.Field("http.request.method").empty(), !http);
  EXPECT_EQ(tshark.Field("http.response.code").empty(), !http);
}

INSTANTIATE_TEST_SUITE_P(Pcap, Catalog,
                         ::testing::ValuesIn(scenarios::CatalogFiles()),
                         scenarios::CatalogTestName);

TEST(Pcap, ShowsHttpAsItWasSaid) {
  SKIP_WITHOUT_TSHARK();
  const Tshark tshark = CaptureOf(
      TraceOf(scenarios::Load("scenarios/catalog/http/anatomy.txtpb"), {}));
  EXPECT_THAT(tshark.Field("http.request.method"), ElementsAre("GET"));
  EXPECT_THAT(tshark.Field("http.response.code"), ElementsAre("200"));
  ASSERT_FALSE(tshark.rows().empty());
  const Tshark::Row& first = tshark.rows()[0];
  EXPECT_EQ(first.at("frame.interface_name"), "node lo");
  EXPECT_EQ(first.at("frame.comment"),
            "client: connect(2) on descriptor 5 (fdB)");
}

TEST(Pcap, ShowsARunUnderASeed) {
  SKIP_WITHOUT_TSHARK();
  scenarios::RunRequest request;
  request.seed = 7;
  const Trace trace = TraceOf(
      scenarios::Load("scenarios/catalog/net/short_transfers.txtpb"), request);
  ExpectWellFormed(CaptureOf(trace), trace);
}

// Two hosts, whose calls are made here, between events.
class TwoHosts final {
 public:
  TwoHosts() : recorder_(world_, &trace_) {
    world_.SetRecorder(&recorder_);
    sim::HostOptions a, b;
    a.name = "a";
    a.address = *loop::Ipv4::Parse("10.0.0.1");
    a.address6 = *loop::Ip::Parse("fd00::1");
    b.name = "b";
    b.address = *loop::Ipv4::Parse("10.0.0.2");
    b.address6 = *loop::Ip::Parse("fd00::2");
    a_ = &world_.AddHost(a);
    b_ = &world_.AddHost(b);
    world_.AddLink(*a_, *b_, {});
    kernel_a_ = std::make_unique<sim::Kernel>(*a_);
    kernel_b_ = std::make_unique<sim::Kernel>(*b_);
  }

  loop::Kernel& a() { return *kernel_a_; }
  loop::Kernel& b() { return *kernel_b_; }
  void RunOn() { world_.Run(world_.Now().PlusNanos(10'000'000'000)); }

  const Trace& trace() const { return trace_; }

 private:
  struct Keeping final {
    explicit Keeping(Trace& trace) { trace.KeepPayloads(); }
  };
  sim::World world_;
  Trace trace_;
  Keeping keeping_{trace_};
  Recorder recorder_;
  sim::Host* a_;
  sim::Host* b_;
  std::unique_ptr<sim::Kernel> kernel_a_;
  std::unique_ptr<sim::Kernel> kernel_b_;
};

loop::Fd Socket(loop::Kernel& kernel, loop::Family family, int type) {
  return *kernel.Socket(family, type | loop::kSockNonblock, 0);
}

void ExpectBulkIsCut(TwoHosts& hosts, const char* address, loop::Family family,
                     uint32_t mss) {
  const loop::Address to = *loop::Address::Parse(address);
  const loop::Fd listener = Socket(hosts.b(), family, loop::kSockStream);
  ASSERT_TRUE(hosts.b().Bind(listener, to).ok());
  ASSERT_TRUE(hosts.b().Listen(listener, 1).ok());
  const loop::Fd fd = Socket(hosts.a(), family, loop::kSockStream);
  EXPECT_EQ(hosts.a().Connect(fd, to).error(), loop::Errno::kEINPROGRESS);
  hosts.RunOn();
  const std::string bulk(100'000, 'x');
  ASSERT_EQ(*hosts.a().Write(fd, bulk), bulk.size());
  hosts.RunOn();
  const Tshark tshark = CaptureOf(hosts.trace());
  ExpectWellFormed(tshark, hosts.trace());
  uint64_t sum = 0, most = 0;
  for (const std::string& text : tshark.Field("tcp.len")) {
    uint64_t length = 0;
    ASSERT_TRUE(absl::SimpleAtoi(text, &length));
    sum += length;
    most = std::max(most, length);
  }
  EXPECT_EQ(sum, bulk.size());
  EXPECT_EQ(most, mss);
  EXPECT_THAT(PacketIds(tshark, "tcp.analysis.retransmission"), IsEmpty());
  ExpectNoAlarm(tshark);
}

TEST(Pcap, CutsBulkDataToTheMss) {
  SKIP_WITHOUT_TSHARK();
  TwoHosts hosts;
  // 1500 - 20 - 20 - 12.
  ExpectBulkIsCut(hosts, "10.0.0.2:80", loop::Family::kInet, 1448);
}

TEST(Pcap, CutsBulkDataToTheMssOfIpv6) {
  SKIP_WITHOUT_TSHARK();
  TwoHosts hosts;
  // 1500 - 40 - 20 - 12.
  ExpectBulkIsCut(hosts, "[fd00::2]:80", loop::Family::kInet6, 1428);
}

TEST(Pcap, ShowsDatagramsTheirFragmentsAndTheErrorsAboutThem) {
  SKIP_WITHOUT_TSHARK();
  for (const auto& [address, family] :
       {std::pair("10.0.0.2:9", loop::Family::kInet),
        std::pair("[fd00::2]:9", loop::Family::kInet6)}) {
    TwoHosts hosts;
    const loop::Address to = *loop::Address::Parse(address);
    const loop::Fd fd = Socket(hosts.a(), family, loop::kSockDgram);
    for (const size_t size : {0, 5, 4000}) {
      EXPECT_EQ(*hosts.a().Sendto(fd, std::string(size, 'x'), 0, to), size);
      hosts.RunOn();
    }
    const Tshark tshark = CaptureOf(hosts.trace());
    ExpectWellFormed(tshark, hosts.trace());
    // 8 bytes of header and what was sent; then the same, quoted. The datagram
    // of 4008 bytes is put together from its fragments.
    EXPECT_THAT(tshark.Field("udp.length"),
                ElementsAre("8", "8", "13", "13", "4008", "4008"));
    const bool v4 = family == loop::Family::kInet;
    EXPECT_EQ(tshark.Field(v4 ? "icmp.type" : "icmpv6.type"),
              std::vector<std::string>(3, v4 ? "3" : "1"));
    EXPECT_EQ(tshark.rows().size(), 2u + 2u + 3u + 1u);
  }
}

}  // namespace
}  // namespace simloop::trace
