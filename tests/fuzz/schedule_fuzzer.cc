// A libFuzzer target: the bytes are the decisions of a run of a scenario: it
// ends, is the same run again, and what its scenario expects holds. And as text
// of a scenario file they are read, or refused with a line that says where.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "explore/bytes_scheduler.h"
#include "loop/check.h"
#include "scenarios/loader.h"
#include "scenarios/scenario_subject.h"

namespace simloop::scenarios {
namespace {

constexpr char kScenario[] = R"pb(
  host {
    name: "server"
    wakeup_jitter: "1ms"
    freedoms { short_transfers: true }
  }
  host {
    name: "client"
    freedoms { signals: true }
  }
  link { a: "client" b: "server" latency: "1ms" jitter: "2ms" }
  program {
    host: "server"
    name: "server"
    run: "echo_server"
    arg { key: "once" value: "true" }
  }
  program {
    host: "client"
    name: "client"
    run: "echo_client"
    arg { key: "host" value: "server" }
    start_after: "server listening"
  }
  expect { eventually: "client close*" }
)pb";

const Scenario& TheScenario() {
  static const auto* const scenario =
      new Scenario(*ParseScenario("schedule_fuzzer", kScenario));
  return *scenario;
}

}  // namespace

void RunInput(const uint8_t* data, size_t size) {
  ScenarioSubject subject(TheScenario());
  explore::BytesScheduler first(data, size);
  const explore::Trial trial = subject.Run(&first, nullptr);
  for (const explore::Failure& failure : trial.failures) {
    SIMLOOP_CHECK(false, failure.text);
  }
  explore::BytesScheduler second(data, size);
  SIMLOOP_CHECK(subject.Run(&second, nullptr).hash == trial.hash,
                "the same bytes are the same run");
  const absl::StatusOr<Scenario> read = ParseScenario(
      "input", absl::string_view(reinterpret_cast<const char*>(data), size));
  SIMLOOP_CHECK(read.ok() || !read.status().message().empty(),
                "who is refused is told why");
}

}  // namespace simloop::scenarios

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  simloop::scenarios::RunInput(data, size);
  return 0;
}
