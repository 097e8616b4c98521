// The system calls of a run, all of them, one a line, as strace(1) prints
// them, with the time and the process before each.
#ifndef TRACE_STRACE_VIEW_H_
#define TRACE_STRACE_VIEW_H_

#include <string>

#include "trace/trace.h"

namespace simloop::trace {

// "    1.000250ms server   listen(fdA, 128) = 0".
std::string StraceView(const Trace& trace);

}  // namespace simloop::trace

#endif  // TRACE_STRACE_VIEW_H_
