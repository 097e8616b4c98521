// Replayer: makes the calls of a case on a testbed's kernel, one step after
// another, and tells where the answers differ from the recorded ones.
#ifndef TESTS_CONFORMANCE_REPLAYER_H_
#define TESTS_CONFORMANCE_REPLAYER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "loop/address.h"
#include "loop/errno.h"
#include "loop/fd.h"
#include "loop/kernel.h"
#include "loop/result.h"
#include "tests/conformance/case_file.h"
#include "tests/conformance/testbed.h"

namespace simloop::conformance {

struct Difference {
  size_t step = 0;  // from 0
  // "step 3 recv(fd=c len=10 flags=0): expected ..., got ...".
  std::string text;
};

class Replayer final {
 public:
  // Both must outlive it.
  Replayer(const Case& test, Testbed& testbed);
  // Closes what the case left open.
  ~Replayer();
  Replayer(const Replayer&) = delete;
  Replayer& operator=(const Replayer&) = delete;

  // Call once.
  std::vector<Difference> Run();

 private:
  using Call = Answer (Replayer::*)(const Arguments& args);
  struct Entry {
    absl::string_view name;
    Call call;
  };
  static const std::vector<Entry>& Calls();

  Answer Make(const Step& step);
  ReadyBits Ready();
  // The bits of poll(2) that hold for `fd` among `asked`.
  uint32_t Poll(loop::Fd fd, uint32_t asked);

  // Names of descriptors. One that was closed stands for its old number; one
  // that was never made is -1.
  loop::Fd Find(const std::string& name) const;
  loop::Fd FdOf(const Arguments& args, absl::string_view key = "fd") const;
  Answer Made(const Arguments& args, const loop::Result<loop::Fd>& result);

  // What the case calls by name; a name that is not known is remembered.
  int FlagsOf(const Arguments& args, absl::string_view key);
  uint32_t EventsOf(const std::string& text);

  loop::Address ParseAddress(const std::string& text);
  // Ports that the kernel chose are P1, P2, ... in order of appearance.
  std::string AddressText(const loop::Address& address);
  Answer NameAnswer(const loop::Result<loop::Address>& result);

  // --- The calls, by the names that case files give them ----------------
  Answer Socket(const Arguments& args);
  Answer Bind(const Arguments& args);
  Answer Listen(const Arguments& args);
  Answer Accept4(const Arguments& args);
  Answer Connect(const Arguments& args);
  Answer Read(const Arguments& args);
  Answer Write(const Arguments& args);
  Answer Writev(const Arguments& args);
  Answer Recv(const Arguments& args);
  Answer Send(const Arguments& args);
  Answer Shutdown(const Arguments& args);
  Answer Close(const Arguments& args);
  Answer Getsockname(const Arguments& args);
  Answer Getpeername(const Arguments& args);
  Answer Getsockopt(const Arguments& args);
  Answer Setsockopt(const Arguments& args);
  Answer EpollCreate1(const Arguments& args);
  Answer EpollCtl(const Arguments& args);
  Answer EpollWait(const Arguments& args);
  Answer PollCall(const Arguments& args);
  // Composite ones (README.md).
  Answer Fill(const Arguments& args);
  Answer Drain(const Arguments& args);
  Answer Pump(const Arguments& args);
  Answer Sleep(const Arguments& args);
  Answer Sysctl(const Arguments& args);
  Answer LimitFree(const Arguments& args);

  // Sends `chunk` bytes at a time until an error, or `most` went.
  size_t FillUp(loop::Fd fd, size_t chunk, size_t most, loop::Errno* error);
  // Reads until the end, an error, or `most` came.
  size_t DrainAll(loop::Fd fd, size_t chunk, size_t most, loop::Errno* error);

  const Case& case_;
  Testbed& testbed_;
  loop::Kernel& kernel_;
  loop::Fd watch_;  // the epoll that readiness is looked at with
  std::map<std::string, loop::Fd> open_;
  std::map<std::string, loop::Fd> closed_;
  std::vector<std::string> epolls_;  // names: their readiness is not observed
  std::map<uint16_t, std::string> ports_;
  std::string unknown_;            // a name of the present step
  std::vector<std::string> tags_;  // what epoll data stands for
  std::vector<loop::Fd> fillers_;  // they use up descriptors
};

// --- Answers -----------------------------------------------------------------

// {"ret": "-1", "errno": "EAGAIN"}.
Answer Failed(loop::Errno error);
// {"ret": "5"}.
Answer Returned(int64_t value);
Answer AnswerOf(const loop::Result<void>& result);
Answer AnswerOf(const loop::Result<size_t>& result);
// Adds "data", or "crc32" where it is long or not printable.
void Show(absl::string_view data, Answer* answer);
// Byte i is i mod 251.
std::string Pattern(size_t size);

}  // namespace simloop::conformance

#endif  // TESTS_CONFORMANCE_REPLAYER_H_
