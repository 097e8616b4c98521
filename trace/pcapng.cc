// Blocks of pcapng: type, length, body, options, the length again.
#include "trace/pcapng.h"

#include "loop/check.h"

namespace simloop::trace {
namespace {

constexpr uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr uint32_t kInterfaceDescription = 1;
constexpr uint32_t kEnhancedPacket = 6;
constexpr uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr uint16_t kRaw = 101;  // LINKTYPE_RAW
constexpr uint32_t kSnapLength = 262'144;

constexpr uint16_t kEndOfOptions = 0;
constexpr uint16_t kComment = 1;
constexpr uint16_t kOperatingSystem = 3;
constexpr uint16_t kApplication = 4;
constexpr uint16_t kInterfaceName = 2;
constexpr uint16_t kInterfaceText = 3;
constexpr uint16_t kTimeResolution = 9;
constexpr uint16_t kPacketFlags = 2;
constexpr uint16_t kPacketId = 5;
// The length of an option has 16 bits.
constexpr size_t kMostOptionBytes = 0xffff;

}  // namespace

PcapngFile::PcapngFile(absl::string_view application) {
  Begin(kSectionHeader);
  Put32(kByteOrderMagic);
  Put16(1);  // version 1.0
  Put16(0);
  Put64(~uint64_t{0});  // its length is not told
  PutOption(kOperatingSystem, "simulated");
  PutOption(kApplication, application);
  PutOption(kEndOfOptions, "");
  End();
}

uint32_t PcapngFile::AddInterface(absl::string_view name,
                                  absl::string_view description) {
  Begin(kInterfaceDescription);
  Put16(kRaw);
  Put16(0);
  Put32(kSnapLength);
  PutOption(kInterfaceName, name);
  PutOption(kInterfaceText, description);
  PutOption(kTimeResolution, "\x09");  // 10^-9 s
  PutOption(kEndOfOptions, "");
  End();
  return interfaces_++;
}

void PcapngFile::AddPacket(const Packet& packet) {
  SIMLOOP_CHECK(packet.interface < interfaces_, "the interface was added");
  Begin(kEnhancedPacket);
  Put32(packet.interface);
  const auto time = static_cast<uint64_t>(packet.nanos);
  Put32(static_cast<uint32_t>(time >> 32));
  Put32(static_cast<uint32_t>(time));
  Put32(static_cast<uint32_t>(packet.bytes.size()));
  Put32(packet.original_length);
  PutPadded(packet.bytes);
  for (const std::string& comment : packet.comments) {
    PutOption(kComment, comment);
  }
  Put16(kPacketFlags);
  Put16(4);
  Put32(static_cast<uint32_t>(packet.direction));
  Put16(kPacketId);
  Put16(8);
  Put64(packet.id);
  PutOption(kEndOfOptions, "");
  End();
}

void PcapngFile::Begin(uint32_t type) {
  block_ = bytes_.size();
  Put32(type);
  Put32(0);  // End() knows it
}

void PcapngFile::End() {
  const auto length = static_cast<uint32_t>(bytes_.size() + 4 - block_);
  Put32(length);
  for (int i = 0; i < 4; ++i) {
    bytes_[block_ + 4 + i] = static_cast<char>(length >> (8 * i));
  }
}

void PcapngFile::Put16(uint16_t value) {
  bytes_.push_back(static_cast<char>(value));
  bytes_.push_back(static_cast<char>(value >> 8));
}

void PcapngFile::Put32(uint32_t value) {
  Put16(static_cast<uint16_t>(value));
  Put16(static_cast<uint16_t>(value >> 16));
}

void PcapngFile::Put64(uint64_t value) {
  Put32(static_cast<uint32_t>(value));
  Put32(static_cast<uint32_t>(value >> 32));
}

void PcapngFile::PutPadded(absl::string_view data) {
  bytes_.append(data.data(), data.size());
  bytes_.append((4 - data.size() % 4) % 4, '\0');
}

void PcapngFile::PutOption(uint16_t code, absl::string_view value) {
  value = value.substr(0, kMostOptionBytes);
  Put16(code);
  Put16(static_cast<uint16_t>(value.size()));
  PutPadded(value);
}

}  // namespace simloop::trace
