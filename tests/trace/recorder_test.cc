// The recorder: ids, causes, and a hash that is a fixed number.
#include "trace/recorder.h"

#include <vector>

#include "gtest/gtest.h"
#include "tests/trace/run_builder.h"
#include "tests/trace/sample_runs.h"
#include "trace/record_hash.h"

namespace simloop::trace {
namespace {

// Another compiler, optimisation level or machine must get the same numbers.
TEST(Recorder, HashesAFixedRunToAFixedNumber) {
  EXPECT_EQ(AnatomyRun().hash(), 0x5f5115aefb8c1997);
  EXPECT_EQ(HandshakeRun().hash(), 0x975baa9b9e36cb04);
}

TEST(Recorder, HashesWithoutASink) {
  ManualClock clock;
  Recorder recorder(clock, nullptr);
  EXPECT_EQ(recorder.hash(), kEmptyHash);
  recorder.Add(0, 0, Note{"a", "b", "c"});
  RunBuilder run;
  run.Note("a", "b", "c");
  EXPECT_EQ(recorder.hash(), run.recorder().hash());
}

TEST(Recorder, NumbersRecordsFromOneAndGivesThemTheCurrentCause) {
  RunBuilder run;
  EXPECT_EQ(run.Note("a", "first"), 1u);
  {
    const CauseScope outer(&run.recorder(), 1);
    EXPECT_EQ(run.Note("a", "second"), 2u);
    {
      const CauseScope inner(&run.recorder(), 2);
      run.Note("a", "third");
    }
    run.Note("a", "fourth");
  }
  run.Note("a", "fifth");
  const Trace trace = run.Finish();
  std::vector<RecordId> causes;
  for (RecordId id = 1; id <= trace.size(); ++id) {
    causes.push_back(trace.Get(id).cause);
  }
  EXPECT_EQ(causes, (std::vector<RecordId>{0, 1, 2, 1, 0}));
}

TEST(Recorder, PutsACallBeforeWhatItBringsAbout) {
  RunBuilder run;
  Recorder& recorder = run.recorder();
  EXPECT_EQ(recorder.EnterCall(), 1u);
  Packet packet;
  packet.step = Packet::Step::kSent;
  EXPECT_EQ(recorder.Add(kNoProcess, 0, packet), 2u);
  {
    // A borrowed name need not outlive the report.
    const std::string name = "client.connect#1/syn delay";
    EXPECT_EQ(recorder.Add(kNoProcess, 0, Choice{name, 3, 8}), 3u);
  }
  recorder.LeaveCall(0, 0, Call{Syscall::kConnect, loop::Fd{3}}, 0);
  EXPECT_EQ(recorder.cause(), 0u);
  const Trace trace = run.Finish();
  ASSERT_EQ(trace.size(), 3u);
  EXPECT_TRUE(std::holds_alternative<Call>(trace.Get(1).body));
  EXPECT_EQ(trace.Get(2).cause, 1u);
  EXPECT_EQ(std::get<Choice>(trace.Get(3).body).name,
            "client.connect#1/syn delay");
}

TEST(Recorder, PutsACallBeforeWhatItBringsAboutThoughItAnswersLast) {
  RunBuilder run;
  Recorder& recorder = run.recorder();
  const RecordId before = run.Note("a", "before");
  EXPECT_EQ(recorder.EnterCall(), 2u);
  EXPECT_EQ(recorder.cause(), 2u);
  {
    std::string name = "delay";
    recorder.Add(kNoProcess, 0, Choice{name, 1, 2});
    name = "gone!";
  }
  recorder.LeaveCall(0, 1, Call{Syscall::kConnect}, before);
  EXPECT_EQ(recorder.cause(), 0u);
  run.Note("a", "after");
  const uint64_t hash = recorder.hash();
  const Trace trace = run.Finish();
  ASSERT_EQ(trace.size(), 4u);
  EXPECT_EQ(std::get<Call>(trace.Get(2).body).call, Syscall::kConnect);
  EXPECT_EQ(trace.Get(2).cause, before);
  EXPECT_EQ(trace.Get(2).owner, 1);
  EXPECT_EQ(std::get<Choice>(trace.Get(3).body).name, "delay");
  EXPECT_EQ(trace.Get(3).cause, 2u);
  EXPECT_EQ(trace.Get(4).cause, 0u);
  EXPECT_EQ(trace.hash(), hash);
}

TEST(Recorder, NamesOwnersFromOne) {
  RunBuilder run;
  const ProcessId process =
      run.recorder().AddProcess("h", loop::Address::Unspecified());
  EXPECT_EQ(process, 0);
  EXPECT_EQ(run.recorder().AddOwner(process, "x"), 1);
  EXPECT_EQ(run.recorder().AddOwner(process, "y"), 2);
  EXPECT_EQ(run.recorder().processes()[0].owners,
            (std::vector<std::string>{"", "x", "y"}));
}

uint64_t HashOf(const Record& record) { return HashRecord(kEmptyHash, record); }

TEST(RecordHash, DependsOnEveryFieldButTheId) {
  Record record;
  record.body = Call{Syscall::kRead};
  const uint64_t hash = HashOf(record);
  Record other = record;
  other.id = 7;
  EXPECT_EQ(HashOf(other), hash);
  const auto changed = [&](auto change) {
    Record copy = record;
    change(copy, std::get<Call>(copy.body));
    return HashOf(copy) != hash;
  };
  EXPECT_TRUE(changed([](Record& r, Call&) { r.cause = 1; }));
  EXPECT_TRUE(
      changed([](Record& r, Call&) { r.time = loop::Instant::FromNanos(1); }));
  EXPECT_TRUE(changed([](Record& r, Call&) { r.process = 1; }));
  EXPECT_TRUE(changed([](Record& r, Call&) { r.owner = 1; }));
  EXPECT_TRUE(changed([](Record&, Call& c) { c.call = Syscall::kWrite; }));
  EXPECT_TRUE(changed([](Record&, Call& c) { c.fd.number = 1; }));
  EXPECT_TRUE(changed([](Record&, Call& c) { c.other.number = 1; }));
  EXPECT_TRUE(
      changed([](Record&, Call& c) { c.error = loop::Errno::kEAGAIN; }));
  EXPECT_TRUE(changed([](Record&, Call& c) { c.result = 1; }));
  EXPECT_TRUE(changed([](Record&, Call& c) { c.args[2] = 1; }));
  EXPECT_TRUE(changed([](Record&, Call& c) { c.address.port = 1; }));
  EXPECT_TRUE(changed([](Record&, Call& c) { c.data = "x"; }));
}

TEST(RecordHash, TellsWhereOneTextEndsAndTheNextBegins) {
  Record a;
  a.body = Note{"ab", "c", ""};
  Record b;
  b.body = Note{"a", "bc", ""};
  EXPECT_NE(HashOf(a), HashOf(b));
}

}  // namespace
}  // namespace simloop::trace
