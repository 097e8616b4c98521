// Replayer's composite calls, and the table of all calls.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "conformance/answer.h"
#include "conformance/arguments.h"
#include "conformance/replayer.h"
#include "loop/abi.h"

namespace simloop::conformance {
namespace {

constexpr size_t kNoLimit = size_t{1} << 40;
// Between the halves of a round of pump.
constexpr absl::Duration kPumpPause = absl::Milliseconds(3);
constexpr size_t kPumpWrite = 4096;
constexpr size_t kPumpRead = 65536;

Json Total(size_t total) {
  return Json::Object({{"total", Json::Unsigned(total)}});
}

void SetError(loop::Errno error, Json* answer) {
  if (error != loop::Errno::kOk) {
    answer->Set("errno", *Failed(error).Find("errno"));
  }
}

size_t MostOf(const Json& args) {
  return static_cast<size_t>(
      std::max<int64_t>(0, Argument(args, "max").Integer()));
}

}  // namespace

const std::vector<Replayer::Entry>& Replayer::Calls() {
  static const auto* const calls = new std::vector<Entry>{
      {"socket", "domain:flags type:flags proto:flags as:text",
       &Replayer::Socket},
      {"socketpair", "domain:flags type:flags proto:flags as:any",
       &Replayer::Socketpair},
      {"pipe2", "flags:flags as:any", &Replayer::Pipe2},
      {"eventfd", "initval:number flags:flags as:text", &Replayer::Eventfd},
      {"timerfd_create", "clock:flags flags:flags as:text",
       &Replayer::TimerfdCreate},
      {"timerfd_settime", "fd:fd interval_ms:number value_ms:number",
       &Replayer::TimerfdSettime},
      {"dup", "fd:fd as:text", &Replayer::Dup},
      {"dup2", "fd:fd onto:fd", &Replayer::Dup2},
      {"bind", "fd:fd addr:address", &Replayer::Bind},
      {"connect", "fd:fd addr:address addrlen:number?", &Replayer::Connect},
      {"listen", "fd:fd backlog:number", &Replayer::Listen},
      {"shutdown", "fd:fd how:flags", &Replayer::Shutdown},
      {"accept4", "fd:fd flags:flags as:text", &Replayer::Accept4},
      {"getsockname", "fd:fd", &Replayer::Getsockname},
      {"getpeername", "fd:fd", &Replayer::Getpeername},
      {"close", "fd:fd", &Replayer::Close},
      {"setsockopt", "fd:fd level:flags name:flags value:any optlen:number?",
       &Replayer::Setsockopt},
      {"getsockopt", "fd:fd level:flags name:flags optlen:number?",
       &Replayer::Getsockopt},
      {"send", "fd:fd data:text? len:number? flags:flags", &Replayer::Send},
      {"sendto", "fd:fd data:text? len:number? flags:flags addr:address",
       &Replayer::Sendto},
      {"write", "fd:fd data:text? len:number?", &Replayer::Write},
      {"write_u64", "fd:fd value:number", &Replayer::WriteU64},
      {"recv", "fd:fd len:number flags:flags", &Replayer::Recv},
      {"recvfrom", "fd:fd len:number flags:flags", &Replayer::Recvfrom},
      {"read", "fd:fd len:number", &Replayer::Read},
      {"read_u64", "fd:fd", &Replayer::ReadU64},
      {"writev", "fd:fd iov:texts", &Replayer::Writev},
      {"readv", "fd:fd iov:numbers", &Replayer::Readv},
      {"sendmsg", "fd:fd iov:texts flags:flags addr:address? rights:fds?",
       &Replayer::Sendmsg},
      {"recvmsg",
       "fd:fd iov:numbers flags:flags control:number? rights_as:texts?",
       &Replayer::Recvmsg},
      {"fill", "fd:fd chunk:positive max:number", &Replayer::Fill},
      {"fill_write", "fd:fd chunk:positive", &Replayer::FillWrite},
      {"drain", "fd:fd chunk:positive max:number", &Replayer::Drain},
      {"pump", "fd:fd to:fd max:number rounds:number", &Replayer::Pump},
      {"fcntl", "fd:fd cmd:flags arg:flags?", &Replayer::Fcntl},
      {"ioctl", "fd:fd request:flags value:number?", &Replayer::Ioctl},
      {"poll", "fds:watches timeout_ms:number", &Replayer::Poll},
      {"select", "read:fds write:fds except:fds timeout_ms:number",
       &Replayer::Select},
      {"epoll_create1", "flags:flags as:text", &Replayer::EpollCreate1},
      {"epoll_ctl", "ep:fd op:flags fd:fd events:events data:any?",
       &Replayer::EpollCtl},
      {"epoll_wait", "ep:fd max:number timeout_ms:number",
       &Replayer::EpollWait},
      {"open", "path:text flags:flags as:text", &Replayer::Open},
      {"unlink", "path:text", &Replayer::Unlink},
      {"sleep", "ms:number", &Replayer::Sleep},
      {"sysctl", "name:text value:text", &Replayer::Sysctl},
      {"rlimit_nofile", "free:number", &Replayer::LimitDescriptors},
  };
  return *calls;
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

Json Replayer::Fill(const Json& args) {
  loop::Errno error = loop::Errno::kOk;
  Json answer =
      Total(FillUp(FdOf(args), SizeOf(args, "chunk"), MostOf(args), &error));
  SetError(error, &answer);
  return answer;
}

Json Replayer::FillWrite(const Json& args) {
  const std::string data = Pattern(SizeOf(args, "chunk"));
  size_t total = 0;
  while (true) {
    const loop::Result<size_t> written = kernel_.Write(FdOf(args), data);
    if (!written.ok()) {
      Json answer = Total(total);
      SetError(written.error(), &answer);
      return answer;
    }
    total += *written;
  }
}

Json Replayer::Drain(const Json& args) {
  loop::Errno error = loop::Errno::kOk;
  const size_t most = MostOf(args);
  const size_t total =
      DrainAll(FdOf(args), SizeOf(args, "chunk"), most, &error);
  Json answer = Total(total);
  SetError(error, &answer);
  if (error == loop::Errno::kOk && total < most) {
    answer.Set("eof", Json::Bool(true));
  }
  return answer;
}

Json Replayer::Pump(const Json& args) {
  const size_t all = MostOf(args);
  size_t sent = 0;
  size_t received = 0;
  loop::Errno error = loop::Errno::kOk;
  for (int64_t round = 0; round < Argument(args, "rounds").Integer(); ++round) {
    sent += FillUp(FdOf(args), kPumpWrite, all - sent, &error);
    testbed_.Pass(kPumpPause);
    received += DrainAll(FdOf(args, "to"), kPumpRead, kNoLimit, &error);
    testbed_.Pass(kPumpPause);
  }
  return Json::Object({{"done", Json::Bool(sent == all && received == all)}});
}

Json Replayer::Sleep(const Json& args) {
  testbed_.Pass(absl::Milliseconds(std::max(0.0, Argument(args, "ms").Real())));
  return Json::Object();
}

Json Replayer::Sysctl(const Json& args) {
  const absl::Status set =
      testbed_.SetSysctl(TextOf(args, "name"), TextOf(args, "value"));
  error_ = std::string(set.message());
  return Json::Object();
}

Json Replayer::LimitDescriptors(const Json& args) {
  const absl::Status set = testbed_.LimitDescriptors(IntOf(args, "free"));
  error_ = std::string(set.message());
  return Json::Object();
}

}  // namespace simloop::conformance
