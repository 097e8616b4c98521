// Each sending of the trace as Enhanced Packet Blocks, on its interface.
#include "trace/capture_view.h"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "trace/packet_bytes.h"
#include "trace/packet_causes.h"
#include "trace/pcapng.h"
#include "trace/record_text.h"
#include "trace/trace_file.h"

namespace simloop::trace {
namespace {

constexpr char kApplication[] = "simloop";

// Where a packet is put on the wire.
struct Place {
  std::string a;
  std::string b;  // the same: loopback; "": nowhere
  bool from_b = false;

  bool loopback() const { return a == b; }
  const std::string& host() const { return from_b ? b : a; }
};

class Capture final {
 public:
  explicit Capture(const Trace& trace)
      : trace_(trace), file_(kApplication), bytes_(trace), causes_(trace) {
    for (RecordId id = 1; id <= trace.size(); ++id) {
      const auto* packet = std::get_if<Packet>(&trace.Get(id).body);
      if (packet == nullptr) continue;
      if (packet->step == Packet::Step::kDropped) {
        drops_.emplace(packet->packet, &trace.Get(id));
      } else if (packet->step == Packet::Step::kDelivered &&
                 !arrived_.insert(PartOf(*packet)).second) {
        doubled_.insert(packet->packet);
      }
    }
  }

  std::string Write() {
    for (RecordId id = 1; id <= trace_.size(); ++id) {
      const Record& record = trace_.Get(id);
      causes_.Observe(record);
      const auto* packet = std::get_if<Packet>(&record.body);
      if (packet == nullptr) continue;
      if (packet->step == Packet::Step::kSent) {
        Sent(record, *packet);
      } else if (packet->step == Packet::Step::kDelivered) {
        bytes_.Delivered(*packet);
        Arrived(record, *packet);
      }
    }
    return file_.bytes();
  }

 private:
  // Number, first sequence number, length.
  using Part = std::tuple<uint64_t, uint32_t, uint32_t>;

  static Part PartOf(const Packet& packet) {
    return {packet.packet, packet.seq, packet.length};
  }

  // What was captured of a packet that may be doubled on its way.
  struct Captured {
    std::vector<Piece> packets;
    uint32_t interface;
    PcapngFile::Direction direction;
  };
  struct Copy {
    Captured captured;
    uint32_t seq;
    std::set<Part> arrived;
  };

  void Sent(const Record& record, const Packet& packet) {
    const Place place = PlaceOf(packet);
    PacketBytes::Result result =
        bytes_.Sent({&record, place.host(), place.loopback()});
    const std::string cause =
        causes_.Text(record, result.connection, result.probe);
    Captured captured = {std::move(result.packets), InterfaceOf(place),
                         place.from_b ? PcapngFile::Direction::kInbound
                                      : PcapngFile::Direction::kOutbound};
    for (const Piece& piece : captured.packets) {
      std::vector<std::string> comments = {cause};
      AddDrops(record, piece, &comments);
      Add(record.time, packet.packet, captured, piece, comments);
    }
    if (doubled_.count(packet.packet) > 0) {
      copies_[packet.packet] = {std::move(captured), packet.seq, {}};
    }
  }

  void Arrived(const Record& record, const Packet& packet) {
    const auto copy = copies_.find(packet.packet);
    if (copy == copies_.end() ||
        copy->second.arrived.insert(PartOf(packet)).second) {
      return;
    }
    const Captured& captured = copy->second.captured;
    for (const Piece& piece : captured.packets) {
      if (!Covers(packet, copy->second.seq, piece)) continue;
      Add(record.time, packet.packet, captured, piece,
          {absl::StrCat("the network's copy of ", NumberedPacketText(packet))});
    }
  }

  void Add(loop::Instant time, uint64_t number, const Captured& captured,
           const Piece& piece, std::vector<std::string> comments) {
    PcapngFile::Packet block;
    block.interface = captured.interface;
    block.nanos = time.nanos();
    block.bytes = piece.octets.bytes;
    block.original_length = piece.octets.length;
    block.direction = captured.direction;
    block.id = number;
    block.comments = std::move(comments);
    file_.AddPacket(block);
  }

  // Of a packet that is cut on its way each part has its own fate.
  void AddDrops(const Record& sent, const Piece& piece,
                std::vector<std::string>* comments) const {
    const Packet& packet = std::get<Packet>(sent.body);
    const auto [begin, end] = drops_.equal_range(packet.packet);
    for (auto drop = begin; drop != end; ++drop) {
      if (Covers(std::get<Packet>(drop->second->body), packet.seq, piece)) {
        comments->push_back(DropText(sent, *drop->second));
      }
    }
  }

  // Whether `part` of a packet whose first byte is `seq` has some of `piece`.
  static bool Covers(const Packet& part, uint32_t seq, const Piece& piece) {
    if (part.protocol != loop::kIpprotoTcp || piece.length == 0) return true;
    const uint32_t offset = part.seq - seq;
    return offset < piece.offset + piece.length &&
           piece.offset < offset + part.length;
  }

  std::string DropText(const Record& sent, const Record& drop) const {
    const absl::string_view reason = std::get<Packet>(drop.body).reason;
    return absl::StrCat(
        "dropped: ", std::string(reason.empty() ? "no reason given" : reason),
        sent.time == drop.time ? ""
                               : absl::StrCat(", at ", TimeText(drop.time)));
  }

  uint32_t InterfaceOf(const Place& place) {
    const auto [found, added] =
        interfaces_.emplace(std::pair(place.a, place.b), 0);
    if (!added) return found->second;
    if (place.loopback()) {
      found->second = file_.AddInterface(absl::StrCat(place.a, " lo"),
                                         absl::StrCat("loopback of ", place.a));
    } else if (place.b.empty()) {
      found->second = file_.AddInterface(
          absl::StrCat(place.a, " nowhere"),
          absl::StrCat("what ", place.a, " sent where no link leads"));
    } else {
      found->second =
          file_.AddInterface(absl::StrCat(place.a, " -- ", place.b),
                             absl::StrCat("outbound: from ", place.a,
                                          "; inbound: from ", place.b));
    }
    return found->second;
  }

  Place PlaceOf(const Packet& packet) const {
    const Wire& wire = packet.wire;
    if (!wire.link_a.empty()) {
      return {std::string(wire.link_a), std::string(wire.link_b), wire.from_b};
    }
    // A trace that does not say: as far as addresses tell.
    const std::string from = HostOf(packet.from.ip);
    const std::string to =
        packet.to.ip.is_loopback() ? from : HostOf(packet.to.ip);
    return from <= to ? Place{from, to, false} : Place{to, from, true};
  }

  std::string HostOf(const loop::Ip& ip) const {
    for (const ProcessInfo& process : trace_.processes()) {
      if (process.address.ip == ip) return process.host;
    }
    return ip.ToString();
  }

  const Trace& trace_;
  PcapngFile file_;
  PacketBytes bytes_;
  PacketCauses causes_;
  std::map<std::pair<std::string, std::string>, uint32_t> interfaces_;
  std::multimap<uint64_t, const Record*> drops_;
  std::set<Part> arrived_;
  std::set<uint64_t> doubled_;
  std::map<uint64_t, Copy> copies_;  // of those that were doubled
};

}  // namespace

std::string CaptureView(const Trace& trace) { return Capture(trace).Write(); }

absl::Status SaveCapture(const Trace& trace, const std::string& path) {
  return SaveBytes(CaptureView(trace), path);
}

}  // namespace simloop::trace
