#include "explore/story.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "trace/call_text.h"
#include "trace/descriptor_names.h"
#include "trace/endpoint_owners.h"

namespace simloop::explore {
namespace {

constexpr uint8_t kFin = 1;
constexpr uint8_t kSyn = 2;
constexpr uint8_t kRst = 4;

// Calls that say what a program does with a connection.
bool Tells(trace::Syscall call) {
  switch (call) {
    case trace::Syscall::kEpollCreate1:
    case trace::Syscall::kEpollCtl:
    case trace::Syscall::kEpollWait:
    case trace::Syscall::kSetsockopt:
    case trace::Syscall::kGetsockname:
    case trace::Syscall::kGetpeername:
    case trace::Syscall::kFcntl:
    case trace::Syscall::kIoctl:
      return false;
    default:
      return true;
  }
}

std::string PacketWords(const trace::Packet& packet) {
  if (packet.protocol != loop::kIpprotoTcp) {
    return packet.protocol == loop::kIpprotoUdp
               ? absl::StrCat("datagram of ", packet.length, " bytes")
               : "ICMP error";
  }
  std::string words;
  if ((packet.flags & kSyn) != 0) words = "SYN";
  if ((packet.flags & kSyn) != 0 && (packet.flags & 16) != 0) words += " ACK";
  if ((packet.flags & kRst) != 0) words = "RST";
  if (packet.length > 0) words = absl::StrCat(packet.length, " bytes");
  if ((packet.flags & kFin) != 0) words += words.empty() ? "FIN" : " and FIN";
  return words.empty() ? "ACK" : words;
}

}  // namespace

class Story::Teller final {
 public:
  Teller(const trace::Trace& trace, Story* story)
      : trace_(trace), owners_(trace), story_(*story) {}

  void Tell(const trace::Record& record) {
    names_.Observe(record);
    if (const auto* call = std::get_if<trace::Call>(&record.body)) {
      if (Tells(call->call)) TellCall(record, *call);
    } else if (const auto* packet = std::get_if<trace::Packet>(&record.body)) {
      TellPacket(record, *packet);
    } else if (const auto* loop = std::get_if<trace::Loop>(&record.body)) {
      TellLoop(record, loop->event);
    } else if (const auto* note = std::get_if<trace::Note>(&record.body)) {
      Add(Moment::Kind::kNote, record, record.process,
          absl::StrCat(note->actor, " ", note->event),
          absl::StrCat("* ", note->actor, " ", note->event, " ", note->detail));
    }
  }

 private:
  void TellCall(const trace::Record& record, const trace::Call& call) {
    const std::string who = OwnerName({record.process, record.owner});
    const auto fd_text = [&](loop::Fd fd) {
      return names_.Name(record.process, fd);
    };
    Add(Moment::Kind::kCall, record, record.process,
        absl::StrCat(who, ".", trace::SyscallName(call.call)),
        absl::StrCat(who, ".", trace::ShortCallText(call, fd_text)));
  }

  void TellPacket(const trace::Record& record, const trace::Packet& packet) {
    const auto from = owners_.Find(record.id, packet.from, packet.to);
    const auto to = owners_.Find(record.id, packet.to, packet.from);
    const std::string sender = from ? OwnerName(*from) : packet.from.ToString();
    const std::string receiver = to ? OwnerName(*to) : packet.to.ToString();
    const trace::ProcessId where = to ? to->process : trace::kNoProcess;
    const std::string words = PacketWords(packet);
    const std::string again = packet.reason == "retransmission" ? " again" : "";
    switch (packet.step) {
      case trace::Packet::Step::kSent: {
        const std::string name =
            absl::StrCat(sender, " sends ", words, again, " to ", receiver);
        Add(Moment::Kind::kSending, record, from ? from->process : where, name,
            name);
        break;
      }
      case trace::Packet::Step::kDelivered: {
        const std::string name =
            absl::StrCat(sender, "'s ", words, " reaches ", receiver);
        Add(Moment::Kind::kArrival, record, where, name, name);
        break;
      }
      case trace::Packet::Step::kDropped: {
        const std::string name =
            absl::StrCat(sender, "'s ", words, " is dropped: ", packet.reason);
        Add(Moment::Kind::kArrival, record, where, name, name);
        break;
      }
    }
  }

  void TellLoop(const trace::Record& record, const loop::LoopEvent& event) {
    using Kind = loop::LoopEvent::Kind;
    const std::string who = OwnerName({record.process, record.owner});
    if (event.kind == Kind::kTimerFire) {
      const std::string name = absl::StrCat(who, "'s timer fires");
      Add(Moment::Kind::kTimer, record, record.process, name, name);
    } else if (event.kind == Kind::kWatcherFire) {
      const std::string fd = names_.Name(record.process, event.fd);
      const std::string name = absl::StrCat(
          who, " is called: ", fd, " is ",
          (event.interest & loop::kReadable) != 0 ? "readable" : "writable");
      Add(Moment::Kind::kCallback, record, record.process, name, name);
    }
  }

  std::string OwnerName(trace::Program program) const {
    if (program.process >= trace_.processes().size()) return "network";
    const trace::ProcessInfo& info = trace_.processes()[program.process];
    if (program.owner != 0 && program.owner < info.owners.size()) {
      return info.owners[program.owner];
    }
    return info.host;
  }

  void Add(Moment::Kind kind, const trace::Record& record,
           trace::ProcessId process, const std::string& name,
           const std::string& text) {
    const int count = ++counts_[name];
    // Of calls the first is counted too, as decisions count.
    const bool counted = count > 1 || kind == Moment::Kind::kCall;
    Moment moment{kind, record.id, record.time, process, name, text};
    if (counted) absl::StrAppend(&moment.name, "#", count);
    story_.places_[moment.name] = story_.moments_.size();
    story_.moments_.push_back(std::move(moment));
  }

  const trace::Trace& trace_;
  trace::EndpointOwners owners_;
  trace::DescriptorNames names_;
  Story& story_;
  std::map<std::string, int> counts_;
};

trace::ProcessId Story::ProcessOn(absl::string_view host) const {
  for (size_t i = 0; i < trace_.processes().size(); ++i) {
    if (trace_.processes()[i].host == host) {
      return static_cast<trace::ProcessId>(i);
    }
  }
  return trace::kNoProcess;
}

Story::Story(const trace::Trace& trace) : trace_(trace) {
  Teller teller(trace, this);
  for (trace::RecordId id = 1; id <= trace.size(); ++id) {
    teller.Tell(trace.Get(id));
  }
}

size_t Story::Find(const std::string& name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? moments_.size() : found->second;
}

}  // namespace simloop::explore
