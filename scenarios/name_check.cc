#include "scenarios/name_check.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "loop/ip.h"
#include "scenarios/nearest.h"

namespace simloop::scenarios {
namespace {

// RFC 1035 section 2.3.4.
constexpr size_t kLongestName = 253;

bool IsDomainName(const std::string& name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_';
         });
}

}  // namespace

NamePlan NameCheck::Check(const pb::Name& in, const Place& place) {
  NamePlan out;
  out.name = in.name();
  const bool is_taken =
      std::count(names_.begin(), names_.end(), in.name()) > 0 ||
      std::count(hosts_.begin(), hosts_.end(), in.name()) > 0;
  if (!IsDomainName(in.name()) || loop::Ip::Parse(in.name()).has_value()) {
    fields_.Add(place.Of("name"),
                absl::StrCat("\"", in.name().substr(0, 40),
                             "\" is no domain name; expected one such as "
                             "\"api.example\""));
  } else if (is_taken) {
    fields_.Add(place.Of("name"),
                absl::StrCat("\"", in.name(),
                             "\" is a name already; expected another"));
  } else {
    names_.push_back(in.name());
  }
  Fields(in, place, &out);
  return out;
}

NamePlan NameCheck::CheckChange(const pb::Name& in, const Place& place,
                                const std::vector<NamePlan>& plans) {
  NamePlan out;
  const size_t index =
      fields_.IndexOf(place, "name", "name", in.name(), names_);
  for (const NamePlan& plan : plans) {
    if (index < names_.size() && plan.name == names_[index]) out = plan;
  }
  Fields(in, place, &out);
  return out;
}

void NameCheck::Fields(const pb::Name& in, const Place& place, NamePlan* out) {
  if (in.address_size() > 0) out->addresses.clear();
  for (int i = 0; i < in.address_size(); ++i) {
    const std::string& address = in.address(i);
    if (std::count(hosts_.begin(), hosts_.end(), address) == 0 &&
        !loop::Ip::Parse(address).has_value()) {
      fields_.Add(
          place.Of("address", i),
          absl::StrCat("\"", address.substr(0, 40), "\" is no address",
                       DidYouMean(address, hosts_), "; expected one of ",
                       absl::StrJoin(hosts_, ", "), ", or an IP address"));
    }
    out->addresses.push_back(address);
  }
  sim::NameRecord& record = out->record;
  record.delay = fields_.Duration(place, "delay", in.delay(), record.delay);
  record.jitter = fields_.Duration(place, "jitter", in.jitter(), record.jitter);
  if (in.has_any_order()) record.any_order = in.any_order();
  if (!in.has_failure()) return;
  record.failure = in.failure() == pb::NOT_FOUND   ? sim::NameFailure::kNotFound
                   : in.failure() == pb::TRY_AGAIN ? sim::NameFailure::kTryAgain
                   : in.failure() == pb::NO_ANSWER ? sim::NameFailure::kTimeout
                                                   : sim::NameFailure::kNone;
}

}  // namespace simloop::scenarios
