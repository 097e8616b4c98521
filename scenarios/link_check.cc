#include "scenarios/link_check.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "scenarios/quantity.h"
#include "sim/delay.h"

namespace simloop::scenarios {
namespace {

// net.core's default length of a device's queue (ip-link(8), txqueuelen).
constexpr int64_t kDefaultQueuePackets = 1000;
// RFC 791 section 3.2, RFC 8200 section 5.
constexpr int kLeastMtu = 68;
constexpr int kLeastMtu6 = 1280;
constexpr int kMostMtu = 65535;
constexpr int kMostTable = 4096;

}  // namespace

void LinkCheck::Probability(const Place& place, const char* field,
                            const std::string& text, uint32_t* ppb) {
  if (text.empty()) return;
  const std::string fault = ReadProbability(text, ppb);
  if (fault.empty()) return;
  fields_.Add(place.Of(field),
              absl::StrCat(field, " \"", text.substr(0, 40), "\" ", fault));
}

LinkPlan LinkCheck::Check(const pb::Link& in, const Place& place) {
  LinkPlan out;
  out.a = fields_.IndexOf(place, "a", "host", in.a(), nodes_);
  out.b = fields_.IndexOf(place, "b", "host", in.b(), nodes_);
  if (in.a() == in.b()) {
    fields_.Add(place.Of("b"),
                "a link joins two hosts; a host reaches "
                "itself without one");
  } else if (!joined_
                  .insert({{std::min(out.a, out.b), std::max(out.a, out.b)},
                           ends_.size()})
                  .second) {
    fields_.Add(place.Of("a"),
                absl::StrCat("\"", in.a(), "\" and \"", in.b(),
                             "\" are joined already; expected one link "
                             "between two hosts"));
  }
  ends_.push_back({out.a, out.b});
  CheckChange(in, place, &out);
  return out;
}

void LinkCheck::CheckChange(const pb::Link& in, const Place& place,
                            LinkPlan* plan) {
  const bool inet6 =
      inet6_.empty() ? false : inet6_[plan->a] || inet6_[plan->b];
  const size_t before = fields_.faults().size();
  CheckWay(in, place, inet6, &plan->to_b);
  // What is wrong with both ways is said once.
  if (fields_.faults().size() == before) {
    CheckWay(in, place, inet6, &plan->to_a);
  }
  if (in.has_a_to_b()) {
    CheckWay(in.a_to_b(), place.In("a_to_b"), inet6, &plan->to_b);
  }
  if (in.has_b_to_a()) {
    CheckWay(in.b_to_a(), place.In("b_to_a"), inet6, &plan->to_a);
  }
}

size_t LinkCheck::Find(const std::string& a, const std::string& b,
                       const Place& place, bool* swapped) {
  const size_t before = fields_.faults().size();
  const size_t first = fields_.IndexOf(place, "a", "host", a, nodes_);
  const size_t second = fields_.IndexOf(place, "b", "host", b, nodes_);
  if (fields_.faults().size() != before) return 0;
  const auto found =
      joined_.find({std::min(first, second), std::max(first, second)});
  if (found == joined_.end()) {
    fields_.Add(
        place.Of("a"),
        absl::StrCat("no link joins \"", a.substr(0, 40), "\" and \"",
                     b.substr(0, 40), "\"; expected the two ends of a `link`"));
    return 0;
  }
  *swapped = ends_[found->second].first != first;
  return found->second;
}

template <typename Way>
void LinkCheck::CheckWay(const Way& in, const Place& place, bool inet6,
                         sim::LinkOptions* out) {
  CheckLatency(in, place, out);
  CheckQueue(in, place, out);
  Probability(place, "loss", in.loss(), &out->loss_ppb);
  Probability(place, "duplicate", in.duplicate(), &out->duplicate_ppb);
  Probability(place, "corrupt", in.corrupt(), &out->corrupt_ppb);
  Probability(place, "reorder", in.reorder(), &out->reorder_ppb);
  out->reorder_by =
      fields_.Duration(place, "reorder_by", in.reorder_by(), out->reorder_by);
  if (in.has_burst_loss()) {
    CheckBurst(in.burst_loss(), place.In("burst_loss"), &out->burst);
  }
  fields_.Int(place, "mtu", in.has_mtu(), in.mtu(),
              inet6 ? kLeastMtu6 : kLeastMtu, &out->mtu);
  if (in.mtu() > kMostMtu) {
    fields_.Add(place.Of("mtu"), absl::StrCat("mtu is ", in.mtu(),
                                              "; expected at most ", kMostMtu));
  }
}

template <typename Way>
void LinkCheck::CheckLatency(const Way& in, const Place& place,
                             sim::LinkOptions* out) {
  const int ways = !in.latency().empty() + in.has_latency_uniform() +
                   in.has_latency_normal() + (in.latency_table_size() > 0);
  if (ways > 1) {
    fields_.Add(place.Of("latency"),
                "the latency is given in several ways; expected one of "
                "latency, latency_uniform, latency_normal, latency_table");
  }
  if (ways > 0) out->distribution = sim::Latency::kFixed;
  out->latency = fields_.Duration(place, "latency", in.latency(), out->latency);
  out->jitter = fields_.Duration(place, "jitter", in.jitter(), out->jitter);
  if (in.has_reordering()) out->reordering = in.reordering();
  if (in.has_latency_uniform()) {
    const Place span = place.In("latency_uniform");
    out->distribution = sim::Latency::kUniform;
    out->latency = fields_.Duration(span, "from", in.latency_uniform().from(),
                                    absl::ZeroDuration());
    out->latency_to =
        fields_.Duration(span, "to", in.latency_uniform().to(), out->latency);
    if (out->latency > out->latency_to) {
      fields_.Add(span.Of("to"), "`to` is less than `from`; expected more");
    }
  }
  if (in.has_latency_normal()) {
    const Place normal = place.In("latency_normal");
    out->distribution = sim::Latency::kNormal;
    out->latency = fields_.Duration(normal, "mean", in.latency_normal().mean(),
                                    out->latency);
    out->deviation =
        fields_.Duration(normal, "deviation", in.latency_normal().deviation(),
                         absl::ZeroDuration());
    if (out->deviation > sim::Delay::kMostDeviation) {
      fields_.Add(normal.Of("deviation"), "expected a day at most");
      out->deviation = absl::ZeroDuration();
    }
  }
  if (in.latency_table_size() > kMostTable) {
    fields_.Add(place.Of("latency_table"),
                absl::StrCat("expected at most ", kMostTable, " latencies"));
  } else if (in.latency_table_size() > 0) {
    out->distribution = sim::Latency::kTable;
    out->latency_table.clear();
    for (const std::string& text : in.latency_table()) {
      out->latency_table.push_back(
          fields_.Duration(place, "latency_table", text, absl::ZeroDuration()));
    }
  }
}

template <typename Way>
void LinkCheck::CheckQueue(const Way& in, const Place& place,
                           sim::LinkOptions* out) {
  if (!in.rate().empty()) {
    const std::string fault = ReadRate(in.rate(), &out->rate);
    if (!fault.empty()) {
      fields_.Add(
          place.Of("rate"),
          absl::StrCat("rate \"", in.rate().substr(0, 40), "\" ", fault));
    }
    if (out->queue_packets == 0 && out->queue_bytes == 0) {
      out->queue_packets = kDefaultQueuePackets;
    }
  }
  for (const char* field : {"queue_packets", "queue_bytes"}) {
    const bool packets = field[6] == 'p';
    if (!(packets ? in.has_queue_packets() : in.has_queue_bytes())) continue;
    const int64_t value = packets ? in.queue_packets() : in.queue_bytes();
    if (out->rate == 0) {
      fields_.Add(place.Of(field),
                  absl::StrCat(field,
                               " without a rate: nothing ever waits; "
                               "expected `rate` as well"));
    }
    if (value < 1) {
      fields_.Add(place.Of(field),
                  absl::StrCat(field, " is ", value, "; expected at least 1"));
      continue;
    }
    // A bound that is given takes the place of the default one.
    if (!packets && !in.has_queue_packets()) out->queue_packets = 0;
    (packets ? out->queue_packets : out->queue_bytes) = value;
  }
}

void LinkCheck::CheckBurst(const pb::BurstLoss& in, const Place& place,
                           sim::BurstLoss* out) {
  *out = sim::BurstLoss();
  Probability(place, "enter", in.enter(), &out->enter_ppb);
  Probability(place, "leave", in.leave(), &out->leave_ppb);
  Probability(place, "loss_good", in.loss_good(), &out->loss_good_ppb);
  Probability(place, "loss_bad", in.loss_bad(), &out->loss_bad_ppb);
  if (in.enter().empty() || in.leave().empty()) {
    fields_.Add(place.Of("enter"),
                "a burst loss has both `enter` and `leave`, the probabilities "
                "that the line turns bad, and good again");
  }
}

void LinkCheck::CheckNat(const pb::Nat& in, const Place& place, size_t node,
                         RouterPlan* plan) {
  sim::NatOptions out;
  out.tcp_established = fields_.Duration(
      place, "tcp_established", in.tcp_established(), out.tcp_established);
  out.tcp_transitory = fields_.Duration(
      place, "tcp_transitory", in.tcp_transitory(), out.tcp_transitory);
  out.udp = fields_.Duration(place, "udp", in.udp(), out.udp);
  out.reset_unmapped = in.reset_unmapped();
  if (in.inside().empty()) {
    fields_.Add(place.Of("inside"),
                "nobody is inside; expected `inside:` with the name of a "
                "neighbour");
  }
  for (const std::string& name : in.inside()) {
    const size_t before = fields_.faults().size();
    const size_t inside =
        fields_.IndexOf(place, "inside", "host", name, nodes_);
    if (fields_.faults().size() != before) continue;
    if (joined_.count({std::min(inside, node), std::max(inside, node)}) == 0) {
      fields_.Add(place.Of("inside"),
                  absl::StrCat("no link joins the router and \"", name,
                               "\"; expected a neighbour"));
      continue;
    }
    plan->inside.push_back(inside);
  }
  plan->nat = out;
}

}  // namespace simloop::scenarios
