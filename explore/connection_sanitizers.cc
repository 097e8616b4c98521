// Sanitizers of connections: errors and wake-ups that get lost, writes that
// nobody gets, and two who wait for each other.
#include <algorithm>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "explore/descriptor_states.h"
#include "explore/sanitizer.h"
#include "loop/errno.h"

namespace simloop::explore {
namespace {

using trace::Syscall;

// getsockopt(SO_ERROR) gives an error once; a program that takes it and says
// nothing has lost it. Said is a note that names the error, or any "error".
class ErrorTaken final : public Sanitizer {
 public:
  explicit ErrorTaken(SanitizerSet* set) : set_(*set) {}
  void Take(const trace::Record& record) override {
    if (const auto* call = std::get_if<trace::Call>(&record.body)) {
      if (call->call == Syscall::kGetsockopt &&
          call->error == loop::Errno::kOk &&
          call->args[0] == loop::kSolSocket &&
          call->args[1] == loop::kSoError && call->args[2] != 0) {
        taken_.push_back(
            {record.process, static_cast<loop::Errno>(call->args[2])});
      }
    } else if (const auto* note = std::get_if<trace::Note>(&record.body)) {
      if (taken_.empty()) return;
      const auto said =
          std::find_if(taken_.begin(), taken_.end(), [&](const Taken& taken) {
            return taken.process == record.process &&
                   (note->event == "error" || note->event == "uncaught" ||
                    absl::StrContains(note->detail,
                                      loop::ErrnoName(taken.error)) ||
                    absl::StrContains(note->event,
                                      loop::ErrnoName(taken.error)));
          });
      if (said != taken_.end()) taken_.erase(said);
    }
  }
  void End(bool) override {
    for (const Taken& taken : taken_) {
      set_.Report("error-taken", taken.process,
                  absl::StrCat("takes ", loop::ErrnoName(taken.error),
                               " from a socket and never reports it"),
                  "");
    }
  }

 private:
  struct Taken {
    trace::ProcessId process;
    loop::Errno error;
  };

  SanitizerSet& set_;
  std::vector<Taken> taken_;
};

// EPOLLET reports once; who does not read until EAGAIN then waits for a report
// that does not come (epoll(7), "questions and answers" 9).
class LostEdge final : public Sanitizer {
 public:
  explicit LostEdge(SanitizerSet* set) : set_(*set) {}
  void Take(const trace::Record& record) override {
    if (const auto* ready = std::get_if<trace::Readiness>(&record.body)) {
      if ((ready->events & loop::kEpollIn) != 0) {
        states_.Of(record.process, ready->fd).owed = true;
      }
      return;
    }
    const auto* call = std::get_if<trace::Call>(&record.body);
    if (call == nullptr) return;
    if (call->call == Syscall::kEpollCtl) {
      State& state = states_.Of(record.process, call->other);
      state.edge = call->args[0] != loop::kEpollCtlDel &&
                   (static_cast<uint64_t>(call->args[1]) & loop::kEpollEt) != 0;
      state.owed = false;
    } else if (call->call == Syscall::kClose) {
      states_.Of(record.process, call->fd) = {};
    } else if (Reads(call->call)) {
      State& state = states_.Of(record.process, call->fd);
      const bool all =
          call->error != loop::Errno::kOk ||
          (call->result == 0 && call->call != Syscall::kAccept4) ||
          (call->call != Syscall::kAccept4 && call->result < call->args[0]);
      if (all) state.owed = false;
    }
  }
  void End(bool quiet) override {
    if (!quiet) return;
    states_.ForEach([&](trace::ProcessId process, size_t fd, State& state) {
      if (!state.edge || !state.owed) return;
      set_.Report("lost-edge", process,
                  "waits for an edge without having read to EAGAIN",
                  absl::StrCat("descriptor ", fd));
    });
  }

 private:
  struct State {
    bool edge = false;
    bool owed = false;  // reported, and not read to the end since
  };

  SanitizerSet& set_;
  DescriptorStates<State> states_;
};

// A write(2) that succeeds after the peer has ended, and is answered by a RST
// that nobody sees: no call on that descriptor tells an error.
class WriteSwallowed final : public Sanitizer {
 public:
  explicit WriteSwallowed(SanitizerSet* set) : set_(*set) {}
  void Take(const trace::Record& record) override {
    if (const auto* call = std::get_if<trace::Call>(&record.body)) {
      TakeCall(record, *call);
    } else if (const auto* packet = std::get_if<trace::Packet>(&record.body)) {
      TakePacket(record, *packet);
    }
  }
  void End(bool) override {
    for (auto& [endpoints, line] : lines_) Check(line);
  }

 private:
  // A connection, as one end sees it.
  struct Line {
    trace::ProcessId process = trace::kNoProcess;
    loop::Fd fd;
    bool ended = false;    // the peer's FIN has come
    bool written = false;  // after that
    bool reset = false;    // after that
    bool told = false;     // an error was seen
  };

  static std::string Key(const loop::Address& from, const loop::Address& to) {
    return absl::StrCat(from.ToString(), " ", to.ToString());
  }

  void TakeCall(const trace::Record& record, const trace::Call& call) {
    if (Writes(call.call) && call.error == loop::Errno::kOk) {
      // The packets that it sends come next, caused by it.
      writing_ = record.id;
      writer_ = {record.process, call.fd};
    }
    const bool error =
        call.error != loop::Errno::kOk && call.error != loop::Errno::kEAGAIN;
    const bool option = call.call == Syscall::kGetsockopt &&
                        call.args[1] == loop::kSoError && call.args[2] != 0;
    if (!error && !option && call.call != Syscall::kClose) return;
    for (auto& [endpoints, line] : lines_) {
      if (line.process != record.process || line.fd != call.fd) continue;
      if (error || option) line.told = true;
      if (call.call != Syscall::kClose) continue;
      Check(line);
      line.fd = {};
    }
  }

  void TakePacket(const trace::Record& record, const trace::Packet& packet) {
    if (packet.protocol != loop::kIpprotoTcp) return;
    constexpr uint8_t kFin = 1;
    constexpr uint8_t kRst = 4;
    if (packet.step == trace::Packet::Step::kSent) {
      if (packet.length == 0 || record.cause != writing_) return;
      Line& line = lines_[Key(packet.from, packet.to)];
      line.process = writer_.process;
      line.fd = writer_.fd;
      line.written = line.written || line.ended;
    } else if (packet.step == trace::Packet::Step::kDelivered) {
      if ((packet.flags & (kFin | kRst)) == 0) return;
      Line& line = lines_[Key(packet.to, packet.from)];
      if ((packet.flags & kFin) != 0) line.ended = true;
      if ((packet.flags & kRst) != 0 && line.written) line.reset = true;
    }
  }

  void Check(const Line& line) {
    if (!line.fd.valid() || !line.reset || line.told) return;
    set_.Report("write-swallowed", line.process,
                "writes to a connection that is dead, and never learns of it",
                absl::StrCat("descriptor ", line.fd.number));
  }

  struct Writer {
    trace::ProcessId process = trace::kNoProcess;
    loop::Fd fd;
  };

  SanitizerSet& set_;
  trace::RecordId writing_ = 0;
  Writer writer_;
  std::map<std::string, Line> lines_;
};

// Nothing is under way, and somebody still waits for room to write: the other
// does not read, and most likely waits too.
class Deadlock final : public Sanitizer {
 public:
  explicit Deadlock(SanitizerSet* set) : set_(*set) {}
  void Take(const trace::Record& record) override {
    const auto* call = std::get_if<trace::Call>(&record.body);
    if (call == nullptr) return;
    if (Writes(call->call)) {
      blocked_.Of(record.process, call->fd) =
          call->error == loop::Errno::kEAGAIN ||
          (call->error == loop::Errno::kOk && call->result < call->args[0]);
    } else if (call->call == Syscall::kClose) {
      blocked_.Of(record.process, call->fd) = false;
    }
  }
  void End(bool quiet) override {
    if (!quiet) return;
    blocked_.ForEach([&](trace::ProcessId process, size_t fd, char blocked) {
      if (!blocked) return;
      set_.Report("deadlock", process, "waits to write what nobody will read",
                  absl::StrCat("descriptor ", fd));
    });
  }

 private:
  SanitizerSet& set_;
  DescriptorStates<char> blocked_;
};

}  // namespace

std::unique_ptr<Sanitizer> MakeErrorTaken(SanitizerSet* set) {
  return std::make_unique<ErrorTaken>(set);
}
std::unique_ptr<Sanitizer> MakeLostEdge(SanitizerSet* set) {
  return std::make_unique<LostEdge>(set);
}
std::unique_ptr<Sanitizer> MakeWriteSwallowed(SanitizerSet* set) {
  return std::make_unique<WriteSwallowed>(set);
}
std::unique_ptr<Sanitizer> MakeDeadlock(SanitizerSet* set) {
  return std::make_unique<Deadlock>(set);
}

}  // namespace simloop::explore
