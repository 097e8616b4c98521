// The ladder of a run, a sequence diagram (ITU-T Z.120) in text: a column for
// each program, time downwards at the left, and in the columns what each
// program called, what its watchers did and what it said; between them the
// packets.
//
//                  client                     server
//      0.000000ms  │ connect(fdB) -> EIN...   │
//                  │──────── SYN ───────┄┄┄   │
//      0.250000ms  │   ┄┄┄───────── SYN ─────▶│
//
// The lines follow the records, so that those of a program read as the
// anatomy does (trace/anatomy_view.h). A packet that takes time has a line
// where it leaves and one where it arrives; one that takes none has one line. A
// live run has no packets. A program is found by its port
// (trace/endpoint_owners.h). What a process does that no program of it asked
// for (turns of its loop) is drawn dotted.
#ifndef TRACE_LADDER_VIEW_H_
#define TRACE_LADDER_VIEW_H_

#include <cstddef>
#include <string>

#include "trace/trace.h"

namespace simloop::trace {

struct LadderOptions {
  // Of the page, in characters. Text that is wider than its column goes on in
  // the next lines, at most `most_lines` in all, and is cut with "…" then. A
  // column has 24 characters at least, whatever this says.
  size_t width = 100;
  size_t most_lines = 3;
};

std::string LadderView(const Trace& trace, const LadderOptions& options = {});

}  // namespace simloop::trace

#endif  // TRACE_LADDER_VIEW_H_
