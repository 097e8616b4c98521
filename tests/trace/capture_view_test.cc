// Captures of traces that are made by hand: blocks, interfaces, comments, and
// what of a header depends on what went before.
#include "trace/capture_view.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/trace/golden.h"
#include "tests/trace/pcapng_reader.h"
#include "tests/trace/run_builder.h"
#include "tests/trace/sample_runs.h"
#include "trace/pcapng.h"

namespace simloop::trace {
namespace {

using ::testing::ElementsAre;
using Step = Packet::Step;

constexpr uint8_t kFin = 1, kSyn = 2, kPsh = 8, kAck = 16, kUrg = 32;
constexpr uint16_t kComment = 1, kName = 2;

std::vector<PcapngBlock> Blocks(const Trace& trace, uint32_t type) {
  std::vector<PcapngBlock> blocks;
  for (PcapngBlock& block : PcapngReader::Read(CaptureView(trace))) {
    if (block.type == type) blocks.push_back(std::move(block));
  }
  return blocks;
}

std::vector<PcapngBlock> Packets(const Trace& trace) {
  return Blocks(trace, PcapngReader::kPacket);
}

std::string BytesOf(const PcapngBlock& packet) {
  return packet.body.substr(20, packet.Number(12, 4));
}

std::vector<std::string> Comments(const Trace& trace) {
  std::vector<std::string> all;
  for (const PcapngBlock& packet : Packets(trace)) {
    all.push_back(absl::StrJoin(packet.Options(kComment), "; "));
  }
  return all;
}

std::vector<std::string> Interfaces(const Trace& trace) {
  std::vector<std::string> all;
  for (const PcapngBlock& block : Blocks(trace, PcapngReader::kInterface)) {
    all.push_back(block.Options(kName)[0]);
  }
  return all;
}

// A packet's lines of text: its times, headers in hex, comments.
std::string TextOf(const Trace& trace) {
  std::string text;
  for (const PcapngBlock& block : PcapngReader::Read(CaptureView(trace))) {
    if (block.type == PcapngReader::kInterface) {
      absl::StrAppend(&text, "interface: ", block.Options(kName)[0], "\n");
    } else if (block.type == PcapngReader::kPacket) {
      absl::StrAppend(&text, "packet on ", block.Number(0, 4), " at ",
                      block.Number(4, 4) << 32 | block.Number(8, 4), " ns, ",
                      block.Number(12, 4), " of ", block.Number(16, 4),
                      " bytes\n", absl::BytesToHexString(BytesOf(block)), "\n");
      for (const std::string& comment : block.Options(kComment)) {
        absl::StrAppend(&text, "  ", comment, "\n");
      }
    }
  }
  return text;
}

// A TCP packet between 10.0.0.1:1000 and 10.0.0.2:80 as a run reports it.
class Conversation final {
 public:
  Conversation() {
    run.recorder().AddProcess(
        "client", loop::Address::Inet(*loop::Ipv4::Parse("10.0.0.1"), 0));
    run.recorder().AddProcess(
        "server", loop::Address::Inet(*loop::Ipv4::Parse("10.0.0.2"), 0));
  }

  Packet Body(bool from_client, uint8_t flags, uint32_t seq, uint32_t ack,
              absl::string_view payload = "") {
    Packet packet{
        Step::kSent, ++number,
        *loop::Address::Parse(from_client ? "10.0.0.1:1000" : "10.0.0.2:80"),
        *loop::Address::Parse(from_client ? "10.0.0.2:80" : "10.0.0.1:1000"),
        flags};
    packet.seq = seq;
    packet.ack = ack;
    packet.window = 64'000;
    packet.length = static_cast<uint32_t>(payload.size());
    packet.wire.payload = payload;
    packet.wire.link_a = "client";
    packet.wire.link_b = "server";
    packet.wire.from_b = !from_client;
    packet.wire.seq_base = from_client ? 1'000'000 : 2'000'000;
    packet.wire.ack_base = from_client ? 2'000'000 : 1'000'000;
    return packet;
  }
  RecordId Send(const Packet& packet, RecordId cause) {
    return run.recorder().Add(kNoProcess, 0, packet, cause);
  }
  RecordId Arrive(Packet packet, RecordId sent) {
    packet.step = Step::kDelivered;
    return run.recorder().Add(kNoProcess, 0, packet, sent);
  }
  // Sent and arrived at once.
  RecordId Pass(const Packet& packet, RecordId cause) {
    return Arrive(packet, Send(packet, cause));
  }
  void Shake() {
    Packet syn = Body(true, kSyn, 0, 0);
    syn.wire.mss = 1460;
    Packet answer = Body(false, kSyn | kAck, 0, 1);
    answer.wire.mss = 1460;
    run.Connect(5, "10.0.0.2:80");
    const RecordId came = Pass(syn, run.recorder().last());
    const RecordId answered = Pass(answer, came);
    Pass(Body(true, kAck, 1, 1), answered);
  }

  RunBuilder run;
  uint64_t number = 0;
};

TEST(CaptureView, OfASmallRun) {
  const std::string got = TextOf(HandshakeRun());
  EXPECT_EQ(got, Golden("handshake.capture", got));
}

TEST(CaptureView, SaysNothingOfMachineAndDay) {
  const std::vector<PcapngBlock> blocks =
      PcapngReader::Read(CaptureView(Trace()));
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].type, PcapngReader::kSection);
  EXPECT_EQ(blocks[0].Number(0, 4), 0x1a2b3c4du);
  const std::vector<std::pair<uint16_t, std::string>> options = {
      {3, "simulated"}, {4, "simloop"}};
  EXPECT_EQ(blocks[0].options, options);
  EXPECT_EQ(CaptureView(HandshakeRun()), CaptureView(HandshakeRun()));
}

TEST(CaptureView, HasAnInterfaceForEachLinkAndLoopback) {
  Conversation talk;
  Packet packet = talk.Body(true, kSyn, 0, 0);
  talk.Send(packet, 0);
  packet.packet = 2;
  packet.wire.link_b = "client";
  talk.Send(packet, 0);
  packet.packet = 3;
  packet.wire.link_b = "";
  talk.Send(packet, 0);
  packet = talk.Body(false, kSyn | kAck, 0, 1);
  packet.packet = 4;
  talk.Send(packet, 0);
  const Trace trace = talk.run.Finish();
  EXPECT_THAT(Interfaces(trace),
              ElementsAre("client -- server", "client lo", "client nowhere"));
  const std::vector<PcapngBlock> packets = Packets(trace);
  ASSERT_EQ(packets.size(), 4u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(packets[i].Number(0, 4), i);
  EXPECT_EQ(packets[3].Number(0, 4), 0u);
  const std::string outbound("\x02\0\0\0", 4), inbound("\x01\0\0\0", 4);
  EXPECT_THAT(packets[0].Options(2), ElementsAre(outbound));
  EXPECT_THAT(packets[3].Options(2), ElementsAre(inbound));
}

TEST(CaptureView, SaysWhatMadeEachPacket) {
  Conversation talk;
  talk.Shake();
  Packet again = talk.Body(true, kPsh | kAck, 1, 1, "x");
  again.reason = "retransmission";
  talk.Send(again, 0);
  Packet fast = talk.Body(true, kPsh | kAck, 1, 1, "x");
  fast.reason = "retransmission";
  talk.Send(fast, talk.run.recorder().last());
  talk.Send(talk.Body(false, kAck, 1, 2), 0);
  talk.Send(talk.Body(false, kAck, 0, 2), 0);
  EXPECT_THAT(
      Comments(talk.run.Finish()),
      ElementsAre("client: connect(2) on descriptor 5",
                  "answer to SYN (packet 1)", "answer to SYN ACK (packet 2)",
                  "timer: retransmission of client.connect#1",
                  "retransmission of client.connect#1: follows PSH ACK 1 bytes "
                  "(packet 4)",
                  "timer: delayed acknowledgment of server.accept#1",
                  "timer: probe of server.accept#1"));
}

TEST(CaptureView, SaysWhyAPacketDidNotArrive) {
  Conversation talk;
  Packet packet = talk.Body(true, kSyn, 0, 0);
  const RecordId sent = talk.Send(packet, 0);
  talk.run.At(2'500'000);
  packet.step = Step::kDropped;
  packet.reason = "lost on the link";
  talk.run.recorder().Add(kNoProcess, 0, packet, sent);
  EXPECT_THAT(Comments(talk.run.Finish()),
              ElementsAre("a call or a timer that is not traced of "
                          "client.connect#1; dropped: lost on the link, at "
                          "2.500000ms"));
}

TEST(CaptureView, ShowsTheNetworksCopyOfAPacketWhereItArrives) {
  Conversation talk;
  const Packet packet = talk.Body(true, kSyn, 0, 0);
  const RecordId sent = talk.Send(packet, 0);
  talk.run.At(1'000'000);
  talk.Arrive(packet, sent);
  talk.run.At(1'500'000);
  talk.Arrive(packet, sent);
  const std::vector<PcapngBlock> packets = Packets(talk.run.Finish());
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_EQ(packets[1].Number(8, 4), 1'500'000u);
  EXPECT_EQ(BytesOf(packets[0]), BytesOf(packets[1]));
  EXPECT_THAT(packets[1].Options(kComment),
              ElementsAre("the network's copy of SYN (packet 1)"));
}

TEST(CaptureView, GivesEachPartOfACutSegmentItsOwnFate) {
  Conversation talk;
  talk.Shake();
  const std::string payload(3 * 1448, 'x');
  const Packet packet = talk.Body(true, kAck, 1, 1, payload);
  const RecordId sent = talk.Send(packet, 0);
  Packet part = packet;
  part.length = 1448;
  talk.run.At(1'000'000);
  talk.Arrive(part, sent);
  part.seq += 1448;
  part.step = Step::kDropped;
  part.reason = "lost on the link";
  talk.run.recorder().Add(kNoProcess, 0, part, sent);
  part.seq += 1448;
  part.reason = "";
  talk.Arrive(part, sent);
  talk.Arrive(part, sent);  // and again
  std::vector<std::string> comments = Comments(talk.run.Finish());
  ASSERT_EQ(comments.size(), 3u + 3u + 1u);
  comments.erase(comments.begin(), comments.begin() + 3);
  const std::string cause =
      "timer: data that was held back of client.connect#1";
  EXPECT_THAT(
      comments,
      ElementsAre(cause, cause + "; dropped: lost on the link, at 1.000000ms",
                  cause, "the network's copy of ACK 1448 bytes (packet 4)"));
}

TEST(CaptureView, WritesTheTimeStampsThatTheRunHas) {
  Conversation talk;
  Packet packet = talk.Body(true, kAck, 1, 1);
  packet.wire.stamp = 0x01020304;
  packet.wire.echo = 0x05060708;
  talk.Send(packet, 0);
  EXPECT_EQ(
      absl::BytesToHexString(BytesOf(Packets(talk.run.Finish())[0]).substr(40)),
      "0101080a0102030405060708");
}

TEST(CaptureView, AnswersASynWithItsTimeStamp) {
  Conversation talk;
  talk.run.At(4'000'000);
  talk.Shake();
  const std::string bytes = BytesOf(Packets(talk.run.Finish())[1]);
  EXPECT_EQ(absl::BytesToHexString(bytes.substr(46, 10)),
            "080a0000000500000005");
}

TEST(CaptureView, OrdersTheOptionsOfASynAsLinuxDoes) {
  Conversation talk;
  Packet syn = talk.Body(true, kSyn, 0, 0);
  syn.wire.mss = 1460;
  talk.run.At(4'000'000);
  talk.Send(syn, 0);
  const std::string bytes = BytesOf(Packets(talk.run.Finish())[0]);
  // MSS 1460; SACK permitted; time stamps 4 + 1 and 0; padding; scale 7.
  EXPECT_EQ(absl::BytesToHexString(bytes.substr(40)),
            "020405b4"
            "0402080a0000000500000000"
            "01030307");
  EXPECT_EQ(absl::BytesToHexString(bytes.substr(24, 4)), "000f4240");
  // Its window is never scaled: 64,000.
  EXPECT_EQ(absl::BytesToHexString(bytes.substr(34, 2)), "fa00");
}

TEST(CaptureView, EchoesTheTimeStampThatArrivedLast) {
  Conversation talk;
  talk.Shake();  // at 0: each stamp is 0 + 1
  talk.run.At(10'000'000);
  talk.Pass(talk.Body(true, kPsh | kAck, 1, 1, "hello"), 0);
  talk.run.At(30'000'000);
  talk.Send(talk.Body(false, kAck, 1, 6), 0);
  const std::vector<PcapngBlock> packets = Packets(talk.run.Finish());
  EXPECT_EQ(absl::BytesToHexString(BytesOf(packets[3]).substr(40, 12)),
            "0101080a0000000b00000001");
  EXPECT_EQ(absl::BytesToHexString(BytesOf(packets[4]).substr(40, 12)),
            "0101080a0000001f0000000b");
  // 64,000 / 2^7 = 500.
  EXPECT_EQ(absl::BytesToHexString(BytesOf(packets[4]).substr(34, 2)), "01f4");
  EXPECT_EQ(BytesOf(packets[3]).substr(52), "hello");
}

TEST(CaptureView, WritesALargeSegmentAsPacketsOfTheMss) {
  Conversation talk;
  talk.Shake();
  Packet packet =
      talk.Body(true, kFin | kPsh | kAck | kUrg, 1, 1, std::string(3000, 'x'));
  const std::string payload(3000, 'x');
  packet.wire.payload = payload;
  packet.wire.urgent = 1500;
  talk.Send(packet, 0);
  const std::vector<PcapngBlock> packets = Packets(talk.run.Finish());
  // 1460 - 12 = 1448: 3000 = 1448 + 1448 + 104.
  ASSERT_EQ(packets.size(), 3u + 3u);
  const size_t sizes[] = {1448, 1448, 104};
  // ACK and URG; the last with FIN and PSH, behind the urgent byte.
  const char* const flags[] = {"30", "30", "19"};
  const char* const urgent[] = {"05dc", "0034", "0000"};  // 1500, 52
  uint32_t seq = 1'000'001;
  for (int i = 0; i < 3; ++i) {
    const std::string bytes = BytesOf(packets[3 + i]);
    EXPECT_EQ(bytes.size(), 52 + sizes[i]);
    EXPECT_EQ(absl::BytesToHexString(bytes.substr(33, 1)), flags[i]);
    EXPECT_EQ(absl::BytesToHexString(bytes.substr(38, 2)), urgent[i]);
    EXPECT_EQ(absl::BytesToHexString(bytes.substr(24, 4)),
              absl::StrCat(absl::Hex(seq, absl::kZeroPad8)));
    seq += static_cast<uint32_t>(sizes[i]);
  }
}

TEST(CaptureView, WritesWhatTheRecordSaysOfBlocksThatCameEarly) {
  Conversation talk;
  talk.Shake();
  Packet packet = talk.Body(false, kAck, 1, 1);
  packet.sack_count = 2;
  packet.sack[0] = {101, 201};
  packet.sack[1] = {301, 401};
  talk.Send(packet, 0);
  // 1,000,000 + 101 = 0x0f42a5, and so on.
  EXPECT_EQ(
      absl::BytesToHexString(BytesOf(Packets(talk.run.Finish())[3]).substr(52)),
      "01010512"
      "000f42a5000f4309"
      "000f436d000f43d1");
}

TEST(CaptureView, EndsBehindTheHeadersWhereThereIsNoPayload) {
  Conversation talk;
  talk.Shake();
  Packet packet = talk.Body(true, kPsh | kAck, 1, 1);
  packet.length = 100;
  talk.Send(packet, 0);
  const PcapngBlock last = Packets(talk.run.Finish())[3];
  EXPECT_EQ(last.Number(12, 4), 52u);
  EXPECT_EQ(last.Number(16, 4), 152u);
}

TEST(CaptureView, QuotesTheDatagramThatAnErrorIsAbout) {
  Conversation talk;
  Packet datagram = talk.Body(true, 0, 0, 0, "hi");
  datagram.protocol = loop::kIpprotoUdp;
  const RecordId came = talk.Pass(datagram, 0);
  Packet error = talk.Body(false, 0, 0, 0, "hi");
  error.protocol = loop::kIpprotoIcmp;
  error.wire.icmp_code = 3;
  talk.Send(error, came);
  const std::vector<PcapngBlock> packets = Packets(talk.run.Finish());
  const std::string bytes = BytesOf(packets[1]);
  EXPECT_EQ(absl::BytesToHexString(bytes.substr(20, 2)), "0303");
  EXPECT_EQ(bytes.substr(28), BytesOf(packets[0]));
  EXPECT_THAT(packets[1].Options(kComment),
              ElementsAre("answer to UDP 2 bytes (packet 1)"));
}

TEST(CaptureView, WritesSegmentsOfUdpAsDatagramsOfTheirOwn) {
  Conversation talk;
  const std::string payload(250, 'x');
  Packet datagram = talk.Body(true, 0, 0, 0, payload);
  datagram.protocol = loop::kIpprotoUdp;
  datagram.wire.segment_bytes = 100;
  talk.Send(datagram, 0);
  std::vector<size_t> sizes;
  for (const PcapngBlock& packet : Packets(talk.run.Finish())) {
    sizes.push_back(BytesOf(packet).size());
  }
  EXPECT_THAT(sizes, ElementsAre(128, 128, 78));
}

}  // namespace
}  // namespace simloop::trace
