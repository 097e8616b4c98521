// The columns of a ladder: which programs have one, in which order, and how
// wide they are.
#ifndef TRACE_LADDER_COLUMNS_H_
#define TRACE_LADDER_COLUMNS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "trace/endpoint_owners.h"
#include "trace/trace.h"

namespace simloop::trace {

struct LadderColumn {
  Program program;
  std::string title;     // the program, or the host
  std::string subtitle;  // the host and its address
  size_t line = 0;       // the cell of its lifeline
  size_t end = 0;        // the cell after its text
};

class LadderColumns final {
 public:
  // Each program that calls or says something has a column; a process without
  // programs has one for itself. Those that listen stand right of the others.
  LadderColumns(const Trace& trace, size_t left, size_t width);

  const std::vector<LadderColumn>& all() const { return columns_; }
  // The column of `program`; -1 if it has none of its own: a process itself,
  // beside several programs of it.
  int Find(Program program) const;
  // As Find(), or else the process's first column; -1 if it has none at all.
  int FindAny(Program program) const;

 private:
  std::vector<LadderColumn> columns_;
};

}  // namespace simloop::trace

#endif  // TRACE_LADDER_COLUMNS_H_
