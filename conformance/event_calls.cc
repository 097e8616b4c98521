// Replayer's calls that wait for readiness, and those that make it.
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "conformance/answer.h"
#include "conformance/arguments.h"
#include "conformance/constants.h"
#include "conformance/replayer.h"
#include "loop/abi.h"

namespace simloop::conformance {
namespace {

// The buffers of epoll_wait are never larger.
constexpr int kMostEvents = 1024;

// A set of select(2), with the events of poll(2) that its members wait for
// (select(2), "Correspondence between select() and poll() notifications").
struct SelectSet {
  absl::string_view name;
  uint32_t events;
};
constexpr SelectSet kSelectSets[] = {
    {"read", loop::kEpollRdnorm | loop::kEpollRdband | loop::kEpollIn |
                 loop::kEpollHup | loop::kEpollErr},
    {"write", loop::kEpollWrband | loop::kEpollWrnorm | loop::kEpollOut |
                  loop::kEpollErr},
    {"except", loop::kEpollPri},
};

}  // namespace

Json Replayer::Poll(const Json& args) {
  std::vector<loop::PollFd> fds;
  for (const Json& watch : Argument(args, "fds").items()) {
    fds.push_back({descriptors_.Find(watch.items()[0].text()),
                   EventBits(watch.items()[1].text()).value_or(0)});
  }
  const loop::Result<size_t> count =
      kernel_.Poll(absl::MakeSpan(fds), TimeoutOf(args, "timeout_ms"));
  Json answer = AnswerOf(count);
  if (!count.ok()) return answer;
  std::vector<Json> revents;
  for (const loop::PollFd& fd : fds) {
    revents.push_back(Json::Text(EventText(fd.revents)));
  }
  answer.Set("revents", Json::List(revents));
  return answer;
}

// select(2) is poll(2) with other bits, and EBADF where that says NVAL. (It
// does not wake for a HUP that nobody reads for; poll would, and here it ends
// the wait early.)
Json Replayer::Select(const Json& args) {
  std::vector<loop::PollFd> fds;
  for (const SelectSet& set : kSelectSets) {
    for (const Json& name : Argument(args, set.name).items()) {
      fds.push_back({descriptors_.Find(name.text()), set.events});
    }
  }
  const loop::Result<size_t> polled =
      kernel_.Poll(absl::MakeSpan(fds), TimeoutOf(args, "timeout_ms"));
  if (!polled.ok()) return Failed(polled.error());
  for (const loop::PollFd& fd : fds) {
    if ((fd.revents & loop::kPollNval) != 0 || !fd.fd.valid()) {
      return Failed(loop::Errno::kEBADF);
    }
  }
  Json answer = Returned(0);
  size_t at = 0;
  int64_t count = 0;
  for (const SelectSet& set : kSelectSets) {
    std::vector<Json> ready;
    for (const Json& name : Argument(args, set.name).items()) {
      if ((fds[at++].revents & set.events) != 0) ready.push_back(name);
    }
    count += static_cast<int64_t>(ready.size());
    answer.Set(set.name, Json::List(ready));
  }
  answer.Set("ret", Json::Number(count));
  return answer;
}

Json Replayer::EpollCreate1(const Json& args) {
  return Made(args, kernel_.EpollCreate1(FlagsOf(args, "flags")));
}

Json Replayer::EpollCtl(const Json& args) {
  const Json* data = args.Find("data");
  tags_.push_back(data == nullptr ? Argument(args, "fd") : *data);
  const loop::EpollEvent event{EventBits(TextOf(args, "events")).value_or(0),
                               tags_.size() - 1};
  return AnswerOf(kernel_.EpollCtl(FdOf(args, "ep"), FlagsOf(args, "op"),
                                   FdOf(args), event));
}

Json Replayer::EpollWait(const Json& args) {
  const int most = std::clamp(IntOf(args, "max"), 0, kMostEvents);
  std::vector<loop::EpollEvent> events(static_cast<size_t>(most));
  const loop::Result<size_t> count = kernel_.EpollWait(
      FdOf(args, "ep"), absl::MakeSpan(events), TimeoutOf(args, "timeout_ms"));
  Json answer = AnswerOf(count);
  if (!count.ok()) return answer;
  std::vector<Json> items;
  for (size_t i = 0; i < std::min(*count, events.size()); ++i) {
    const uint64_t data = events[i].data;
    items.push_back(
        Json::List({data < tags_.size() ? tags_[data] : Json::Unsigned(data),
                    Json::Text(EventText(events[i].events))}));
  }
  answer.Set("events", Json::List(items));
  return answer;
}

Json Replayer::Eventfd(const Json& args) {
  return Made(args,
              kernel_.Eventfd(static_cast<unsigned>(IntOf(args, "initval")),
                              FlagsOf(args, "flags")));
}

Json Replayer::TimerfdCreate(const Json& args) {
  return Made(args, kernel_.TimerfdCreate(FlagsOf(args, "clock"),
                                          FlagsOf(args, "flags")));
}

Json Replayer::TimerfdSettime(const Json& args) {
  const loop::TimerSpec spec{
      absl::Milliseconds(Argument(args, "interval_ms").Integer()),
      absl::Milliseconds(Argument(args, "value_ms").Integer())};
  const loop::Result<loop::TimerSpec> old =
      kernel_.TimerfdSettime(FdOf(args), 0, spec);
  return old.ok() ? Returned(0) : Failed(old.error());
}

}  // namespace simloop::conformance
