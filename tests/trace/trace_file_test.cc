// A trace that is written is read back whole; nothing else is taken for one.
#include "trace/trace_file.h"

#include <cstdint>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/trace/run_builder.h"
#include "tests/trace/sample_runs.h"
#include "trace/comparer.h"

namespace simloop::trace {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(absl::string_view bytes) {
  const absl::StatusOr<Trace> trace = ParseTrace(bytes, "a.trace");
  return trace.ok() ? "ok" : std::string(trace.status().message());
}

std::string FileIn(const std::string& name) {
  return testing::TempDir() + "/" + name;
}

TEST(TraceFile, ReadsBackWhatItWrote) {
  for (const Trace& trace : {AnatomyRun(), HandshakeRun(), Trace()}) {
    const std::string path = FileIn("round_trip.trace");
    ASSERT_TRUE(SaveTrace(trace, path).ok());
    const absl::StatusOr<Trace> read = LoadTrace(path);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->hash(), trace.hash());
    EXPECT_EQ(CompareTraces(trace, *read), "");
    ASSERT_EQ(read->processes().size(), trace.processes().size());
    for (size_t i = 0; i < trace.processes().size(); ++i) {
      EXPECT_EQ(read->processes()[i].host, trace.processes()[i].host);
      EXPECT_EQ(read->processes()[i].address, trace.processes()[i].address);
      EXPECT_EQ(read->processes()[i].owners, trace.processes()[i].owners);
    }
  }
}

Packet SentPacket() {
  Packet packet{Packet::Step::kSent, 1, *loop::Address::Parse("10.0.0.1:1"),
                *loop::Address::Parse("10.0.0.2:2"), 16};
  packet.length = 3;
  packet.sack_count = 2;
  packet.sack[0] = {5, 7};
  packet.sack[1] = {9, 11};
  packet.wire.link_a = "a";
  packet.wire.link_b = "b";
  packet.wire.from_b = true;
  packet.wire.seq_base = 0xffffffff;
  packet.wire.ack_base = 1;
  packet.wire.stamp = 12;
  packet.wire.echo = 13;
  packet.wire.sack_permitted = false;
  packet.wire.mss = 1460;
  packet.wire.urgent = 2;
  packet.wire.segment_bytes = 1200;
  packet.wire.ttl = 63;
  packet.wire.tos = 4;
  packet.wire.icmp_code = 4;
  packet.wire.icmp_mtu = 1400;
  packet.wire.payload = absl::string_view("a\0b", 3);
  return packet;
}

Trace TraceOf(const Packet& packet) {
  RunBuilder run;
  run.recorder().Add(kNoProcess, 0, packet);
  return run.Finish();
}

TEST(TraceFile, KeepsWhatAPacketHasOnTheWire) {
  const absl::StatusOr<Trace> read =
      ParseTrace(SerializeTrace(TraceOf(SentPacket())), "a.trace");
  ASSERT_TRUE(read.ok()) << read.status();
  const Packet packet = std::get<Packet>(read->Get(1).body);
  EXPECT_EQ(packet.sack_count, 2);
  EXPECT_EQ(packet.sack[1], (SackBlock{9, 11}));
  const Wire& wire = packet.wire;
  EXPECT_EQ(wire.link_a, "a");
  EXPECT_EQ(wire.link_b, "b");
  EXPECT_TRUE(wire.from_b);
  EXPECT_EQ(wire.seq_base, 0xffffffff);
  EXPECT_EQ(wire.ack_base, 1u);
  EXPECT_EQ(wire.stamp, 12u);
  EXPECT_EQ(wire.echo, 13u);
  EXPECT_FALSE(wire.sack_permitted);
  EXPECT_EQ(wire.mss, 1460);
  EXPECT_EQ(wire.urgent, 2);
  EXPECT_EQ(wire.segment_bytes, 1200);
  EXPECT_EQ(wire.ttl, 63);
  EXPECT_EQ(wire.tos, 4);
  EXPECT_EQ(wire.icmp_code, 4);
  EXPECT_EQ(wire.icmp_mtu, 1400);
  EXPECT_EQ(wire.payload, absl::string_view("a\0b", 3));
}

TEST(TraceFile, RefusesAPayloadOfAnotherLengthThanThePackets) {
  Packet packet = SentPacket();
  packet.length = 4;
  EXPECT_THAT(ErrorOf(SerializeTrace(TraceOf(packet))),
              HasSubstr("payload has 3 bytes, expected 4 or none"));
}

TEST(TraceFile, HashesTheBlocksOfSackAndNothingOfTheWire) {
  Packet bare = SentPacket();
  bare.wire = Wire();
  EXPECT_EQ(TraceOf(bare).hash(), TraceOf(SentPacket()).hash());
  Packet other = SentPacket();
  other.sack[1].right = 12;
  EXPECT_NE(TraceOf(other).hash(), TraceOf(SentPacket()).hash());
  EXPECT_NE(CompareTraces(TraceOf(other), TraceOf(SentPacket())), "");
  // What is not counted is not meant.
  other.sack_count = 1;
  bare.sack_count = 1;
  EXPECT_EQ(TraceOf(other).hash(), TraceOf(bare).hash());
}

TEST(TraceFile, KeepsBytesThatAreNoText) {
  RunBuilder run;
  const std::string bytes("\xff\0\n\x80", 4);
  run.Note("a", bytes, std::string(100'000, 'x'));
  const absl::StatusOr<Trace> read =
      ParseTrace(SerializeTrace(run.Finish()), "a.trace");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(std::get<Note>(read->Get(1).body).event, bytes);
  EXPECT_EQ(std::get<Note>(read->Get(1).body).detail.size(), 100'000u);
}

TEST(TraceFile, SaysWhatItExpectedInsteadOfNoise) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("a.trace: not a trace, expected"));
  EXPECT_THAT(ErrorOf("hello"), HasSubstr("not a trace"));
  EXPECT_THAT(ErrorOf("SIMLOOP\n"), HasSubstr("it ends after entry 0"));
  EXPECT_THAT(ErrorOf("SIMLOOP\n\xff\xff\xff\xff\xff\xff"),
              HasSubstr("entry 1 is damaged or cut short"));
}

TEST(TraceFile, RefusesACutTrace) {
  const std::string whole = SerializeTrace(HandshakeRun());
  EXPECT_EQ(ErrorOf(whole), "ok");
  for (size_t size = 0; size < whole.size(); size += 3) {
    EXPECT_NE(ErrorOf(absl::string_view(whole).substr(0, size)), "ok") << size;
  }
  EXPECT_THAT(ErrorOf(whole + "x"), HasSubstr("something follows"));
}

TEST(TraceFile, RefusesAChangedBitOfARecordAnywhere) {
  const std::string whole = SerializeTrace(HandshakeRun());
  const uint64_t hash = HandshakeRun().hash();
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
    const absl::StatusOr<Trace> read = ParseTrace(changed, "a.trace");
    // The table of names is not hashed, nor are unknown fields.
    if (!read.ok()) continue;
    EXPECT_EQ(read->hash(), hash) << at;
  }
}

TEST(TraceFile, DoesNotCrashOnNoiseBehindItsMagic) {
  uint64_t state = 1;
  for (int round = 0; round < 500; ++round) {
    std::string bytes = "SIMLOOP\n";
    for (int i = 0; i < 200; ++i) {
      state = state * 6364136223846793005 + 1442695040888963407;
      bytes += static_cast<char>(state >> 56);
    }
    EXPECT_NE(ErrorOf(bytes), "ok");
  }
}

TEST(TraceFile, RefusesAnotherVersion) {
  std::string bytes = SerializeTrace(Trace());
  // Magic (8), the header entry's length, its tag and length, the version's.
  ASSERT_EQ(bytes[12], 1);
  bytes[12] = 2;
  EXPECT_THAT(ErrorOf(bytes),
              HasSubstr("the trace's version is 2, expected 1"));
}

TEST(TraceFile, NamesTheFileItCannotRead) {
  const absl::Status missing = LoadTrace(FileIn("none.trace")).status();
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_THAT(std::string(missing.message()),
              HasSubstr("none.trace: cannot be opened: No such file"));
  EXPECT_THAT(std::string(LoadTrace(testing::TempDir()).status().message()),
              HasSubstr("Is a directory"));
  EXPECT_THAT(
      std::string(SaveTrace(Trace(), FileIn("no/such/x.trace")).message()),
      HasSubstr("cannot be opened for writing"));
}

TEST(Trace, KeepsCopiesOfBorrowedText) {
  RunBuilder run;
  {
    std::string text = "gone soon";
    run.Note("a", text);
    text.assign(text.size(), '?');
  }
  EXPECT_EQ(std::get<Note>(run.Finish().Get(1).body).event, "gone soon");
}

TEST(Trace, KeepsManyRecordsInOrder) {
  RunBuilder run;
  for (int i = 0; i < 10'000; ++i) {
    run.Note("n", std::to_string(i), std::string(i % 50, 'x'));
  }
  const Trace trace = run.Finish();
  ASSERT_EQ(trace.size(), 10'000u);
  for (int i = 0; i < 10'000; ++i) {
    const Note& note = std::get<Note>(trace.Get(i + 1).body);
    ASSERT_EQ(note.event, std::to_string(i));
    ASSERT_EQ(note.detail.size(), static_cast<size_t>(i % 50));
  }
}

}  // namespace
}  // namespace simloop::trace
