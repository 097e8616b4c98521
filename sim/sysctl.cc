// Host's sysctls: the names that sysctl(8) has for what HostOptions holds.
#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "sim/host.h"

namespace simloop::sim {
namespace {

absl::Status Bad(absl::string_view name, absl::string_view value,
                 absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("sysctl ", name, ": \"", value, "\" is not ", expected));
}

// Settings of a form of their own.
constexpr absl::string_view kCongestionControl =
    "net.ipv4.tcp_congestion_control";
constexpr absl::string_view kBindV6only = "net.ipv6.bindv6only";
constexpr absl::string_view kPortRange = "net.ipv4.ip_local_port_range";

// Settings that are one whole number.
struct Number {
  absl::string_view name;
  int HostOptions::*field;
  int most = std::numeric_limits<int>::max();
};
constexpr Number kNumbers[] = {
    {"net.core.somaxconn", &HostOptions::somaxconn},
    {"net.core.wmem_default", &HostOptions::default_send_bytes},
    {"net.core.rmem_default", &HostOptions::default_receive_bytes},
    {"net.core.wmem_max", &HostOptions::most_send_bytes},
    {"net.core.rmem_max", &HostOptions::most_receive_bytes},
    {"net.ipv4.tcp_syn_retries", &HostOptions::syn_retries},
    {"net.ipv4.tcp_synack_retries", &HostOptions::synack_retries},
    {"net.ipv4.tcp_retries2", &HostOptions::data_retries},
    {"net.ipv4.tcp_syncookies", &HostOptions::syn_cookies, 2},
    {"net.ipv4.tcp_max_syn_backlog", &HostOptions::most_syn_backlog},
    {"net.ipv4.tcp_tw_reuse", &HostOptions::time_wait_reuse, 2},
    {"net.ipv4.tcp_sack", &HostOptions::sack, 1},
    {"net.ipv4.tcp_slow_start_after_idle", &HostOptions::slow_start_after_idle,
     1},
    {"net.ipv4.tcp_early_retrans", &HostOptions::early_retransmit, 4},
    {"net.ipv4.tcp_reordering", &HostOptions::reordering},
    {"net.ipv4.tcp_keepalive_time", &HostOptions::keepalive_seconds},
    {"net.ipv4.tcp_keepalive_intvl", &HostOptions::keepalive_interval_seconds},
    {"net.ipv4.tcp_keepalive_probes", &HostOptions::keepalive_probes},
    {"net.ipv4.tcp_fin_timeout", &HostOptions::fin_timeout_seconds},
    {"net.ipv4.tcp_abort_on_overflow", &HostOptions::abort_on_overflow, 1},
    {"net.ipv4.ip_default_ttl", &HostOptions::default_ttl},
    {"net.unix.max_dgram_qlen", &HostOptions::unix_datagram_queue},
    {"fs.file-max", &HostOptions::file_limit},
};

// Settings that are three numbers in order: least, default, most.
struct Three {
  absl::string_view name;
  std::array<int, 3> HostOptions::*field;
};
constexpr Three kThrees[] = {
    {"net.ipv4.tcp_wmem", &HostOptions::tcp_send_bytes},
    {"net.ipv4.tcp_rmem", &HostOptions::tcp_receive_bytes},
};

// Settings that have the one value this host behaves by.
struct Fixed {
  absl::string_view name;
  int value;
};
constexpr Fixed kFixed[] = {
    {"net.ipv4.tcp_fastopen", 1},
};

std::vector<int> Numbers(absl::string_view value) {
  std::vector<int> numbers;
  for (absl::string_view part :
       absl::StrSplit(value, absl::ByAnyChar(" \t"), absl::SkipEmpty())) {
    int number = 0;
    if (!absl::SimpleAtoi(part, &number)) return {};
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

std::vector<std::string> Host::SysctlNames() {
  std::vector<std::string> names = {std::string(kCongestionControl),
                                    std::string(kBindV6only),
                                    std::string(kPortRange)};
  for (const Number& number : kNumbers) names.emplace_back(number.name);
  for (const Three& three : kThrees) names.emplace_back(three.name);
  for (const Fixed& fixed : kFixed) names.emplace_back(fixed.name);
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status Host::SetSysctl(absl::string_view name, absl::string_view value) {
  tcp_.SettingsChanged();
  const std::vector<int> numbers = Numbers(value);
  for (const Number& number : kNumbers) {
    if (number.name != name) continue;
    if (numbers.size() != 1 || numbers[0] < 0 || numbers[0] > number.most) {
      return Bad(name, value,
                 number.most == std::numeric_limits<int>::max()
                     ? "a whole number"
                     : absl::StrCat("0 to ", number.most));
    }
    options_.*number.field = numbers[0];
    return absl::OkStatus();
  }
  for (const Three& three : kThrees) {
    if (three.name != name) continue;
    if (numbers.size() != 3 || numbers[0] < 1 || numbers[0] > numbers[1] ||
        numbers[1] > numbers[2]) {
      return Bad(name, value, "three sizes in order");
    }
    std::copy(numbers.begin(), numbers.end(), (options_.*three.field).begin());
    return absl::OkStatus();
  }
  for (const Fixed& fixed : kFixed) {
    if (fixed.name != name) continue;
    if (numbers.size() != 1 || numbers[0] != fixed.value) {
      return Bad(name, value,
                 absl::StrCat(fixed.value, ", the only one simulated"));
    }
    return absl::OkStatus();
  }
  if (name == kCongestionControl) {
    if (value != tcp::Cubic().name() && value != tcp::Reno().name()) {
      return Bad(name, value, "\"cubic\" or \"reno\"");
    }
    options_.tcp_congestion_control = std::string(value);
    return absl::OkStatus();
  }
  if (name == kBindV6only) {
    if (numbers.size() != 1) return Bad(name, value, "0 or 1");
    options_.bind_v6_only = numbers[0] != 0;
    return absl::OkStatus();
  }
  if (name == kPortRange) {
    if (numbers.size() != 2 || numbers[0] < 1 || numbers[1] > 65535 ||
        numbers[0] > numbers[1]) {
      return Bad(name, value, "two ports in order");
    }
    options_.first_ephemeral_port = static_cast<uint16_t>(numbers[0]);
    options_.last_ephemeral_port = static_cast<uint16_t>(numbers[1]);
    return absl::OkStatus();
  }
  return absl::NotFoundError(
      absl::StrCat("sysctl ", name, " is not one of those simulated"));
}

}  // namespace simloop::sim
