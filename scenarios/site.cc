#include "scenarios/site.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "loop/check.h"

namespace simloop::scenarios {

Site::Site(net::Stack& stack, Log& log, Parts parts)
    : stack_(stack), log_(log), parts_(std::move(parts)) {}

const std::string& Site::Text(const char* key) const {
  const auto found = parts_.args.find(key);
  SIMLOOP_CHECK(found != parts_.args.end(), key);
  return found->second;
}

uint16_t Site::Port(const char* key) const {
  return static_cast<uint16_t>(Count(key));
}

int Site::Count(const char* key) const {
  int number = 0;
  SIMLOOP_CHECK(absl::SimpleAtoi(Text(key), &number), key);
  return number;
}

absl::Duration Site::Duration(const char* key) const {
  absl::Duration duration;
  SIMLOOP_CHECK(absl::ParseDuration(Text(key), &duration), key);
  return duration;
}

bool Site::Flag(const char* key) const { return Text(key) == "true"; }

std::string Site::Host(const char* key) const {
  const std::string& host = Text(key);
  const bool is_looked_up =
      std::count(parts_.names.begin(), parts_.names.end(), host) > 0;
  return host.empty() || is_looked_up ? host : parts_.resolve(host).ToString();
}

void Site::Signal(absl::string_view signal) {
  if (parts_.signal) parts_.signal(signal);
}

}  // namespace simloop::scenarios
