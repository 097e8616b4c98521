// Replayer's calls that move bytes.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "conformance/answer.h"
#include "conformance/arguments.h"
#include "conformance/constants.h"
#include "conformance/replayer.h"
#include "loop/abi.h"
#include "loop/control_message.h"

namespace simloop::conformance {
namespace {

// IPV6_RECVERR's level (ipv6(7)) is that of its protocol.
constexpr int kErrorLevels[][2] = {{loop::kIpprotoIp, loop::kIpRecverr},
                                   {loop::kIpprotoIpv6, loop::kIpv6Recverr}};

struct FlagName {
  int flag;
  absl::string_view name;
};
// The msg_flags that answers show.
constexpr FlagName kMessageFlags[] = {
    {loop::kMsgOob, "MSG_OOB"},           {loop::kMsgTrunc, "MSG_TRUNC"},
    {loop::kMsgCtrunc, "MSG_CTRUNC"},     {loop::kMsgEor, "MSG_EOR"},
    {loop::kMsgErrqueue, "MSG_ERRQUEUE"},
};

std::string MessageFlagsText(int flags) {
  std::vector<absl::string_view> names;
  for (const FlagName& flag : kMessageFlags) {
    if ((flags & flag.flag) != 0) names.push_back(flag.name);
  }
  return absl::StrJoin(names, "|");
}

// "data" is in Latin-1: a character is a byte.
std::string Payload(const Json& args) {
  const Json* data = args.Find("data");
  if (data == nullptr) return Pattern(SizeOf(args, "len"));
  std::string bytes;
  const std::string& text = data->text();
  for (size_t i = 0; i < text.size(); ++i) {
    const uint8_t byte = static_cast<uint8_t>(text[i]);
    // Two bytes of UTF-8 hold what is above 0x7f.
    if (byte >= 0xc2 && byte <= 0xc3 && i + 1 < text.size()) {
      bytes += static_cast<char>((byte & 3) << 6 | (text[++i] & 0x3f));
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

// A reading call's buffer, and what its answer shows of it.
Json Received(const loop::Result<size_t>& result, const std::string& buffer) {
  Json answer = AnswerOf(result);
  if (result.ok() && *result > 0) {
    Show(absl::string_view(buffer.data(), std::min(*result, buffer.size())),
         &answer);
  }
  return answer;
}

// The buffers of a scattered read.
class Buffers final {
 public:
  explicit Buffers(const std::vector<Json>& sizes) {
    for (const Json& size : sizes) pieces_.emplace_back(BytesOf(size), '\0');
    for (std::string& piece : pieces_) {
      spans_.push_back(absl::MakeSpan(piece));
    }
  }
  absl::Span<const absl::Span<char>> spans() const { return spans_; }
  std::string First(size_t size) const {
    return absl::StrJoin(pieces_, "").substr(0, size);
  }

 private:
  std::vector<std::string> pieces_;
  std::vector<absl::Span<char>> spans_;
};

// The buffers of a gathered write.
class Pieces final {
 public:
  explicit Pieces(const std::vector<Json>& texts) {
    for (const Json& text : texts) pieces_.push_back(text.text());
    spans_.assign(pieces_.begin(), pieces_.end());
  }
  absl::Span<const absl::Span<const char>> spans() const { return spans_; }

 private:
  std::vector<std::string> pieces_;
  std::vector<absl::Span<const char>> spans_;
};

}  // namespace

Json Replayer::Read(const Json& args) {
  std::string buffer(SizeOf(args, "len"), '\0');
  const loop::Result<size_t> result =
      kernel_.Read(FdOf(args), absl::MakeSpan(buffer));
  return Received(result, buffer);
}

Json Replayer::Readv(const Json& args) {
  const Buffers buffers(Argument(args, "iov").items());
  const loop::Result<size_t> result =
      kernel_.Readv(FdOf(args), buffers.spans());
  Json answer = AnswerOf(result);
  if (result.ok()) Show(buffers.First(*result), &answer);
  return answer;
}

Json Replayer::ReadU64(const Json& args) {
  uint64_t value = 0;
  const loop::Result<size_t> result = kernel_.Read(
      FdOf(args),
      absl::MakeSpan(reinterpret_cast<char*>(&value), sizeof value));
  Json answer = AnswerOf(result);
  if (result.ok()) answer.Set("value", Json::Unsigned(value));
  return answer;
}

Json Replayer::Recv(const Json& args) {
  std::string buffer(SizeOf(args, "len"), '\0');
  const loop::Result<size_t> result =
      kernel_.Recv(FdOf(args), absl::MakeSpan(buffer), FlagsOf(args, "flags"));
  return Received(result, buffer);
}

Json Replayer::Recvfrom(const Json& args) {
  std::string buffer(SizeOf(args, "len"), '\0');
  loop::Address from;
  const loop::Result<size_t> result = kernel_.Recvfrom(
      FdOf(args), absl::MakeSpan(buffer), FlagsOf(args, "flags"), &from);
  Json answer = Received(result, buffer);
  if (result.ok()) answer.Set("addr", ports_.Text(from));
  return answer;
}

Json Replayer::Recvmsg(const Json& args) {
  const Buffers buffers(Argument(args, "iov").items());
  std::string control(SizeOf(args, "control"), '\0');
  loop::IncomingMessage message;
  message.buffers = buffers.spans();
  message.control = absl::MakeSpan(control);
  const loop::Result<size_t> result =
      kernel_.Recvmsg(FdOf(args), &message, FlagsOf(args, "flags"));
  if (!result.ok()) return Failed(result.error());
  Json answer = AnswerOf(result);
  answer.Set("flags", Json::Text(MessageFlagsText(message.flags)));
  if (message.from.family != loop::Family::kUnspecified) {
    answer.Set("addr", ports_.Text(message.from));
  }
  if (*result > 0) Show(buffers.First(*result), &answer);
  control.resize(std::min(message.control_size, control.size()));
  ShowControl(control, args, &answer);
  return answer;
}

// Of several messages the first is shown.
void Replayer::ShowControl(absl::string_view control, const Json& args,
                           Json* answer) {
  const std::vector<loop::ControlMessage> messages =
      loop::ParseControl(control, /*malformed=*/nullptr);
  if (messages.empty()) return;
  const loop::ControlMessage& message = messages.front();
  if (message.level == loop::kSolSocket && message.type == loop::kScmRights) {
    std::vector<Json> names = Argument(args, "rights_as").items();
    const std::vector<loop::Fd> descriptors = message.descriptors();
    names.resize(std::min(names.size(), descriptors.size()));
    for (size_t i = 0; i < names.size(); ++i) {
      descriptors_.Adopt(names[i].text(), descriptors[i]);
    }
    answer->Set("rights", Json::List(names));
    return;
  }
  for (const auto& [level, type] : kErrorLevels) {
    uint32_t number = 0;  // ee_errno, the first of struct sock_extended_err
    if (message.level != level || message.type != type ||
        message.data.size() < sizeof number) {
      continue;
    }
    std::memcpy(&number, message.data.data(), sizeof number);
    answer->Set("ee_errno", Json::Text(ErrorName(number)));
    return;
  }
  answer->Set("cmsg", Json::List({Json::Number(message.level),
                                  Json::Number(message.type),
                                  Json::Unsigned(message.data.size())}));
}

Json Replayer::Sent(Json answer) {
  if (testbed_.TakeSigpipe()) answer.Set("sigpipe", Json::Bool(true));
  return answer;
}

Json Replayer::Write(const Json& args) {
  return Sent(AnswerOf(kernel_.Write(FdOf(args), Payload(args))));
}

Json Replayer::Writev(const Json& args) {
  const Pieces pieces(Argument(args, "iov").items());
  return Sent(AnswerOf(kernel_.Writev(FdOf(args), pieces.spans())));
}

Json Replayer::WriteU64(const Json& args) {
  const uint64_t value = Argument(args, "value").Wrapped();
  return AnswerOf(kernel_.Write(
      FdOf(args), absl::MakeConstSpan(reinterpret_cast<const char*>(&value),
                                      sizeof value)));
}

Json Replayer::Send(const Json& args) {
  return Sent(AnswerOf(
      kernel_.Send(FdOf(args), Payload(args), FlagsOf(args, "flags"))));
}

Json Replayer::Sendto(const Json& args) {
  const loop::Address to = AddressOf(args);
  return Sent(AnswerOf(
      kernel_.Sendto(FdOf(args), Payload(args), FlagsOf(args, "flags"), to)));
}

Json Replayer::Sendmsg(const Json& args) {
  const Pieces pieces(Argument(args, "iov").items());
  loop::OutgoingMessage message;
  message.data = pieces.spans();
  loop::Address to;
  if (args.Find("addr") != nullptr) {
    to = AddressOf(args);
    message.to = &to;
  }
  std::vector<loop::Fd> rights;
  for (const Json& name : Argument(args, "rights").items()) {
    rights.push_back(descriptors_.Find(name.text()));
  }
  std::string control;
  if (!rights.empty()) {
    loop::ControlMessage::Rights(rights).AppendTo(&control);
  }
  message.control = control;
  return Sent(
      AnswerOf(kernel_.Sendmsg(FdOf(args), message, FlagsOf(args, "flags"))));
}

}  // namespace simloop::conformance
