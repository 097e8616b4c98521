// Step after step: made, observed, compared.
#include "conformance/replayer.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "conformance/answer.h"
#include "conformance/comparison.h"
#include "conformance/constants.h"
#include "conformance/signature.h"
#include "loop/abi.h"

namespace simloop::conformance {
namespace {

constexpr uint32_t kObserved =
    loop::kEpollIn | loop::kEpollPri | loop::kEpollOut | loop::kEpollRdhup;
constexpr absl::string_view kUnixPrefix = "unix:";

// The members of `json` that `other` has not, or has another value of.
Json Differing(const Json& json, const Json& other) {
  Json differing = Json::Object();
  for (const Json::Member& member : json.members()) {
    const Json* value = other.Find(member.first);
    if (value != nullptr && Matches(member.second, *value)) continue;
    differing.Set(member.first, member.second);
  }
  return differing;
}

// A name that does not fit is passed on with its size, for the kernel to
// refuse; so is a pathname that fits only without the byte of 0 that ends it.
loop::Address UnixAddress(std::string path) {
  if (!path.empty() && path[0] == '@') path[0] = '\0';
  loop::Address address = loop::Address::Unix(std::move(path));
  if (!address.is_abstract() &&
      address.path.size() >= loop::Address::kUnixPathBytes) {
    address.short_size = static_cast<uint16_t>(
        std::min<size_t>(address.path.size() + 3, 0xffff));
  }
  return address;
}

}  // namespace

Replayer::Replayer(const Case& test, Testbed& testbed)
    : case_(test), testbed_(testbed), kernel_(testbed.kernel()), ports_(test) {}

std::vector<Difference> Replayer::Run(size_t* under_way) {
  std::vector<Difference> differences;
  for (size_t i = 0; i < case_.steps.size(); ++i) {
    const Step& step = case_.steps[i];
    if (under_way != nullptr) *under_way = i;
    const Observation got = Make(step);
    const auto report = [&](absl::string_view text) {
      differences.push_back(
          {i, absl::StrCat("step ", i, " ", step.ToString(), ": ", text)});
    };
    if (!got.error.empty()) {
      report(got.error);
      break;
    }
    if (step.settle_sensitive) continue;
    if (!ResultMatches(step, got.result, case_.observe)) {
      report(absl::StrCat("expected ", step.result.ToString(), ", got ",
                          got.result.ToString()));
    }
    const Json ready = got.ready.value_or(Json::Object());
    if (got.ready.has_value() && !ReadyMatches(step, ready)) {
      report(absl::StrCat("expected readiness ",
                          Differing(*step.ready, ready).ToString(), ", got ",
                          Differing(ready, *step.ready).ToString()));
    }
  }
  return differences;
}

Observation Replayer::Make(const Step& step) {
  Observation observation;
  const Entry* entry = nullptr;
  for (const Entry& call : Calls()) {
    if (call.name == step.call) entry = &call;
  }
  if (entry == nullptr) {
    observation.error = absl::StrCat("there is no call \"", step.call, "\"");
    return observation;
  }
  observation.error = ArgumentError(entry->signature, step.args);
  if (!observation.error.empty()) return observation;
  observation.result = (this->*entry->call)(step.args);
  observation.error = std::exchange(error_, "");
  testbed_.Pass(case_.settle);
  if (case_.observe) observation.ready = Ready();
  return observation;
}

Json Replayer::Ready() {
  std::vector<loop::PollFd> watched;
  for (const auto& [name, fd] : descriptors_.open()) {
    watched.push_back({fd, kObserved});
  }
  static_cast<void>(
      kernel_.Poll(absl::MakeSpan(watched), absl::ZeroDuration()));
  Json bits = Json::Object();
  for (size_t i = 0; i < watched.size(); ++i) {
    bits.Set(descriptors_.open()[i].first,
             Json::Text(EventText(watched[i].revents)));
  }
  return bits;
}

loop::Fd Replayer::FdOf(const Json& args, absl::string_view key) const {
  const Json* name = args.Find(key);
  return name == nullptr ? loop::Fd{} : descriptors_.Find(name->text());
}

Json Replayer::Made(const Json& args, const loop::Result<loop::Fd>& result) {
  if (!result.ok()) return Failed(result.error());
  descriptors_.Adopt(args.Find("as")->text(), *result);
  return Json::Object({{"ret", Json::Text("fd")}});
}

Json Replayer::MadePair(const Json& args,
                        const loop::Result<loop::FdPair>& result) {
  if (!result.ok()) return Failed(result.error());
  const std::vector<Json>& names = args.Find("as")->items();
  if (names.size() > 0) descriptors_.Adopt(names[0].text(), result->first);
  if (names.size() > 1) descriptors_.Adopt(names[1].text(), result->second);
  return Returned(0);
}

loop::Address Replayer::AddressOf(const Json& args) const {
  return ParseAddress(args.Find("addr")->text());
}

loop::Address Replayer::ParseAddress(const std::string& text) const {
  if (absl::StartsWith(text, "@")) {
    const loop::Result<loop::Address> name =
        kernel_.Getsockname(descriptors_.Find(text.substr(1)));
    if (name.ok()) return *name;
    // No bytes at all; to every call as good as one.
    loop::Address none = loop::Address::Unspecified();
    none.short_size = 1;
    return none;
  }
  if (absl::StartsWith(text, kUnixPrefix)) {
    return UnixAddress(text.substr(kUnixPrefix.size()));
  }
  const size_t at = text.rfind(":@");
  if (at == text.npos)
    return loop::Address::Parse(text).value_or(loop::Address());
  const loop::Result<loop::Address> name =
      kernel_.Getsockname(descriptors_.Find(text.substr(at + 2)));
  loop::Address address =
      loop::Address::Parse(absl::StrCat(text.substr(0, at), ":0"))
          .value_or(loop::Address());
  if (name.ok()) address.port = name->port;
  return address;
}

}  // namespace simloop::conformance
