// Replayer's composite calls, and the table of all calls.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "tests/conformance/constants.h"
#include "tests/conformance/replayer.h"

namespace simloop::conformance {
namespace {

constexpr size_t kNoLimit = size_t{1} << 40;
// Between the halves of a round of pump.
constexpr absl::Duration kPumpPause = absl::Milliseconds(3);
constexpr size_t kPumpWrite = 4096;
constexpr size_t kPumpRead = 65536;

Answer Total(size_t total) { return {{"total", absl::StrCat(total)}}; }

}  // namespace

const std::vector<Replayer::Entry>& Replayer::Calls() {
  static const auto* const calls = new std::vector<Entry>{
      {"socket", &Replayer::Socket},
      {"bind", &Replayer::Bind},
      {"listen", &Replayer::Listen},
      {"accept4", &Replayer::Accept4},
      {"connect", &Replayer::Connect},
      {"read", &Replayer::Read},
      {"write", &Replayer::Write},
      {"writev", &Replayer::Writev},
      {"recv", &Replayer::Recv},
      {"send", &Replayer::Send},
      {"shutdown", &Replayer::Shutdown},
      {"close", &Replayer::Close},
      {"getsockname", &Replayer::Getsockname},
      {"getpeername", &Replayer::Getpeername},
      {"getsockopt", &Replayer::Getsockopt},
      {"setsockopt", &Replayer::Setsockopt},
      {"epoll_create1", &Replayer::EpollCreate1},
      {"epoll_ctl", &Replayer::EpollCtl},
      {"epoll_wait", &Replayer::EpollWait},
      {"poll", &Replayer::PollCall},
      {"fill", &Replayer::Fill},
      {"drain", &Replayer::Drain},
      {"pump", &Replayer::Pump},
      {"sleep", &Replayer::Sleep},
      {"sysctl", &Replayer::Sysctl},
      {"rlimit_nofile", &Replayer::LimitFree},
  };
  return *calls;
}

// poll(2) that does not wait, through epoll.
Answer Replayer::PollCall(const Arguments& args) {
  std::vector<std::string> revents;
  int64_t count = 0;
  for (const auto& item : args.List("fds")) {
    const auto& pair = item.list_value().values();
    const loop::Fd fd = Find(pair.Get(0).string_value());
    const uint32_t asked = EventsOf(pair.Get(1).string_value());
    const uint32_t bits = Poll(fd, asked);
    if (bits != 0) ++count;
    revents.push_back(EventText(bits));
  }
  Answer answer = Returned(count);
  answer["revents"] = ListText(revents);
  return answer;
}

size_t Replayer::FillUp(loop::Fd fd, size_t chunk, size_t most,
                        loop::Errno* error) {
  const std::string data = Pattern(chunk);
  const int flags = loop::kMsgNosignal | loop::kMsgDontwait;
  size_t total = 0;
  while (total < most) {
    const size_t size = std::min(chunk, most - total);
    const loop::Result<size_t> sent =
        kernel_.Send(fd, absl::MakeConstSpan(data.data(), size), flags);
    *error = sent.error();
    if (!sent.ok()) break;
    total += *sent;
  }
  return total;
}

size_t Replayer::DrainAll(loop::Fd fd, size_t chunk, size_t most,
                          loop::Errno* error) {
  std::vector<char> buffer(chunk);
  size_t total = 0;
  while (total < most) {
    const size_t size = std::min(chunk, most - total);
    const loop::Result<size_t> got =
        kernel_.Read(fd, absl::MakeSpan(buffer.data(), size));
    *error = got.error();
    if (!got.ok() || *got == 0) break;
    total += *got;
  }
  return total;
}

Answer Replayer::Fill(const Arguments& args) {
  loop::Errno error = loop::Errno::kOk;
  Answer answer = Total(
      FillUp(FdOf(args), args.Number("chunk"), args.Number("max"), &error));
  if (error != loop::Errno::kOk) {
    answer["errno"] = std::string(loop::ErrnoName(error));
  }
  return answer;
}

Answer Replayer::Drain(const Arguments& args) {
  const size_t most = args.Number("max");
  loop::Errno error = loop::Errno::kOk;
  const size_t total = DrainAll(FdOf(args), args.Number("chunk"), most, &error);
  Answer answer = Total(total);
  if (error != loop::Errno::kOk) {
    answer["errno"] = std::string(loop::ErrnoName(error));
  } else if (total < most) {
    answer["eof"] = "true";
  }
  return answer;
}

Answer Replayer::Pump(const Arguments& args) {
  const size_t all = args.Number("max");
  size_t sent = 0;
  size_t received = 0;
  loop::Errno error = loop::Errno::kOk;
  for (int64_t round = 0; round < args.Number("rounds"); ++round) {
    sent += FillUp(FdOf(args), kPumpWrite, all - sent, &error);
    testbed_.Pass(kPumpPause);
    received += DrainAll(FdOf(args, "to"), kPumpRead, kNoLimit, &error);
    testbed_.Pass(kPumpPause);
  }
  return {{"done", sent == all && received == all ? "true" : "false"}};
}

Answer Replayer::Sleep(const Arguments& args) {
  testbed_.Pass(absl::Milliseconds(args.Number("ms")));
  return {};
}

// The testbed was made with it.
Answer Replayer::Sysctl(const Arguments&) { return {}; }

Answer Replayer::LimitFree(const Arguments& args) {
  while (true) {
    const loop::Result<loop::Fd> filler = kernel_.EpollCreate1(0);
    if (!filler.ok()) break;
    fillers_.push_back(*filler);
  }
  for (int64_t i = 0; i < args.Number("free") && !fillers_.empty(); ++i) {
    static_cast<void>(kernel_.Close(fillers_.back()));
    fillers_.pop_back();
  }
  return {};
}

}  // namespace simloop::conformance
