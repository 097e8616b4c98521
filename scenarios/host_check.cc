#include "scenarios/host_check.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "scenarios/argument.h"
#include "scenarios/nearest.h"
#include "sim/world.h"

namespace simloop::scenarios {
namespace {

// An error shows no more of what a file says.
constexpr size_t kShown = 40;

sim::Freedoms FreedomsOf(const pb::Freedoms& in) {
  sim::Freedoms out;
  out.epoll_order = in.epoll_order();
  out.short_transfers = in.short_transfers();
  out.signals = in.signals();
  out.aborted_accepts = in.aborted_accepts();
  out.unix_backlog = in.unix_backlog();
  out.memory = in.memory();
  return out;
}

}  // namespace

sim::HostOptions HostCheck::Check(const pb::Host& in, const Place& place) {
  fields_.Name(place, "host", in.name(), names_);
  CheckName(in.name(), place);
  sim::HostOptions out;
  out.name = in.name();
  const loop::Ipv4 automatic{0x0a000001u +
                             static_cast<uint32_t>(names_.size())};
  out.address = Address(in.address(), automatic, place);
  out.address6 = Address6(in.address6(), place);
  CheckSettings(in, place, &out);
  CheckSysctls(in, place, &out);
  out.freedoms = FreedomsOf(in.freedoms());
  names_.push_back(in.name());
  return out;
}

sim::HostOptions HostCheck::CheckRouter(const pb::Router& in,
                                        const Place& place) {
  std::vector<std::string> taken = names_;
  taken.insert(taken.end(), router_names_.begin(), router_names_.end());
  fields_.Name(place, "host or router", in.name(), taken);
  CheckName(in.name(), place);
  sim::HostOptions out;
  out.name = in.name();
  out.forwards = true;
  const loop::Ipv4 automatic{0x0aff0001u +
                             static_cast<uint32_t>(router_names_.size())};
  out.address = Address(in.address(), automatic, place);
  out.address6 = Address6(in.address6(), place);
  router_names_.push_back(in.name());
  return out;
}

void HostCheck::CheckName(const std::string& name, const Place& place) {
  if (name == kLocalHost) {
    fields_.Add(place.Of("name"),
                "\"local\" means a program's own host; expected another name");
  }
}

void HostCheck::CheckSettings(const pb::Host& in, const Place& place,
                              sim::HostOptions* out) {
  out->loopback_jitter = fields_.Duration(
      place, "loopback_jitter", in.loopback_jitter(), absl::ZeroDuration());
  out->wakeup_jitter = fields_.Duration(
      place, "wakeup_jitter", in.wakeup_jitter(), absl::ZeroDuration());
  fields_.Int(place, "somaxconn", in.has_somaxconn(), in.somaxconn(), 0,
              &out->somaxconn);
  fields_.Int(place, "descriptor_limit", in.has_descriptor_limit(),
              in.descriptor_limit(), 4, &out->descriptor_limit);
  fields_.Int(place, "syn_retries", in.has_syn_retries(), in.syn_retries(), 0,
              &out->syn_retries);
  fields_.Int(place, "synack_retries", in.has_synack_retries(),
              in.synack_retries(), 0, &out->synack_retries);
  fields_.Int(place, "data_retries", in.has_data_retries(), in.data_retries(),
              0, &out->data_retries);
  fields_.Int(place, "send_buffer_bytes", in.has_send_buffer_bytes(),
              in.send_buffer_bytes(), 2048, &out->send_buffer_bytes);
  fields_.Int(place, "receive_buffer_bytes", in.has_receive_buffer_bytes(),
              in.receive_buffer_bytes(), 2048, &out->receive_buffer_bytes);
  fields_.Int(place, "socket_limit", in.has_socket_limit(), in.socket_limit(),
              0, &out->socket_limit);
}

loop::Ipv4 HostCheck::Address(const std::string& text, loop::Ipv4 automatic,
                              const Place& place) {
  std::optional<loop::Ipv4> address = automatic;
  if (!text.empty()) address = loop::Ipv4::Parse(text);
  if (!address || address->is_any() || address->is_loopback()) {
    fields_.Add(place.Of("address"),
                absl::StrCat("address \"", text.substr(0, kShown),
                             "\" is no host's IPv4 address; expected one "
                             "such as \"10.0.0.1\""));
    return automatic;
  }
  TakeAddress(*address, "address", place);
  return *address;
}

std::optional<loop::Ip> HostCheck::Address6(const std::string& text,
                                            const Place& place) {
  if (text.empty()) return std::nullopt;
  const std::optional<loop::Ip> address = loop::Ip::Parse(text);
  if (!address || address->is_v4() || address->is_any() ||
      address->is_loopback() || address->is_multicast()) {
    fields_.Add(place.Of("address6"),
                absl::StrCat("address6 \"", text.substr(0, kShown),
                             "\" is no host's IPv6 address; expected one "
                             "such as \"fd00::1\""));
    return std::nullopt;
  }
  TakeAddress(*address, "address6", place);
  return address;
}

void HostCheck::TakeAddress(loop::Ip address, const char* field,
                            const Place& place) {
  if (addresses_.insert(address).second) return;
  fields_.Add(place.Of(field),
              absl::StrCat("another host has the address ", address.ToString(),
                           " already; expected one of its own"));
}

void HostCheck::CheckSysctls(const pb::Host& in, const Place& place,
                             sim::HostOptions* out) {
  if (in.sysctl().empty()) return;
  sim::World world;
  sim::Host& host = world.AddHost(*out);
  std::set<std::string> given;
  for (int i = 0; i < in.sysctl_size(); ++i) {
    const pb::Sysctl& sysctl = in.sysctl(i);
    const Place at = place.In("sysctl", i);
    if (!given.insert(sysctl.name()).second) {
      fields_.Add(at.Of("name"),
                  absl::StrCat("sysctl \"", sysctl.name().substr(0, kShown),
                               "\" is given twice; expected "
                               "it once"));
      continue;
    }
    const absl::Status status = host.SetSysctl(sysctl.name(), sysctl.value());
    if (!status.ok()) AddSysctlFault(sysctl, at, status);
  }
  *out = host.options();
}

void HostCheck::AddSysctlFault(const pb::Sysctl& in, const Place& place,
                               const absl::Status& status) {
  if (absl::IsNotFound(status)) {
    fields_.IndexOf(place, "name", "sysctl", in.name(),
                    sim::Host::SysctlNames());
    return;
  }
  // `sysctl NAME: "VALUE" is not WHAT`.
  constexpr absl::string_view kIsNot = " is not ";
  absl::string_view expected = status.message();
  const size_t found = expected.rfind(kIsNot);
  if (found != absl::string_view::npos) {
    expected.remove_prefix(found + kIsNot.size());
  }
  fields_.Add(
      place.Of("value"),
      absl::StrCat("\"", in.value().substr(0, kShown), "\" is no value of ",
                   in.name(), "; expected ", expected));
}

}  // namespace simloop::scenarios
