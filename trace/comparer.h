// Comparer: holds a run against a recorded one, record by record, and tells
// the first in which they differ. A sink, so that a replay is compared while
// it runs; it does not stop the run.
#ifndef TRACE_COMPARER_H_
#define TRACE_COMPARER_H_

#include <cstddef>
#include <string>

#include "trace/recorder.h"
#include "trace/trace.h"

namespace simloop::trace {

class Comparer final : public Sink {
 public:
  // `expected` must outlive the comparer.
  explicit Comparer(const Trace& expected) : expected_(expected) {}

  // What follows the first difference is ignored.
  void Take(const Record& record) override;

  // The first record that differs; 0 while there is none. A run that has
  // ended early differs only by what is missing: see Report().
  RecordId difference() const { return difference_; }

  // Once the run is over: "" if it was the same run, else
  //   record 17: expected
  //     17 0.000000ms server <- 3: listen(3, 128) = 0
  //   got
  //     17 0.000000ms server <- 3: listen(3, 511) = 0
  //   after
  //     16 ...
  // with the last few records that were still the same.
  std::string Report() const;

 private:
  const Trace& expected_;
  RecordId taken_ = 0;
  RecordId difference_ = 0;
  std::string got_;
};

// Whether everything but the text of the process table is the same.
bool SameRecord(const Record& a, const Record& b);

// Comparer's report on two traces.
std::string CompareTraces(const Trace& expected, const Trace& got);

}  // namespace simloop::trace

#endif  // TRACE_COMPARER_H_
