// PcapngFile: a capture file in pcapng (draft-ietf-opsawg-pcapng), block by
// block. It knows blocks and options, and nothing of packets. It is written in
// little-endian order whatever the machine, and says nothing of machine, user
// or day: equal calls make equal bytes.
#ifndef TRACE_PCAPNG_H_
#define TRACE_PCAPNG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace simloop::trace {

class PcapngFile final {
 public:
  // Begins a section written by `application`.
  explicit PcapngFile(absl::string_view application);

  // An Interface Description Block of link type LINKTYPE_RAW (packets begin
  // with their IPv4 or IPv6 header), with times in nanoseconds. Answers its
  // number.
  uint32_t AddInterface(absl::string_view name, absl::string_view description);

  // Bits 0 and 1 of epb_flags.
  enum class Direction : uint32_t { kInbound = 1, kOutbound = 2 };
  // An Enhanced Packet Block.
  struct Packet {
    uint32_t interface = 0;
    int64_t nanos = 0;             // since the beginning
    absl::string_view bytes;       // what was captured of it
    uint32_t original_length = 0;  // of the whole, at least bytes.size()
    Direction direction = Direction::kOutbound;
    uint64_t id = 0;                    // epb_packetid
    std::vector<std::string> comments;  // opt_comment, one each
  };
  // REQUIRES: the interface was added.
  void AddPacket(const Packet& packet);

  const std::string& bytes() const { return bytes_; }

 private:
  // Its type and length; the body is to follow.
  void Begin(uint32_t type);
  void End();
  void Put16(uint16_t value);
  void Put32(uint32_t value);
  void Put64(uint64_t value);
  // `data`, and bytes of 0 up to the next multiple of four.
  void PutPadded(absl::string_view data);
  void PutOption(uint16_t code, absl::string_view value);

  std::string bytes_;
  size_t block_ = 0;  // where the present one begins
  uint32_t interfaces_ = 0;
};

}  // namespace simloop::trace

#endif  // TRACE_PCAPNG_H_
