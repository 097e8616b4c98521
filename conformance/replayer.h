// Replayer: makes the calls of a case on a testbed's kernel, one step after
// another, and tells where the answers differ from the recorded ones.
#ifndef CONFORMANCE_REPLAYER_H_
#define CONFORMANCE_REPLAYER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "conformance/case_file.h"
#include "conformance/json.h"
#include "conformance/names.h"
#include "conformance/testbed.h"
#include "loop/kernel.h"

namespace simloop::conformance {

struct Difference {
  size_t step = 0;  // from 0
  // "step 3 recv(fd=c, len=10, flags=0): expected ..., got ...".
  std::string text;
};

// What a step was answered.
struct Observation {
  Json result;
  std::optional<Json> ready;
  // Why the step is none that can be made; else "".
  std::string error;
};

class Replayer final {
 public:
  // Both must outlive it.
  Replayer(const Case& test, Testbed& testbed);
  Replayer(const Replayer&) = delete;
  Replayer& operator=(const Replayer&) = delete;

  // Makes all steps. Call once; it leaves open what the case does. A step that
  // cannot be made is a difference, and the last.
  // Where `step` is not null it is set to the step under way.
  std::vector<Difference> Run(size_t* step = nullptr);
  // The names that stand for open descriptors now.
  const DescriptorNames& descriptors() const { return descriptors_; }
  // Makes `step`, lets time pass, and looks at readiness where the case
  // observes it.
  Observation Make(const Step& step);

 private:
  using Call = Json (Replayer::*)(const Json& args);
  struct Entry {
    absl::string_view name;
    absl::string_view signature;
    Call call;
  };
  static const std::vector<Entry>& Calls();

  Json Ready();
  // Only of arguments that the signature vouches for.
  loop::Fd FdOf(const Json& args, absl::string_view key = "fd") const;
  Json Made(const Json& args, const loop::Result<loop::Fd>& result);
  Json MadePair(const Json& args, const loop::Result<loop::FdPair>& result);
  loop::Address ParseAddress(const std::string& text) const;
  loop::Address AddressOf(const Json& args) const;
  // Of a call that sends: with "sigpipe", if one was raised.
  Json Sent(Json answer);
  Json NameAnswer(const loop::Result<loop::Address>& result);
  // What the kernel answers to an option of a negative size.
  Json NegativeSize(loop::Fd fd);

  // --- The calls, by the names that case files give them ----------------
  Json Socket(const Json& args);
  Json Socketpair(const Json& args);
  Json Bind(const Json& args);
  Json Connect(const Json& args);
  Json Listen(const Json& args);
  Json Accept4(const Json& args);
  Json Shutdown(const Json& args);
  Json Close(const Json& args);
  Json Dup(const Json& args);
  Json Dup2(const Json& args);
  Json Getsockname(const Json& args);
  Json Getpeername(const Json& args);
  Json Getsockopt(const Json& args);
  Json Setsockopt(const Json& args);
  Json Fcntl(const Json& args);
  Json Ioctl(const Json& args);
  Json Open(const Json& args);
  Json Unlink(const Json& args);
  Json Pipe2(const Json& args);
  Json Read(const Json& args);
  Json Readv(const Json& args);
  Json ReadU64(const Json& args);
  Json Recv(const Json& args);
  Json Recvfrom(const Json& args);
  Json Recvmsg(const Json& args);
  Json Write(const Json& args);
  Json Writev(const Json& args);
  Json WriteU64(const Json& args);
  Json Send(const Json& args);
  Json Sendto(const Json& args);
  Json Sendmsg(const Json& args);
  Json Poll(const Json& args);
  Json Select(const Json& args);
  Json EpollCreate1(const Json& args);
  Json EpollCtl(const Json& args);
  Json EpollWait(const Json& args);
  Json Eventfd(const Json& args);
  Json TimerfdCreate(const Json& args);
  Json TimerfdSettime(const Json& args);
  // Composite ones (README.md).
  Json Fill(const Json& args);
  Json FillWrite(const Json& args);
  Json Drain(const Json& args);
  Json Pump(const Json& args);
  Json Sleep(const Json& args);
  Json Sysctl(const Json& args);
  Json LimitDescriptors(const Json& args);

  // The control messages of recvmsg(2), as far as case files look at them.
  void ShowControl(absl::string_view control, const Json& args, Json* answer);
  // Sends `chunk` bytes at a time until an error, or `most` went.
  size_t FillUp(loop::Fd fd, size_t chunk, size_t most, loop::Errno* error);
  // Reads until the end, an error, or `most` came.
  size_t DrainAll(loop::Fd fd, size_t chunk, size_t most, loop::Errno* error);

  const Case& case_;
  Testbed& testbed_;
  loop::Kernel& kernel_;
  DescriptorNames descriptors_;
  PortNames ports_;
  std::vector<Json> tags_;  // what epoll data stands for
  std::string error_;       // why the present step cannot be made
};

}  // namespace simloop::conformance

#endif  // CONFORMANCE_REPLAYER_H_
