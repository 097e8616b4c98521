// The events of a run alone, numbered, as Node's test programs print them:
//     4 client   connect readyState=open
#ifndef TRACE_EVENTS_VIEW_H_
#define TRACE_EVENTS_VIEW_H_

#include <string>

#include "trace/trace.h"

namespace simloop::trace {

// One line for `note`, the `number`th of its run, without its end.
std::string EventLine(int number, const Note& note);

std::string EventsView(const Trace& trace);

}  // namespace simloop::trace

#endif  // TRACE_EVENTS_VIEW_H_
