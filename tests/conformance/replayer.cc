#include "tests/conformance/replayer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "loop/abi.h"
#include "loop/check.h"
#include "tests/conformance/constants.h"

namespace simloop::conformance {
namespace {

constexpr uint32_t kObserved =
    loop::kEpollIn | loop::kEpollPri | loop::kEpollOut | loop::kEpollRdhup;

std::string ToString(const std::map<std::string, std::string>& fields) {
  return absl::StrCat(
      "{", absl::StrJoin(fields, ", ", absl::PairFormatter(":")), "}");
}

void Drop(const std::set<std::string>& names, Answer* answer) {
  for (const std::string& name : names) answer->erase(name);
}

}  // namespace

Replayer::Replayer(const Case& test, Testbed& testbed)
    : case_(test), testbed_(testbed), kernel_(testbed.kernel()) {
  const loop::Result<loop::Fd> watch = kernel_.EpollCreate1(0);
  SIMLOOP_CHECK(watch.ok(), loop::ErrnoName(watch.error()));
  watch_ = *watch;
  for (const std::string& text : case_.Addresses()) {
    const std::optional<loop::Address> address = loop::Address::Parse(text);
    if (address.has_value()) {
      ports_[address->port] = absl::StrCat(address->port);
    }
  }
}

Replayer::~Replayer() {
  for (const auto& [name, fd] : open_) static_cast<void>(kernel_.Close(fd));
  for (loop::Fd fd : fillers_) static_cast<void>(kernel_.Close(fd));
  static_cast<void>(kernel_.Close(watch_));
}

std::vector<Difference> Replayer::Run() {
  std::vector<Difference> differences;
  const auto report = [&](size_t index, const auto& expected, const auto& got) {
    const Step& step = case_.steps[index];
    differences.push_back(
        {index, absl::StrCat("step ", index, " ", step.call, "(",
                             step.args.ToString(), "): expected ",
                             ToString(expected), ", got ", ToString(got))});
  };
  for (size_t i = 0; i < case_.steps.size(); ++i) {
    const Step& step = case_.steps[i];
    Answer expected = step.result;
    Answer got = Make(step);
    testbed_.Pass(case_.settle);
    ReadyBits ready;
    if (step.ready.has_value()) ready = Ready();
    if (step.advisory) continue;
    Drop(step.loose, &expected);
    Drop(step.loose, &got);
    if (step.loose.count("result") == 0 && got != expected) {
      report(i, expected, got);
    }
    if (!step.ready.has_value() || step.loose.count("ready") != 0) continue;
    ReadyBits expected_ready = *step.ready;
    for (const std::string& epoll : epolls_) expected_ready.erase(epoll);
    if (ready != expected_ready) report(i, expected_ready, ready);
  }
  return differences;
}

Answer Replayer::Make(const Step& step) {
  for (const Entry& entry : Calls()) {
    if (entry.name != step.call) continue;
    Answer answer = (this->*entry.call)(step.args);
    if (unknown_.empty()) return answer;
    return {{"unsupported", std::exchange(unknown_, "")}};
  }
  return {{"unsupported", step.call}};
}

int Replayer::FlagsOf(const Arguments& args, absl::string_view key) {
  const std::optional<int> flags = Flags(args.Text(key));
  if (!flags.has_value()) unknown_ = args.Text(key);
  return flags.value_or(0);
}

uint32_t Replayer::EventsOf(const std::string& text) {
  const std::optional<uint32_t> bits = EventBits(text);
  if (!bits.has_value()) unknown_ = text;
  return bits.value_or(0);
}

// --- Readiness ---------------------------------------------------------------

uint32_t Replayer::Poll(loop::Fd fd, uint32_t asked) {
  const loop::EpollEvent watch{asked, 0};
  const loop::Result<void> added =
      kernel_.EpollCtl(watch_, loop::kEpollCtlAdd, fd, watch);
  if (!added.ok()) return kPollNval;
  loop::EpollEvent event;
  const loop::Result<size_t> count = kernel_.EpollWait(
      watch_, absl::MakeSpan(&event, 1), absl::ZeroDuration());
  static_cast<void>(kernel_.EpollCtl(watch_, loop::kEpollCtlDel, fd, {}));
  return count.ok() && *count == 1 ? event.events : 0;
}

ReadyBits Replayer::Ready() {
  ReadyBits bits;
  for (const auto& [name, fd] : open_) {
    if (std::find(epolls_.begin(), epolls_.end(), name) != epolls_.end()) {
      continue;
    }
    bits[name] = EventText(Poll(fd, kObserved));
  }
  return bits;
}

// --- Descriptors -------------------------------------------------------------

loop::Fd Replayer::Find(const std::string& name) const {
  const auto open = open_.find(name);
  if (open != open_.end()) return open->second;
  const auto closed = closed_.find(name);
  if (closed != closed_.end()) return closed->second;
  int number = -1;
  return absl::SimpleAtoi(name, &number) ? loop::Fd{number} : loop::Fd{-1};
}

loop::Fd Replayer::FdOf(const Arguments& args, absl::string_view key) const {
  return Find(args.Text(key));
}

Answer Replayer::Made(const Arguments& args,
                      const loop::Result<loop::Fd>& result) {
  if (!result.ok()) return Failed(result.error());
  const std::string name = args.Text("as");
  open_[name] = *result;
  closed_.erase(name);
  return {{"ret", "fd"}};
}

// --- Addresses ---------------------------------------------------------------

loop::Address Replayer::ParseAddress(const std::string& text) {
  if (text == "unspec") return loop::Address::Unspecified();
  loop::Address address;
  if (absl::StartsWith(text, "[")) {
    address.family = loop::Family::kInet6;
    return address;
  }
  const size_t at = text.find('@');
  if (at == text.npos) {
    const std::optional<loop::Address> parsed = loop::Address::Parse(text);
    return parsed.has_value() ? testbed_.ToKernel(*parsed) : address;
  }
  const loop::Result<loop::Address> name =
      kernel_.Getsockname(Find(text.substr(at + 1)));
  if (name.ok()) address = *name;
  if (at == 0) return address;
  const std::optional<loop::Ipv4> ip =
      loop::Ipv4::Parse(text.substr(0, at - 1));
  if (ip.has_value()) address.ip = *ip;
  return testbed_.ToKernel(address);
}

std::string Replayer::AddressText(const loop::Address& address) {
  const loop::Address shown = testbed_.ToCase(address);
  if (shown.port == 0) return shown.ToString();
  std::string& port = ports_[shown.port];
  if (port.empty()) {
    size_t chosen = 0;
    for (const auto& [number, name] : ports_) {
      if (absl::StartsWith(name, "P")) ++chosen;
    }
    port = absl::StrCat("P", chosen + 1);
  }
  return absl::StrCat(shown.ip.ToString(), ":", port);
}

Answer Replayer::NameAnswer(const loop::Result<loop::Address>& result) {
  if (!result.ok()) return Failed(result.error());
  return {{"ret", "0"}, {"addr", AddressText(*result)}};
}

}  // namespace simloop::conformance
