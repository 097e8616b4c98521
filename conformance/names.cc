// Names, in order of appearance.
#include "conformance/names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace simloop::conformance {
namespace {

// unix(7), "Autobind feature": a byte of 0 and five hexadecimal digits.
constexpr size_t kAutomaticBytes = 6;

bool IsAutomatic(const loop::Address& address) {
  return address.is_abstract() && address.path.size() == kAutomaticBytes &&
         std::all_of(address.path.begin() + 1, address.path.end(), [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c)) &&
                  !absl::ascii_isupper(static_cast<unsigned char>(c));
         });
}

}  // namespace

loop::Fd DescriptorNames::Find(const std::string& name) const {
  for (const auto& [open, fd] : open_) {
    if (open == name) return fd;
  }
  const auto closed = closed_.find(name);
  if (closed != closed_.end()) return closed->second;
  int number = -1;
  return absl::SimpleAtoi(name, &number) ? loop::Fd{number} : loop::Fd{-1};
}

void DescriptorNames::Adopt(const std::string& name, loop::Fd fd) {
  closed_.erase(name);
  for (auto& [open, number] : open_) {
    if (open != name) continue;
    number = fd;
    return;
  }
  open_.emplace_back(name, fd);
}

void DescriptorNames::Release(const std::string& name) {
  for (auto open = open_.begin(); open != open_.end(); ++open) {
    if (open->first != name) continue;
    closed_[name] = open->second;
    open_.erase(open);
    return;
  }
}

PortNames::PortNames(const Case& test) {
  for (const Step& step : test.steps) AddLiterals(step.args);
}

void PortNames::AddLiterals(const Json& value) {
  for (const Json& item : value.items()) AddLiterals(item);
  for (const Json::Member& member : value.members()) AddLiterals(member.second);
  if (!value.is_text()) return;
  const size_t colon = value.text().rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos ||
      !absl::SimpleAtoi(value.text().substr(colon + 1), &port) ||
      port > 0xffff) {
    return;
  }
  ports_[static_cast<uint16_t>(port)] = absl::StrCat(port);
}

std::string PortNames::PortText(uint16_t port) {
  if (port == 0) return "0";
  std::string& name = ports_[port];
  if (name.empty()) name = absl::StrCat("P", ++chosen_);
  return name;
}

Json PortNames::Text(const loop::Address& address) {
  switch (address.family) {
    case loop::Family::kUnspecified:
      return Json();
    case loop::Family::kUnix:
      return Json::Text(IsAutomatic(address) ? "unix:@auto"
                                             : address.ToString());
    case loop::Family::kInet:
      return Json::Text(absl::StrCat(address.ip.v4().ToString(), ":",
                                     PortText(address.port)));
    case loop::Family::kInet6:
      return Json::Text(absl::StrCat("[", address.ip.ToString6(),
                                     "]:", PortText(address.port)));
  }
  return Json::Text(absl::StrCat("family:", static_cast<int>(address.family)));
}

}  // namespace simloop::conformance
