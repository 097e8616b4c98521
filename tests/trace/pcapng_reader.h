// PcapngReader: reads the blocks of a pcapng file for tests, by its own rules
// and not by trace/pcapng.h, and fails the test where they are broken.
#ifndef TESTS_TRACE_PCAPNG_READER_H_
#define TESTS_TRACE_PCAPNG_READER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace simloop::trace {

struct PcapngBlock {
  uint32_t type = 0;
  std::string body;  // before the options
  std::vector<std::pair<uint16_t, std::string>> options;

  // The texts of all options `code`.
  std::vector<std::string> Options(uint16_t code) const {
    std::vector<std::string> values;
    for (const auto& [own, value] : options) {
      if (own == code) values.push_back(value);
    }
    return values;
  }
  // Little-endian, in the body.
  uint64_t Number(size_t at, size_t bytes) const {
    uint64_t number = 0;
    for (size_t i = bytes; i-- > 0;) {
      number = number << 8 | static_cast<uint8_t>(body[at + i]);
    }
    return number;
  }
};

class PcapngReader final {
 public:
  static constexpr uint32_t kSection = 0x0a0d0d0a, kInterface = 1, kPacket = 6;

  static std::vector<PcapngBlock> Read(const std::string& file) {
    std::vector<PcapngBlock> blocks;
    for (size_t at = 0; at < file.size();) {
      const uint32_t length = Word(file, at + 4);
      EXPECT_EQ(length % 4, 0u);
      EXPECT_LE(at + length, file.size());
      EXPECT_EQ(Word(file, at + length - 4), length) << "the length, again";
      if (::testing::Test::HasFailure()) return blocks;
      PcapngBlock block;
      block.type = Word(file, at);
      const std::string inner = file.substr(at + 8, length - 12);
      const size_t body = BodyBytes(block.type, inner);
      block.body = inner.substr(0, body);
      ReadOptions(inner.substr(body), block);
      blocks.push_back(std::move(block));
      at += length;
    }
    return blocks;
  }

 private:
  static uint32_t Word(const std::string& bytes, size_t at) {
    uint32_t word = 0;
    for (size_t i = 4; i-- > 0;) {
      word = word << 8 | static_cast<uint8_t>(bytes.at(at + i));
    }
    return word;
  }
  static size_t BodyBytes(uint32_t type, const std::string& inner) {
    if (type == kSection) return 16;
    if (type == kInterface) return 8;
    EXPECT_EQ(type, kPacket) << "no other block is written";
    return 20 + (Word(inner, 12) + 3) / 4 * 4;
  }
  static void ReadOptions(const std::string& bytes, PcapngBlock& block) {
    for (size_t at = 0; at + 4 <= bytes.size();) {
      const uint32_t head = Word(bytes, at);
      const auto code = static_cast<uint16_t>(head);
      const size_t size = head >> 16;
      if (code == 0) {
        EXPECT_EQ(size, 0u);
        EXPECT_EQ(at + 4, bytes.size()) << "nothing follows the last option";
        return;
      }
      block.options.emplace_back(code, bytes.substr(at + 4, size));
      at += 4 + (size + 3) / 4 * 4;
    }
    ADD_FAILURE() << "the options have no end";
  }
};

}  // namespace simloop::trace

#endif  // TESTS_TRACE_PCAPNG_READER_H_
