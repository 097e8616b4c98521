// Replayer's calls about sockets, their names and their options, and about any
// descriptor.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "conformance/answer.h"
#include "conformance/arguments.h"
#include "conformance/constants.h"
#include "conformance/replayer.h"
#include "loop/abi.h"
#include "loop/socket_option.h"

namespace simloop::conformance {
namespace {

// As many as getsockopt(2) is offered.
constexpr size_t kOptionBytes = 256;

// A family that Family has no room for is one that no kernel has.
loop::Family FamilyOf(const Json& args) {
  const int number = FlagsOf(args, "domain");
  return static_cast<loop::Family>(number < 0 || number > 0xffff ? 0xffff
                                                                 : number);
}

bool IsTimeval(absl::string_view option) {
  return option == "SO_RCVTIMEO" || option == "SO_SNDTIMEO";
}

template <typename T>
Json NumbersIn(const std::string& bytes) {
  std::vector<Json> numbers;
  for (size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) {
    T number;
    std::memcpy(&number, bytes.data() + at, sizeof number);
    numbers.push_back(Json::Number(number));
  }
  return Json::List(numbers);
}

template <typename T>
void AppendNumber(int64_t value, std::string* bytes) {
  const T number = static_cast<T>(value);
  bytes->append(reinterpret_cast<const char*>(&number), sizeof number);
}

// The value of setsockopt(2): a number, a text, or a list of numbers.
std::string OptionBytes(const Json& args) {
  const Json& value = Argument(args, "value");
  if (value.is_text()) return value.text();
  std::string bytes;
  for (const Json& item : value.items()) {
    if (IsTimeval(TextOf(args, "name"))) {
      AppendNumber<int64_t>(item.Integer(), &bytes);
    } else {
      AppendNumber<int32_t>(item.Integer(), &bytes);
    }
  }
  if (!value.is_list()) AppendNumber<int32_t>(value.Integer(), &bytes);
  return bytes;
}

// What a getsockopt(2) that succeeded shows of `bytes`.
Json OptionAnswer(absl::string_view name, const std::string& bytes) {
  Json answer = Returned(0);
  if (name == "TCP_INFO") {
    answer.Set("state", Json::Text(TcpStateName(bytes.empty() ? 0 : bytes[0])));
    return answer;
  }
  Json value = Json::Digits(DecimalText(bytes));
  if (name == "SO_LINGER") value = NumbersIn<int32_t>(bytes);
  if (IsTimeval(name)) value = NumbersIn<int64_t>(bytes);
  if (name == "TCP_CONGESTION") value = Json::Text(bytes.c_str());
  if (name == "SO_ERROR" && value.Integer() != 0) {
    value = Json::Text(ErrorName(value.Integer()));
  }
  answer.Set("value", value);
  return answer;
}

// F_GETFL's answer, as far as case files look at it.
Json FileFlagsText(int flags) {
  constexpr absl::string_view kAccess[] = {"O_RDONLY", "O_WRONLY", "O_RDWR",
                                           ""};
  return Json::Text(
      absl::StrCat(kAccess[flags & loop::kOAccmode],
                   (flags & loop::kONonblock) != 0 ? "|O_NONBLOCK" : ""));
}

}  // namespace

Json Replayer::Socket(const Json& args) {
  return Made(args, kernel_.Socket(FamilyOf(args), FlagsOf(args, "type"),
                                   FlagsOf(args, "proto")));
}

Json Replayer::Socketpair(const Json& args) {
  return MadePair(args,
                  kernel_.Socketpair(FamilyOf(args), FlagsOf(args, "type"),
                                     FlagsOf(args, "proto")));
}

Json Replayer::Bind(const Json& args) {
  return AnswerOf(kernel_.Bind(FdOf(args), AddressOf(args)));
}

Json Replayer::Connect(const Json& args) {
  loop::Address address = AddressOf(args);
  const Json* size = args.Find("addrlen");
  if (size != nullptr) {
    // No size and one byte, and all sizes that are too large, are answered the
    // same.
    const int64_t bytes = size->Integer();
    address.short_size = static_cast<uint16_t>(
        bytes < 0 ? 0xffff : std::clamp<int64_t>(bytes, 1, 0xffff));
  }
  return AnswerOf(kernel_.Connect(FdOf(args), address));
}

Json Replayer::Listen(const Json& args) {
  return AnswerOf(kernel_.Listen(FdOf(args), IntOf(args, "backlog")));
}

Json Replayer::Accept4(const Json& args) {
  const loop::Result<loop::Accepted> accepted =
      kernel_.Accept4(FdOf(args), FlagsOf(args, "flags"));
  if (!accepted.ok()) return Failed(accepted.error());
  Json answer = Made(args, accepted->fd);
  answer.Set("addr", ports_.Text(accepted->peer));
  return answer;
}

Json Replayer::Shutdown(const Json& args) {
  return AnswerOf(kernel_.Shutdown(FdOf(args), FlagsOf(args, "how")));
}

Json Replayer::Close(const Json& args) {
  const loop::Fd fd = FdOf(args);
  descriptors_.Release(TextOf(args, "fd"));
  return AnswerOf(kernel_.Close(fd));
}

Json Replayer::Dup(const Json& args) {
  return Made(args, kernel_.Dup(FdOf(args)));
}

Json Replayer::Dup2(const Json& args) {
  const loop::Result<loop::Fd> made =
      kernel_.Dup2(FdOf(args), FdOf(args, "onto"));
  if (!made.ok()) return Failed(made.error());
  descriptors_.Adopt(TextOf(args, "onto"), *made);
  return Json::Object({{"ret", Json::Text("fd")}});
}

Json Replayer::NameAnswer(const loop::Result<loop::Address>& result) {
  if (!result.ok()) return Failed(result.error());
  Json answer = Returned(0);
  answer.Set("addr", ports_.Text(*result));
  return answer;
}

Json Replayer::Getsockname(const Json& args) {
  return NameAnswer(kernel_.Getsockname(FdOf(args)));
}

Json Replayer::Getpeername(const Json& args) {
  return NameAnswer(kernel_.Getpeername(FdOf(args)));
}

// The seam's sizes have no sign: what comes before the size, that the
// descriptor is a socket's, is asked of an option that every socket has.
Json Replayer::NegativeSize(loop::Fd fd) {
  const loop::Result<int> type =
      loop::GetIntOption(kernel_, fd, loop::kSolSocket, loop::kSoType);
  return Failed(type.ok() ? loop::Errno::kEINVAL : type.error());
}

Json Replayer::Getsockopt(const Json& args) {
  const Json* size = args.Find("optlen");
  if (size != nullptr && size->Integer() < 0) return NegativeSize(FdOf(args));
  std::string bytes(
      size == nullptr ? kOptionBytes : std::min(BytesOf(*size), kOptionBytes),
      '\0');
  const loop::Result<size_t> filled =
      kernel_.Getsockopt(FdOf(args), FlagsOf(args, "level"),
                         FlagsOf(args, "name"), absl::MakeSpan(bytes));
  if (!filled.ok()) return Failed(filled.error());
  bytes.resize(std::min(*filled, bytes.size()));
  return OptionAnswer(TextOf(args, "name"), bytes);
}

Json Replayer::Setsockopt(const Json& args) {
  std::string bytes = OptionBytes(args);
  const Json* size = args.Find("optlen");
  if (size != nullptr && size->Integer() < 0) return NegativeSize(FdOf(args));
  if (size != nullptr) bytes.resize(BytesOf(*size));
  return AnswerOf(kernel_.Setsockopt(FdOf(args), FlagsOf(args, "level"),
                                     FlagsOf(args, "name"), bytes));
}

Json Replayer::Fcntl(const Json& args) {
  const loop::Result<int> result =
      kernel_.Fcntl(FdOf(args), FlagsOf(args, "cmd"), FlagsOf(args, "arg"));
  if (!result.ok()) return Failed(result.error());
  if (TextOf(args, "cmd") != "F_GETFL") return Returned(*result);
  return Json::Object({{"ret", FileFlagsText(*result)}});
}

Json Replayer::Ioctl(const Json& args) {
  int value = IntOf(args, "value");
  const loop::Result<void> result = kernel_.Ioctl(
      FdOf(args), static_cast<uint32_t>(FlagsOf(args, "request")), &value);
  Json answer = AnswerOf(result);
  if (result.ok() && args.Find("value") == nullptr) {
    answer.Set("value", Json::Number(value));
  }
  return answer;
}

Json Replayer::Open(const Json& args) {
  return Made(args,
              testbed_.Open(TextOf(args, "path"), FlagsOf(args, "flags")));
}

Json Replayer::Unlink(const Json& args) {
  return AnswerOf(kernel_.Unlink(TextOf(args, "path")));
}

Json Replayer::Pipe2(const Json& args) {
  return MadePair(args, kernel_.Pipe2(FlagsOf(args, "flags")));
}

}  // namespace simloop::conformance
