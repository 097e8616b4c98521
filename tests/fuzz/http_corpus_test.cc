// The inputs of http_fuzzer's corpus, and attacks cut in pieces, once each,
// without libFuzzer.
#include <cstdint>
#include <string>

#include "gtest/gtest.h"
#include "tests/net/http_hostile_inputs.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace simloop::net {
namespace {

void Feed(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                         input.size());
}

TEST(HttpFuzzer, SurvivesAttacksCutInPieces) {
  for (const HostileInput& input : HostileInputs()) {
    if (input.bytes.size() > 1000) continue;
    for (const char piece_bytes : {0, 1, 7}) {
      Feed(std::string(1, piece_bytes) + input.bytes);
    }
  }
}

// An attack with some of its bytes exchanged; the same ones on every machine.
TEST(HttpFuzzer, SurvivesNoise) {
  uint32_t state = 1;
  const auto next = [&state] {
    state = state * 1664525 + 1013904223;
    return state >> 8;
  };
  for (const HostileInput& input : HostileInputs()) {
    if (input.bytes.size() > 1000) continue;
    for (int copy = 0; copy < 5; ++copy) {
      std::string bytes = input.bytes + input.bytes;
      for (int i = 0; i < 3; ++i) {
        bytes[next() % bytes.size()] = static_cast<char>(next());
      }
      Feed(std::string(1, static_cast<char>(next() % 32)) + bytes);
    }
  }
}

}  // namespace
}  // namespace simloop::net
