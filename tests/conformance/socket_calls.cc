// Replayer's calls: one method of loop::Kernel each.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "tests/conformance/constants.h"
#include "tests/conformance/replayer.h"

namespace simloop::conformance {
namespace {

// As many as getsockopt(2) is offered.
constexpr size_t kOptionBytes = 256;

std::string Payload(const Arguments& args) {
  if (!args.Has("data")) return Pattern(args.Number("len"));
  return args.Text("data");
}

Answer Received(const loop::Result<size_t>& result, const std::string& buffer) {
  Answer answer = AnswerOf(result);
  if (result.ok() && *result > 0) {
    Show(absl::string_view(buffer.data(), std::min(*result, buffer.size())),
         &answer);
  }
  return answer;
}

int IntAt(const std::string& bytes, size_t index) {
  int value = 0;
  std::memcpy(&value, bytes.data() + index * sizeof value, sizeof value);
  return value;
}

}  // namespace

Answer Replayer::Socket(const Arguments& args) {
  const auto family = static_cast<loop::Family>(FlagsOf(args, "domain"));
  return Made(args, kernel_.Socket(family, FlagsOf(args, "type"),
                                   FlagsOf(args, "proto")));
}

Answer Replayer::Bind(const Arguments& args) {
  return AnswerOf(kernel_.Bind(FdOf(args), ParseAddress(args.Text("addr"))));
}

Answer Replayer::Listen(const Arguments& args) {
  return AnswerOf(
      kernel_.Listen(FdOf(args), static_cast<int>(args.Number("backlog"))));
}

Answer Replayer::Accept4(const Arguments& args) {
  const loop::Result<loop::Accepted> accepted =
      kernel_.Accept4(FdOf(args), FlagsOf(args, "flags"));
  if (!accepted.ok()) return Failed(accepted.error());
  Answer answer = Made(args, accepted->fd);
  answer["addr"] = AddressText(accepted->peer);
  return answer;
}

Answer Replayer::Connect(const Arguments& args) {
  return AnswerOf(kernel_.Connect(FdOf(args), ParseAddress(args.Text("addr"))));
}

Answer Replayer::Read(const Arguments& args) {
  std::string buffer(args.Number("len"), '\0');
  const loop::Result<size_t> result =
      kernel_.Read(FdOf(args), absl::MakeSpan(buffer));
  return Received(result, buffer);
}

Answer Replayer::Recv(const Arguments& args) {
  std::string buffer(args.Number("len"), '\0');
  const loop::Result<size_t> result =
      kernel_.Recv(FdOf(args), absl::MakeSpan(buffer), FlagsOf(args, "flags"));
  return Received(result, buffer);
}

Answer Replayer::Write(const Arguments& args) {
  return AnswerOf(kernel_.Write(FdOf(args), Payload(args)));
}

Answer Replayer::Writev(const Arguments& args) {
  std::vector<std::string> pieces;
  for (const auto& piece : args.List("iov")) {
    pieces.push_back(piece.string_value());
  }
  std::vector<absl::Span<const char>> spans(pieces.begin(), pieces.end());
  return AnswerOf(kernel_.Writev(FdOf(args), spans));
}

Answer Replayer::Send(const Arguments& args) {
  return AnswerOf(
      kernel_.Send(FdOf(args), Payload(args), FlagsOf(args, "flags")));
}

Answer Replayer::Shutdown(const Arguments& args) {
  return AnswerOf(kernel_.Shutdown(FdOf(args), FlagsOf(args, "how")));
}

Answer Replayer::Close(const Arguments& args) {
  const std::string name = args.Text("fd");
  const loop::Fd fd = Find(name);
  if (open_.erase(name) > 0) closed_[name] = fd;
  return AnswerOf(kernel_.Close(fd));
}

Answer Replayer::Getsockname(const Arguments& args) {
  return NameAnswer(kernel_.Getsockname(FdOf(args)));
}

Answer Replayer::Getpeername(const Arguments& args) {
  return NameAnswer(kernel_.Getpeername(FdOf(args)));
}

Answer Replayer::Getsockopt(const Arguments& args) {
  const std::string name = args.Text("name");
  std::string bytes(kOptionBytes, '\0');
  const loop::Result<size_t> size =
      kernel_.Getsockopt(FdOf(args), FlagsOf(args, "level"),
                         FlagsOf(args, "name"), absl::MakeSpan(bytes));
  if (!size.ok()) return Failed(size.error());
  Answer answer = Returned(0);
  const int value = IntAt(bytes, 0);
  if (name == "TCP_INFO") {
    answer["state"] = TcpStateName(bytes[0]);
  } else if (name == "SO_LINGER") {
    answer["value"] =
        ListText({absl::StrCat(value), absl::StrCat(IntAt(bytes, 1))});
  } else if (name == "SO_ERROR" && value != 0) {
    answer["value"] =
        std::string(loop::ErrnoName(static_cast<loop::Errno>(value)));
  } else {
    answer["value"] = absl::StrCat(value);
  }
  return answer;
}

Answer Replayer::Setsockopt(const Arguments& args) {
  std::vector<int> values;
  for (const auto& item : args.List("value")) {
    values.push_back(static_cast<int>(item.number_value()));
  }
  if (values.empty()) values = {static_cast<int>(args.Number("value"))};
  const absl::Span<const char> bytes(
      reinterpret_cast<const char*>(values.data()),
      values.size() * sizeof(int));
  return AnswerOf(kernel_.Setsockopt(FdOf(args), FlagsOf(args, "level"),
                                     FlagsOf(args, "name"), bytes));
}

Answer Replayer::EpollCreate1(const Arguments& args) {
  const Answer answer =
      Made(args, kernel_.EpollCreate1(FlagsOf(args, "flags")));
  epolls_.push_back(args.Text("as"));
  return answer;
}

Answer Replayer::EpollCtl(const Arguments& args) {
  tags_.push_back(args.Text(args.Has("data") ? "data" : "fd"));
  const loop::EpollEvent event{EventsOf(args.Text("events")), tags_.size() - 1};
  return AnswerOf(kernel_.EpollCtl(FdOf(args, "ep"), FlagsOf(args, "op"),
                                   FdOf(args), event));
}

Answer Replayer::EpollWait(const Arguments& args) {
  std::vector<loop::EpollEvent> events(args.Number("max"));
  const loop::Result<size_t> count =
      kernel_.EpollWait(FdOf(args, "ep"), absl::MakeSpan(events),
                        absl::Milliseconds(args.Number("timeout_ms")));
  Answer answer = AnswerOf(count);
  if (!count.ok()) return answer;
  std::vector<std::string> items;
  for (size_t i = 0; i < *count; ++i) {
    items.push_back(
        ListText({tags_[events[i].data], EventText(events[i].events)}));
  }
  if (case_.observe) std::sort(items.begin(), items.end());
  answer["events"] = ListText(items);
  return answer;
}

}  // namespace simloop::conformance
