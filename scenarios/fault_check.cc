#include "scenarios/fault_check.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace simloop::scenarios {

using Kind = FaultPlan::Kind;
using State = sim::Link::State;

FaultPlan FaultCheck::Check(const pb::Fault& in, const Place& place) {
  FaultPlan out;
  switch (in.what_case()) {
    case pb::Fault::kPartition:
      Cut(in.partition(), place.In("partition"), &out);
      break;
    case pb::Fault::kHeal:
      Ends("heal", in.heal().a(), in.heal().b(), place.In("heal"), &out);
      break;
    case pb::Fault::kLinkDown:
      Ends("link_down", in.link_down().a(), in.link_down().b(),
           place.In("link_down"), &out);
      out.state = State::kDown;
      break;
    case pb::Fault::kLinkUp:
      Ends("link_up", in.link_up().a(), in.link_up().b(), place.In("link_up"),
           &out);
      break;
    case pb::Fault::kChange:
      Change(in.change(), place.In("change"), &out);
      break;
    case pb::Fault::kCrash:
      Host(Kind::kCrash, "crash", in.crash(), place, &out);
      break;
    case pb::Fault::kRestart:
      Host(Kind::kRestart, "restart", in.restart(), place, &out);
      break;
    case pb::Fault::kPause:
      Host(Kind::kPause, "pause", in.pause(), place, &out);
      break;
    case pb::Fault::kResume:
      Host(Kind::kResume, "resume", in.resume(), place, &out);
      break;
    case pb::Fault::kFreeze:
      Host(Kind::kFreeze, "freeze", in.freeze(), place, &out);
      break;
    case pb::Fault::kThaw:
      Host(Kind::kThaw, "thaw", in.thaw(), place, &out);
      break;
    case pb::Fault::kClock:
      Clock(in.clock(), place.In("clock"), &out);
      break;
    case pb::Fault::kLookup:
      out.kind = Kind::kLookup;
      out.what = "lookup";
      out.whom = in.lookup().name();
      out.lookup =
          names_.CheckChange(in.lookup(), place.In("lookup"), name_plans_);
      break;
    case pb::Fault::WHAT_NOT_SET:
      fields_.Add(place.Of("at"),
                  "an empty fault; expected one of partition, heal, "
                  "link_down, link_up, change, crash, restart, pause, resume, "
                  "freeze, thaw, clock, lookup");
      break;
  }
  out.within =
      fields_.Duration(place, "within", in.within(), absl::ZeroDuration());
  return out;
}

void FaultCheck::Host(Kind kind, const char* what, const std::string& name,
                      const Place& place, FaultPlan* out) {
  out->kind = kind;
  out->what = what;
  out->whom = name;
  out->host = fields_.IndexOf(place, what, "host", name, hosts_);
}

void FaultCheck::Ends(const char* what, const std::string& a,
                      const std::string& b, const Place& place,
                      FaultPlan* out) {
  out->kind = Kind::kLinkState;
  out->what = what;
  out->whom = absl::StrCat(a, " ", b);
  bool swapped = false;
  out->link = links_.Find(a, b, place, &swapped);
}

void FaultCheck::Cut(const pb::Cut& in, const Place& place, FaultPlan* out) {
  out->kind = Kind::kLinkState;
  out->what = "partition";
  out->whom = absl::StrCat(in.a(), " ", in.b());
  bool swapped = false;
  out->link = links_.Find(in.a(), in.b(), place, &swapped);
  out->to_b = in.direction() != pb::B_TO_A;
  out->to_a = in.direction() != pb::A_TO_B;
  if (swapped) std::swap(out->to_a, out->to_b);
  out->state = in.answer() == pb::HOST_UNREACHABLE  ? State::kHostUnreachable
               : in.answer() == pb::NET_UNREACHABLE ? State::kNetUnreachable
               : in.answer() == pb::PROHIBITED      ? State::kProhibited
                                                    : State::kBlackHole;
}

void FaultCheck::Change(const pb::Link& in, const Place& place,
                        FaultPlan* out) {
  const size_t before = fields_.faults().size();
  Ends("change", in.a(), in.b(), place, out);
  out->kind = Kind::kLinkChange;
  if (fields_.faults().size() != before) return;
  LinkPlan plan = plans_[out->link];
  bool swapped = false;
  links_.Find(in.a(), in.b(), place, &swapped);
  // As if the link had been declared from the fault's a to its b.
  if (swapped) std::swap(plan.to_a, plan.to_b);
  links_.CheckChange(in, place, &plan);
  if (swapped) std::swap(plan.to_a, plan.to_b);
  out->to_b_options = plan.to_b;
  out->to_a_options = plan.to_a;
}

void FaultCheck::Clock(const pb::ClockChange& in, const Place& place,
                       FaultPlan* out) {
  constexpr int kMostDrift = 500'000;
  Host(Kind::kClock, "host", in.host(), place, out);
  out->what = "clock";
  out->jump = fields_.Duration(place, "jump", in.jump(), absl::ZeroDuration());
  if (in.has_drift_ppm()) out->drift_ppm = in.drift_ppm();
  if (in.drift_ppm() > kMostDrift || in.drift_ppm() < -kMostDrift) {
    fields_.Add(place.Of("drift_ppm"),
                absl::StrCat("drift_ppm is ", in.drift_ppm(), "; expected -",
                             kMostDrift, " to ", kMostDrift));
  }
  if (in.jump().empty() && !in.has_drift_ppm()) {
    fields_.Add(place.Of("host"),
                "the clock does nothing; expected `jump` or `drift_ppm`");
  }
}

}  // namespace simloop::scenarios
