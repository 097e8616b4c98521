// Each instruction becomes a call or a few; its numbers choose from tables.
#include "tests/conformance/random_program.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"

namespace simloop::conformance {
namespace {

constexpr absl::Duration kSettle = absl::Milliseconds(60);
// More descriptors than these make no program more interesting.
constexpr size_t kMostNames = 24;

using Words = absl::Span<const absl::string_view>;

constexpr absl::string_view kListener = "l0";
constexpr absl::string_view kTexts[] = {"a", "bc", "hello", ""};
constexpr absl::string_view kSendFlags[] = {"MSG_NOSIGNAL", "MSG_NOSIGNAL", "0",
                                            "MSG_NOSIGNAL|MSG_OOB",
                                            "MSG_NOSIGNAL|MSG_MORE"};
constexpr absl::string_view kRecvFlags[] = {"0",
                                            "0",
                                            "MSG_PEEK",
                                            "MSG_TRUNC",
                                            "MSG_OOB",
                                            "MSG_PEEK|MSG_TRUNC",
                                            "MSG_DONTWAIT|MSG_WAITALL"};
constexpr int kSizes[] = {100, 1, 3, 0};
constexpr absl::string_view kHows[] = {"SHUT_WR", "SHUT_RD", "SHUT_RDWR"};
constexpr absl::string_view kTypes[] = {"SOCK_STREAM", "SOCK_DGRAM",
                                        "SOCK_SEQPACKET"};
constexpr absl::string_view kFamilies[] = {"AF_INET", "AF_INET6", "AF_UNIX"};
// Port 7001 is the first listener's.
constexpr absl::string_view kTargets[] = {
    "127.0.0.1:7001",          "127.0.0.1:7002", "[::1]:7003",
    "[::ffff:127.0.0.1]:7001", "unix:@name",     "unix:path",
    "127.0.0.1:7009",          "unspec"};
constexpr absl::string_view kNames[] = {
    "127.0.0.1:7002", "[::1]:7003", "unix:@name",  "unix:path",
    "127.0.0.1:7004", "[::]:7004",  "0.0.0.0:7005"};
constexpr absl::string_view kEvents[] = {
    "IN",     "IN|OUT",     "IN|OUT|RDHUP|PRI",
    "OUT",    "IN|ET",      "IN|OUT|RDHUP|ET",
    "OUT|ET", "IN|ONESHOT", "IN|OUT|RDHUP|ONESHOT"};
constexpr absl::string_view kOps[] = {"EPOLL_CTL_ADD", "EPOLL_CTL_ADD",
                                      "EPOLL_CTL_MOD", "EPOLL_CTL_DEL"};
constexpr absl::string_view kRequests[] = {"FIONREAD", "SIOCATMARK"};

struct Option {
  absl::string_view level;
  absl::string_view name;
};
constexpr Option kRead[] = {
    {"SOL_SOCKET", "SO_ERROR"},      {"SOL_SOCKET", "SO_TYPE"},
    {"SOL_SOCKET", "SO_ACCEPTCONN"}, {"SOL_SOCKET", "SO_DOMAIN"},
    {"SOL_SOCKET", "SO_PROTOCOL"},   {"SOL_SOCKET", "SO_LINGER"},
    {"SOL_SOCKET", "SO_RCVLOWAT"},   {"IPPROTO_TCP", "TCP_NODELAY"},
    {"IPPROTO_IPV6", "IPV6_V6ONLY"}, {"IPPROTO_IP", "IP_TTL"},
};
// Of 0 or 1.
constexpr Option kSet[] = {
    {"SOL_SOCKET", "SO_REUSEADDR"}, {"SOL_SOCKET", "SO_KEEPALIVE"},
    {"SOL_SOCKET", "SO_OOBINLINE"}, {"SOL_SOCKET", "SO_BROADCAST"},
    {"IPPROTO_TCP", "TCP_NODELAY"}, {"IPPROTO_IPV6", "IPV6_V6ONLY"},
    {"IPPROTO_IP", "IP_RECVERR"},   {"SOL_SOCKET", "SO_RCVLOWAT"},
};

template <typename T, size_t size>
const T& Of(const T (&table)[size], uint8_t number) {
  return table[number % size];
}

Json Word(absl::string_view text) { return Json::Text(text); }

class Writer final {
 public:
  Writer() {
    test_.name = "program";
    test_.settle = kSettle;
    Add("socket", {{"domain", Word("AF_INET")},
                   {"type", Word("SOCK_STREAM|SOCK_NONBLOCK")},
                   {"proto", Json::Number(0)},
                   {"as", Word(kListener)}});
    Add("bind", {{"fd", Word(kListener)}, {"addr", Word("127.0.0.1:7001")}});
    Add("listen", {{"fd", Word(kListener)}, {"backlog", Json::Number(64)}});
    sockets_.push_back(std::string(kListener));
  }

  void Write(const Instruction& instruction) {
    static constexpr void (Writer::*kWays[])(const Instruction&) = {
        &Writer::Send,          &Writer::Receive,      &Writer::Connection,
        &Writer::Shutdown,      &Writer::Close,        &Writer::Pair,
        &Writer::Socket,        &Writer::Connect,      &Writer::Accept,
        &Writer::Bind,          &Writer::Listen,       &Writer::GetOption,
        &Writer::SetOption,     &Writer::Name,         &Writer::Ioctl,
        &Writer::Dup,           &Writer::Epoll,        &Writer::EpollCtl,
        &Writer::EpollCtl,      &Writer::EpollWait,    &Writer::EpollWait,
        &Writer::Pipe,          &Writer::Eventfd,      &Writer::SendTo,
        &Writer::ReceiveFrom,   &Writer::Poll,         &Writer::SendRights,
        &Writer::ReceiveRights, &Writer::WriteCounter, &Writer::ReadCounter,
    };
    (this->*Of(kWays, instruction.what))(instruction);
  }

  Case Take() { return std::move(test_); }

 private:
  using Args = std::vector<Json::Member>;

  void Add(absl::string_view call, Args args) {
    Step step;
    step.call = std::string(call);
    step.args = Json::Object(std::move(args));
    test_.steps.push_back(std::move(step));
  }

  bool full() const { return made_ >= kMostNames; }
  // A new name in `list`.
  Json New(std::vector<std::string>* list) {
    list->push_back(absl::StrCat("d", ++made_));
    return Word(list->back());
  }
  static Json Pick(const std::vector<std::string>& list, uint8_t number) {
    return Word(list.empty() ? "none" : list[number % list.size()]);
  }
  Json Whom(const Instruction& i) const { return Pick(sockets_, i.whom); }
  Json Epoll(uint8_t number) const { return Pick(epolls_, number); }
  static Json Type(uint8_t number) {
    return Word(absl::StrCat(Of(kTypes, number), "|SOCK_NONBLOCK"));
  }

  void Send(const Instruction& i) {
    Add("send", {{"fd", Whom(i)},
                 {"data", Word(Of(kTexts, i.first))},
                 {"flags", Word(Of(kSendFlags, i.second))}});
  }
  void Receive(const Instruction& i) {
    Add("recv", {{"fd", Whom(i)},
                 {"len", Json::Number(Of(kSizes, i.first))},
                 {"flags", Word(Of(kRecvFlags, i.second))}});
  }
  // A connection to the listener, both its ends.
  void Connection(const Instruction&) {
    if (full()) return;
    const Json client = New(&sockets_);
    Add("socket", {{"domain", Word("AF_INET")},
                   {"type", Type(0)},
                   {"proto", Json::Number(0)},
                   {"as", client}});
    Add("connect", {{"fd", client}, {"addr", Word("127.0.0.1:7001")}});
    Add("accept4", {{"fd", Word(kListener)},
                    {"flags", Word("SOCK_NONBLOCK")},
                    {"as", New(&sockets_)}});
  }
  void Shutdown(const Instruction& i) {
    Add("shutdown", {{"fd", Whom(i)}, {"how", Word(Of(kHows, i.first))}});
  }
  void Close(const Instruction& i) { Add("close", {{"fd", Whom(i)}}); }
  void Pair(const Instruction& i) {
    if (full()) return;
    const Json first = New(&sockets_);
    Add("socketpair", {{"domain", Word("AF_UNIX")},
                       {"type", Type(i.first)},
                       {"proto", Json::Number(0)},
                       {"as", Json::List({first, New(&sockets_)})}});
  }
  void Socket(const Instruction& i) {
    if (full()) return;
    Add("socket", {{"domain", Word(Of(kFamilies, i.first))},
                   {"type", Type(i.second)},
                   {"proto", Json::Number(0)},
                   {"as", New(&sockets_)}});
  }
  void Connect(const Instruction& i) {
    const bool peer = i.second % 4 == 3;
    Add("connect",
        {{"fd", Whom(i)},
         {"addr", peer ? Word(absl::StrCat("@", Pick(sockets_, i.first).text()))
                       : Word(Of(kTargets, i.first))}});
  }
  void Accept(const Instruction& i) {
    if (full()) return;
    Add("accept4", {{"fd", Whom(i)},
                    {"flags", Word("SOCK_NONBLOCK")},
                    {"as", New(&sockets_)}});
  }
  void Bind(const Instruction& i) {
    Add("bind", {{"fd", Whom(i)}, {"addr", Word(Of(kNames, i.first))}});
  }
  void Listen(const Instruction& i) {
    Add("listen", {{"fd", Whom(i)}, {"backlog", Json::Number(64)}});
  }
  void GetOption(const Instruction& i) {
    const Option& option = Of(kRead, i.first);
    Add("getsockopt", {{"fd", Whom(i)},
                       {"level", Word(option.level)},
                       {"name", Word(option.name)}});
  }
  void SetOption(const Instruction& i) {
    const Option& option = Of(kSet, i.first);
    const Json value = Json::Number(i.second % 2 == 0 ? 1 : 0);
    if (i.second % 8 == 7) {
      Add("setsockopt", {{"fd", Whom(i)},
                         {"level", Word("SOL_SOCKET")},
                         {"name", Word("SO_LINGER")},
                         {"value", Json::List({Json::Number(1), value})}});
      return;
    }
    Add("setsockopt", {{"fd", Whom(i)},
                       {"level", Word(option.level)},
                       {"name", Word(option.name)},
                       {"value", value}});
  }
  void Name(const Instruction& i) {
    Add(i.first % 2 == 0 ? "getsockname" : "getpeername", {{"fd", Whom(i)}});
  }
  void Ioctl(const Instruction& i) {
    Add("ioctl", {{"fd", Whom(i)}, {"request", Word(Of(kRequests, i.first))}});
  }
  void Dup(const Instruction& i) {
    if (full()) return;
    const Json whom = Whom(i);
    Add("dup", {{"fd", whom}, {"as", New(&sockets_)}});
  }
  void Epoll(const Instruction&) {
    if (full()) return;
    Add("epoll_create1", {{"flags", Json::Number(0)}, {"as", New(&epolls_)}});
  }
  // What is watched is a socket, or sometimes an epoll.
  void EpollCtl(const Instruction& i) {
    if (epolls_.empty()) Epoll(i);
    const Json watched =
        i.second % 16 == 15 ? Epoll(static_cast<uint8_t>(i.whom + 1)) : Whom(i);
    Add("epoll_ctl", {{"ep", Epoll(static_cast<uint8_t>(i.second / 64))},
                      {"op", Word(Of(kOps, i.second))},
                      {"fd", watched},
                      {"events", Word(Of(kEvents, i.first))}});
  }
  void EpollWait(const Instruction& i) {
    Add("epoll_wait", {{"ep", Epoll(i.whom)},
                       {"max", Json::Number(32)},
                       {"timeout_ms", Json::Number(0)}});
  }
  void Pipe(const Instruction&) {
    if (full()) return;
    const Json first = New(&sockets_);
    Add("pipe2", {{"flags", Word("O_NONBLOCK")},
                  {"as", Json::List({first, New(&sockets_)})}});
  }
  void Eventfd(const Instruction& i) {
    if (full()) return;
    Add("eventfd",
        {{"initval", Json::Number(i.first % 3)},
         {"flags", Word(i.second % 2 == 0 ? "EFD_NONBLOCK"
                                          : "EFD_NONBLOCK|EFD_SEMAPHORE")},
         {"as", New(&sockets_)}});
  }
  void SendTo(const Instruction& i) {
    Add("sendto", {{"fd", Whom(i)},
                   {"data", Word(Of(kTexts, i.second))},
                   {"flags", Word("MSG_NOSIGNAL")},
                   {"addr", Word(Of(kTargets, i.first))}});
  }
  void ReceiveFrom(const Instruction& i) {
    Add("recvfrom", {{"fd", Whom(i)},
                     {"len", Json::Number(Of(kSizes, i.first))},
                     {"flags", Word(Of(kRecvFlags, i.second))}});
  }
  void Poll(const Instruction& i) {
    Add("poll",
        {{"fds", Json::List({Json::List({Whom(i), Word("IN|OUT|PRI|RDHUP")}),
                             Json::List({Epoll(i.first), Word("IN")})})},
         {"timeout_ms", Json::Number(0)}});
  }
  void SendRights(const Instruction& i) {
    Add("sendmsg",
        {{"fd", Whom(i)},
         {"iov", Json::List({Word(Of(kTexts, i.second)), Word("z")})},
         {"flags", Word("MSG_NOSIGNAL")},
         {"rights", Json::List({Pick(sockets_, i.first)})}});
  }
  // Room for as many as one message brings.
  void ReceiveRights(const Instruction& i) {
    if (full()) return;
    Add("recvmsg", {{"fd", Whom(i)},
                    {"iov", Json::List({Json::Number(Of(kSizes, i.first)),
                                        Json::Number(2)})},
                    {"flags", Word(Of(kRecvFlags, i.second))},
                    {"control", Json::Number(24)},
                    {"rights_as", Json::List({New(&sockets_)})}});
  }
  void WriteCounter(const Instruction& i) {
    Add("write_u64", {{"fd", Whom(i)}, {"value", Json::Number(i.first % 4)}});
  }
  void ReadCounter(const Instruction& i) { Add("read_u64", {{"fd", Whom(i)}}); }

  Case test_;
  size_t made_ = 0;
  std::vector<std::string> sockets_;  // and pipes, eventfds
  std::vector<std::string> epolls_;
};

}  // namespace

Case ProgramOf(const std::vector<Instruction>& instructions) {
  Writer writer;
  for (const Instruction& instruction : instructions) {
    writer.Write(instruction);
  }
  return writer.Take();
}

std::vector<Instruction> InstructionsOf(absl::string_view bytes, size_t most) {
  std::vector<Instruction> instructions;
  for (size_t at = 0; at + 4 <= bytes.size() && instructions.size() < most;
       at += 4) {
    const auto byte = [&](size_t i) {
      return static_cast<uint8_t>(bytes[at + i]);
    };
    instructions.push_back({byte(0), byte(1), byte(2), byte(3)});
  }
  return instructions;
}

}  // namespace simloop::conformance
