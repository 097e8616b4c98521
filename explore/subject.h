// Subject: what is searched: something that runs to its end under any
// scheduler, the same way each time, and says what was wrong. An interface
// because a scenario file and a world that a user's own test makes are both
// searched.
#ifndef EXPLORE_SUBJECT_H_
#define EXPLORE_SUBJECT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sim/choice.h"
#include "trace/trace.h"

namespace simloop::explore {

// Something that is wrong with a run.
struct Failure {
  // How it fails, in words that are the same for every run that fails so: what
  // searches tell failures apart by.
  std::string way;
  // What there is to say about it.
  std::string text;
};

// One run.
struct Trial {
  uint64_t hash = 0;  // of its trace
  uint64_t records = 0;
  std::vector<Failure> failures;
  // Names of what some run should show, and this one did; with a "?" before it,
  // what it did not.
  std::vector<std::string> shown;

  bool Fails(const std::string& way) const {
    for (const Failure& failure : failures) {
      if (failure.way == way) return true;
    }
    return false;
  }
};

class Subject {
 public:
  virtual ~Subject() = default;

  // Runs it. `scheduler` null: the calm run. `sink` takes the records; null:
  // they are only hashed.
  virtual Trial Run(sim::Scheduler* scheduler, trace::Sink* sink) = 0;

  // Hosts between which something happens without any time passing, by
  // Host::index(): those with one number are one site. What happens on two
  // sites at one instant commutes. Empty: all are one.
  virtual std::vector<uint32_t> Sites() { return {}; }
};

}  // namespace simloop::explore

#endif  // EXPLORE_SUBJECT_H_
