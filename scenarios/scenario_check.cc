#include "scenarios/scenario_check.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "explore/sanitizer.h"
#include "scenarios/argument.h"
#include "scenarios/fault_check.h"
#include "scenarios/faults.h"
#include "scenarios/field_check.h"
#include "scenarios/host_check.h"
#include "scenarios/link_check.h"
#include "scenarios/nearest.h"
#include "scenarios/programs/program_kinds.h"

namespace simloop::scenarios {
namespace {

constexpr absl::Duration kDefaultTimeLimit = absl::Seconds(60);

class Checker final {
 public:
  Checker(const std::string& file, const ScenarioText& text)
      : in_(text.scenario),
        root_(pb::Scenario::descriptor(), &text.places),
        fields_(file) {
    out_.file = file;
  }

  absl::StatusOr<Scenario> Check() {
    out_.doc = in_.doc();
    out_.discipline = in_.discipline() == pb::V0_1_96
                          ? loop::Discipline::kV0196
                          : loop::Discipline::kModern;
    out_.end = in_.end() == pb::QUIET ? End::kQuiet : End::kExit;
    out_.time_limit = fields_.Duration(root_, "time_limit", in_.time_limit(),
                                       kDefaultTimeLimit);
    if (out_.time_limit == absl::ZeroDuration()) {
      fields_.Add(root_.Of("time_limit"), "time_limit is 0; expected more");
    }
    HostCheck hosts(fields_);
    for (int i = 0; i < in_.host_size(); ++i) {
      out_.hosts.push_back(hosts.Check(in_.host(i), root_.In("host", i)));
      out_.sets_sysctls = out_.sets_sysctls || in_.host(i).sysctl_size() > 0;
    }
    host_names_ = hosts.names();
    CheckLinks(hosts);
    for (int i = 0; i < in_.program_size(); ++i) CheckProgram(i);
    for (int i = 0; i < in_.program_size(); ++i) CheckStart(i);
    for (int i = 0; i < in_.step_size(); ++i) CheckStep(i);
    for (int i = 0; i < in_.fault_size(); ++i) CheckFaultTime(i);
    for (int i = 0; i < in_.expect_size(); ++i) CheckExpect(i);
    for (int i = 0; i < in_.without_size(); ++i) CheckWithout(i);
    if (in_.host_size() == 0) {
      fields_.Add({}, "no host; expected at least one `host { name: ... }`");
    }
    if (in_.program_size() == 0) {
      fields_.Add({},
                  "no program; expected at least one `program { name: ... "
                  "run: ... }`");
    }
    const absl::Status status = fields_.faults().ToStatus();
    if (!status.ok()) return status;
    return std::move(out_);
  }

 private:
  void CheckLinks(HostCheck& hosts) {
    std::vector<std::string> nodes = host_names_;
    std::vector<bool> inet6;
    for (const sim::HostOptions& host : out_.hosts) {
      inet6.push_back(host.address6.has_value());
    }
    for (int i = 0; i < in_.router_size(); ++i) {
      RouterPlan& router = out_.routers.emplace_back();
      router.options = hosts.CheckRouter(in_.router(i), root_.In("router", i));
      nodes.push_back(in_.router(i).name());
      inet6.push_back(router.options.address6.has_value());
    }
    LinkCheck links(fields_, nodes, inet6);
    for (int i = 0; i < in_.link_size(); ++i) {
      out_.links.push_back(links.Check(in_.link(i), root_.In("link", i)));
    }
    for (int i = 0; i < in_.router_size(); ++i) {
      if (!in_.router(i).has_nat()) continue;
      links.CheckNat(in_.router(i).nat(), root_.In("router", i).In("nat"),
                     host_names_.size() + static_cast<size_t>(i),
                     &out_.routers[static_cast<size_t>(i)]);
    }
    NameCheck names(fields_, host_names_);
    for (int i = 0; i < in_.name_size(); ++i) {
      out_.names.push_back(names.Check(in_.name(i), root_.In("name", i)));
    }
    known_hosts_ = host_names_;
    known_hosts_.insert(known_hosts_.end(), names.names().begin(),
                        names.names().end());
    FaultCheck faults(fields_, links, names, host_names_, out_);
    for (int i = 0; i < in_.fault_size(); ++i) {
      out_.faults.push_back(faults.Check(in_.fault(i), root_.In("fault", i)));
    }
  }

  // Once the programs are known, whose signals it may wait for.
  void CheckFaultTime(int index) {
    const pb::Fault& in = in_.fault(index);
    const Place place = root_.In("fault", index);
    FaultPlan& out = out_.faults[static_cast<size_t>(index)];
    if (in.has_at()) {
      out.at = fields_.Duration(place, "at", in.at(), absl::ZeroDuration());
    } else if (in.has_at_event()) {
      out.at_event = static_cast<uint64_t>(in.at_event());
      if (in.at_event() < 1) {
        fields_.Add(place.Of("at_event"),
                    "at_event is below 1; expected the "
                    "number of an event, from 1");
      }
      if (out.within > absl::ZeroDuration()) {
        fields_.Add(place.Of("within"),
                    "`within` is of time; expected `at` or `after` with it");
      }
    } else if (in.has_after()) {
      StepPlan step;
      CheckSignal(place, "after", in.after(), &step);
      out.after_program = step.after_program;
      out.after_signal = step.after_signal;
    } else {
      fields_.Add(place.Of("within"),
                  "a fault without a time; expected `at: \"2s\"`, `after: "
                  "\"NAME SIGNAL\"` or `at_event: 10`");
    }
  }

  void CheckProgram(int index) {
    const pb::Program& in = in_.program(index);
    const Place place = root_.In("program", index);
    fields_.Name(place, "program", in.name(), program_names_);
    ProgramPlan out;
    out.name = in.name();
    out.host =
        in.host().empty() && in_.host_size() == 1
            ? 0
            : fields_.IndexOf(place, "host", "host", in.host(), host_names_);
    out.kind = FindProgramKind(in.run());
    if (out.kind == nullptr) {
      std::vector<std::string> kinds;
      for (const ProgramKind& kind : ProgramKinds()) kinds.push_back(kind.name);
      fields_.IndexOf(place, "run", "program kind", in.run(), kinds);
    } else {
      CheckArgs(place, in, &out);
    }
    program_names_.push_back(in.name());
    out_.programs.push_back(std::move(out));
  }

  void CheckArgs(const Place& place, const pb::Program& in, ProgramPlan* out) {
    std::vector<std::string> keys;
    for (const ArgSpec& spec : out->kind->args) keys.push_back(spec.name);
    for (int i = 0; i < in.arg_size(); ++i) {
      const std::string& key = in.arg(i).key();
      const std::string& value = in.arg(i).value();
      const Place arg = place.In("arg", i);
      const auto found = std::find(keys.begin(), keys.end(), key);
      if (found == keys.end()) {
        fields_.IndexOf(arg, "key", absl::StrCat(in.run(), " argument"), key,
                        keys);
        continue;
      }
      const ArgSpec& spec =
          out->kind->args[static_cast<size_t>(found - keys.begin())];
      const std::string fault = ArgFault(spec, value, known_hosts_);
      if (!fault.empty()) {
        fields_.Add(
            arg.Of("value"),
            absl::StrCat(key, " \"", value.substr(0, 40), "\" ", fault));
      } else if (!out->args.emplace(key, value).second) {
        fields_.Add(arg.Of("key"), absl::StrCat("argument \"", key,
                                                "\" is given twice; expected "
                                                "it once"));
      }
    }
    for (const ArgSpec& spec : out->kind->args) {
      if (out->args.count(spec.name) > 0) continue;
      if (spec.fallback != nullptr) {
        out->args[spec.name] = spec.fallback;
      } else if (!GivesKey(in, spec.name)) {
        fields_.Add(place.Of("run"),
                    absl::StrCat(in.run(), " has no argument \"", spec.name,
                                 "\"; expected `arg { key: \"", spec.name,
                                 "\" value: ... }` (", spec.doc, ")"));
      }
    }
  }

  static bool GivesKey(const pb::Program& in, absl::string_view key) {
    return std::any_of(in.arg().begin(), in.arg().end(),
                       [&key](const pb::Arg& arg) { return arg.key() == key; });
  }

  // Finds `name` among the commands or signals of a program.
  void CheckWord(const Place& place, const char* field, const char* what,
                 const std::string& name, size_t program,
                 const std::vector<NameDoc> ProgramKind::*words) {
    if (program >= out_.programs.size()) return;
    const ProgramPlan& plan = out_.programs[program];
    if (plan.kind == nullptr) return;
    std::vector<std::string> names;
    for (const NameDoc& word : plan.kind->*words) names.push_back(word.name);
    if (std::count(names.begin(), names.end(), name) > 0) return;
    fields_.Add(
        place.Of(field),
        absl::StrCat(
            plan.kind->name, " has no ", what, " \"", name.substr(0, 40), "\"",
            DidYouMean(name, names), "; expected ",
            names.empty()
                ? "none: it has none"
                : absl::StrCat("one of ", absl::StrJoin(names, ", "))));
  }

  void CheckStart(int index) {
    const pb::Program& in = in_.program(index);
    const Place place = root_.In("program", index);
    StepPlan out;
    out.program = static_cast<size_t>(index);
    if (in.has_start_after()) {
      CheckSignal(place, "start_after", in.start_after(), &out);
    } else {
      out.at = fields_.Duration(place, "start_at", in.start_at(),
                                absl::ZeroDuration());
    }
    out_.steps.push_back(std::move(out));
  }

  void CheckStep(int index) {
    const pb::Step& in = in_.step(index);
    const Place place = root_.In("step", index);
    StepPlan out;
    const size_t faults_before = fields_.faults().size();
    out.program = fields_.IndexOf(place, "program", "program", in.program(),
                                  program_names_);
    out.command = in.do_();
    if (fields_.faults().size() == faults_before) {
      CheckWord(place, "do", "command", in.do_(), out.program,
                &ProgramKind::commands);
    }
    if (in.has_after()) {
      CheckSignal(place, "after", in.after(), &out);
    } else if (in.has_at()) {
      out.at = fields_.Duration(place, "at", in.at(), absl::ZeroDuration());
    } else {
      fields_.Add(place.Of("do"),
                  "a step without a time; expected `at: \"5ms\"` or `after: "
                  "\"NAME SIGNAL\"`");
    }
    out_.steps.push_back(std::move(out));
  }

  void CheckSignal(const Place& place, const char* field,
                   const std::string& text, StepPlan* out) {
    const size_t blank = text.find(' ');
    if (blank == std::string::npos) {
      fields_.Add(place.Of(field),
                  absl::StrCat(field, " \"", text.substr(0, 80),
                               "\" names no signal; expected \"NAME SIGNAL\""));
      return;
    }
    const size_t faults_before = fields_.faults().size();
    out->after_program = fields_.IndexOf(place, field, "program",
                                         text.substr(0, blank), program_names_);
    out->after_signal = text.substr(blank + 1);
    if (fields_.faults().size() != faults_before) return;
    CheckWord(place, field, "signal", out->after_signal, out->after_program,
              &ProgramKind::signals);
  }

  void CheckExpect(int index) {
    const pb::Expect& in = in_.expect(index);
    const Place place = root_.In("expect", index);
    Expectation out;
    out.line = root_.Of("expect", index).line;
    out.calm_only = in.calm_only();
    out.simulated_only = in.simulated_only();
    switch (in.what_case()) {
      case pb::Expect::kEvents:
        CheckEvents(place.In("events"), in.events(), &out);
        out.kind = Expectation::Kind::kEvents;
        break;
      case pb::Expect::kExactly:
        CheckEvents(place.In("exactly"), in.exactly(), &out);
        out.kind = Expectation::Kind::kExactly;
        break;
      case pb::Expect::kNever:
        out.kind = Expectation::Kind::kNever;
        out.lines = {in.never()};
        break;
      case pb::Expect::kWithin:
        out.kind = Expectation::Kind::kWithin;
        CheckWithin(place.In("within"), in.within(), &out);
        break;
      case pb::Expect::kEventually:
        out.kind = Expectation::Kind::kEventually;
        out.lines = {in.eventually()};
        break;
      case pb::Expect::kSometimes:
        out.kind = Expectation::Kind::kSometimes;
        out.lines = {in.sometimes()};
        break;
      case pb::Expect::kAlways:
        out.kind = Expectation::Kind::kAlways;
        out.actor = in.always().of();
        out.lines = {in.always().line()};
        break;
      case pb::Expect::kUnreachable:
        out.kind = Expectation::Kind::kUnreachable;
        out.lines = {in.unreachable()};
        break;
      case pb::Expect::WHAT_NOT_SET:
        fields_.Add(root_.Of("expect", index),
                    "an empty expectation; expected one of events, exactly, "
                    "never, within, eventually, sometimes, always, "
                    "unreachable");
        return;
    }
    out_.expectations.push_back(std::move(out));
  }

  void CheckWithout(int index) {
    const std::string& name = in_.without(index);
    const std::vector<std::string>& names = explore::SanitizerSet::Names();
    if (std::count(names.begin(), names.end(), name) == 0) {
      fields_.Add(
          root_.Of("without", index),
          absl::StrCat("there is no sanitizer \"", name.substr(0, 40), "\"",
                       DidYouMean(name, names), "; expected one of ",
                       absl::StrJoin(names, ", ")));
    }
    out_.without.push_back(name);
  }

  void CheckEvents(const Place& place, const pb::Events& in, Expectation* out) {
    if (in.line().empty()) {
      fields_.Add(place.Of("line"), "no line; expected at least one event");
    }
    out->actor = in.of();
    out->lines.assign(in.line().begin(), in.line().end());
  }

  void CheckWithin(const Place& place, const pb::Within& in, Expectation* out) {
    if (in.line().empty()) {
      fields_.Add(place.Of("line"), "no line; expected an event");
    }
    out->lines = {in.line()};
    out->from =
        fields_.Duration(place, "from", in.from(), absl::ZeroDuration());
    out->to = fields_.Duration(place, "to", in.to(), absl::InfiniteDuration());
    if (out->from > out->to) {
      fields_.Add(place.Of("to"), "`to` is before `from`; expected it later");
    }
  }

  const pb::Scenario& in_;
  Place root_;
  FieldCheck fields_;
  Scenario out_;
  std::vector<std::string> host_names_;
  std::vector<std::string> known_hosts_;  // and names that are looked up
  std::vector<std::string> program_names_;
};

}  // namespace

absl::StatusOr<Scenario> CheckScenario(const std::string& file,
                                       const ScenarioText& text) {
  return Checker(file, text).Check();
}

}  // namespace simloop::scenarios
