#include "scenarios/parameter.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "scenarios/nearest.h"

namespace simloop::scenarios {
namespace {

std::string NodeName(const Scenario& scenario, size_t node) {
  return node < scenario.hosts.size()
             ? scenario.hosts[node].name
             : scenario.routers[node - scenario.hosts.size()].options.name;
}

void AddLinks(const Scenario& scenario, std::vector<Parameter>* all) {
  for (size_t i = 0; i < scenario.links.size(); ++i) {
    const LinkPlan& link = scenario.links[i];
    const std::string name = scenario.links.size() == 1
                                 ? "link"
                                 : absl::StrCat(NodeName(scenario, link.a), "-",
                                                NodeName(scenario, link.b));
    all->push_back({absl::StrCat(name, ".latency"), link.to_b.latency,
                    [i](Scenario* to, absl::Duration value) {
                      to->links[i].to_b.latency = value;
                      to->links[i].to_a.latency = value;
                    }});
  }
}

void AddPrograms(const Scenario& scenario, std::vector<Parameter>* all) {
  for (size_t i = 0; i < scenario.programs.size(); ++i) {
    const ProgramPlan& program = scenario.programs[i];
    for (const ArgSpec& spec : program.kind->args) {
      if (spec.type != ArgType::kDuration) continue;
      const std::string key = spec.name;
      absl::Duration value;
      // It was checked when the file was read.
      (void)absl::ParseDuration(program.args.at(key), &value);
      all->push_back({absl::StrCat(program.name, ".", key), value,
                      [i, key](Scenario* to, absl::Duration duration) {
                        to->programs[i].args[key] =
                            absl::FormatDuration(duration);
                      }});
    }
  }
}

void AddTimeline(const Scenario& scenario, std::vector<Parameter>* all) {
  // First the starts, then the steps.
  for (size_t i = 0; i < scenario.steps.size(); ++i) {
    const StepPlan& step = scenario.steps[i];
    if (!step.at) continue;
    const std::string name =
        step.command.empty()
            ? absl::StrCat(scenario.programs[step.program].name, ".start")
            : absl::StrCat("step#", i - scenario.programs.size() + 1, ".at");
    all->push_back({name, *step.at, [i](Scenario* to, absl::Duration value) {
                      to->steps[i].at = value;
                    }});
  }
  for (size_t i = 0; i < scenario.faults.size(); ++i) {
    if (!scenario.faults[i].at) continue;
    all->push_back({absl::StrCat("fault#", i + 1, ".at"),
                    *scenario.faults[i].at,
                    [i](Scenario* to, absl::Duration value) {
                      to->faults[i].at = value;
                    }});
  }
}

}  // namespace

std::vector<Parameter> ParametersOf(const Scenario& scenario) {
  std::vector<Parameter> all;
  AddLinks(scenario, &all);
  AddPrograms(scenario, &all);
  AddTimeline(scenario, &all);
  return all;
}

absl::StatusOr<Parameter> FindParameter(const Scenario& scenario,
                                        const std::string& name) {
  std::vector<std::string> names;
  for (Parameter& parameter : ParametersOf(scenario)) {
    if (parameter.name == name) return std::move(parameter);
    names.push_back(parameter.name);
  }
  return absl::InvalidArgumentError(
      absl::StrCat(scenario.file, ": has no duration \"", name.substr(0, 40),
                   "\"", DidYouMean(name, names), "; expected one of ",
                   absl::StrJoin(names, ", ")));
}

}  // namespace simloop::scenarios
