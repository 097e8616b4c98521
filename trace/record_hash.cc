// One multiplication and one shift a word: enough that any changed field
// changes the hash, and cheap beside what made the record.
#include "trace/record_hash.h"

#include <variant>

namespace simloop::trace {
namespace {

class Mixer final {
 public:
  explicit Mixer(uint64_t state) : state_(state) {}

  void Word(uint64_t word) {
    state_ = (state_ ^ word) * 0x9e3779b97f4a7c15;  // 2^64 / golden ratio, odd
    state_ ^= state_ >> 32;
  }
  void Signed(int64_t word) { Word(static_cast<uint64_t>(word)); }
  void Pair(uint32_t high, uint32_t low) {
    Word(static_cast<uint64_t>(high) << 32 | low);
  }
  void Text(absl::string_view text) {
    Word(text.size());
    while (text.size() >= 8) {
      Word(EightBytes(text.data()));
      text.remove_prefix(8);
    }
    if (!text.empty()) Word(Bytes(text));
  }
  void Descriptor(loop::Fd fd) { Signed(fd.number); }
  void Endpoint(const loop::Address& address) {
    Pair(static_cast<uint32_t>(address.family) << 16 | address.port,
         address.ip.v4().bits);
    if (address.family == loop::Family::kInet6) {
      Word(address.ip.high());
      Word(address.ip.low());
    }
    if (address.family == loop::Family::kUnix) Text(address.path);
    if (address.short_size != 0) Word(address.short_size);
  }

  uint64_t state() const { return state_; }

 private:
  // The first is the lowest, whatever the machine's order. Compilers make one
  // load of it.
  static uint64_t EightBytes(const char* bytes) {
    const auto byte = [bytes](int i) {
      return static_cast<uint64_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
    };
    return byte(0) | byte(1) | byte(2) | byte(3) | byte(4) | byte(5) | byte(6) |
           byte(7);
  }
  // The same of fewer.
  static uint64_t Bytes(absl::string_view text) {
    uint64_t word = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      word |= static_cast<uint64_t>(static_cast<uint8_t>(text[i])) << (8 * i);
    }
    return word;
  }

  uint64_t state_;
};

struct BodyMixer {
  Mixer& mixer;

  void operator()(const Choice& choice) const {
    mixer.Text(choice.name);
    mixer.Pair(choice.picked, choice.alternatives);
  }
  void operator()(const Call& call) const {
    mixer.Pair(static_cast<uint32_t>(call.call),
               static_cast<uint32_t>(call.error));
    mixer.Pair(static_cast<uint32_t>(call.fd.number),
               static_cast<uint32_t>(call.other.number));
    mixer.Signed(call.result);
    for (int64_t arg : call.args) mixer.Signed(arg);
    mixer.Endpoint(call.address);
    mixer.Text(call.data);
  }
  void operator()(const Packet& packet) const {
    mixer.Pair(static_cast<uint32_t>(packet.step), packet.flags);
    mixer.Word(packet.packet);
    mixer.Endpoint(packet.from);
    mixer.Endpoint(packet.to);
    mixer.Pair(packet.seq, packet.ack);
    mixer.Pair(packet.window, packet.length);
    mixer.Text(packet.reason);
    if (packet.protocol != loop::kIpprotoTcp) mixer.Word(packet.protocol);
    for (int i = 0; i < packet.sack_count; ++i) {
      mixer.Pair(packet.sack[i].left, packet.sack[i].right);
    }
  }
  void operator()(const Readiness& readiness) const {
    mixer.Pair(static_cast<uint32_t>(readiness.fd.number), readiness.events);
  }
  void operator()(const Loop& loop) const {
    mixer.Pair(static_cast<uint32_t>(loop.event.kind), loop.event.interest);
    mixer.Pair(static_cast<uint32_t>(loop.event.fd.number), loop.event.id);
    mixer.Word(loop.event.count);
  }
  void operator()(const Note& note) const {
    mixer.Text(note.actor);
    mixer.Text(note.event);
    mixer.Text(note.detail);
  }
};

}  // namespace

uint64_t HashRecord(uint64_t before, const Record& record) {
  Mixer mixer(before);
  mixer.Word(record.cause);
  mixer.Signed(record.time.nanos());
  mixer.Pair(static_cast<uint32_t>(record.body.index()),
             static_cast<uint32_t>(record.process) << 16 | record.owner);
  std::visit(BodyMixer{mixer}, record.body);
  return mixer.state();
}

}  // namespace simloop::trace
