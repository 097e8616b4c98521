// The anatomy of a run: its events, and between them the system calls and
// watchers that made them, in order. Without times, packets and epoll calls:
// two runs of one program on different machines have the same anatomy.
//
//       | ** watcher#2 fires on fdB W
//       | getsockopt(fdB,SO_ERROR) -> 0
//     4 client   connect readyState=open
//
// Timers and ticks are not shown when they fire; they show by what they do.
// With several processes each line begins with its process's host.
#ifndef TRACE_ANATOMY_VIEW_H_
#define TRACE_ANATOMY_VIEW_H_

#include <string>

#include "trace/trace.h"

namespace simloop::trace {

std::string AnatomyView(const Trace& trace);

}  // namespace simloop::trace

#endif  // TRACE_ANATOMY_VIEW_H_
