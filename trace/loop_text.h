// What a loop did, in one line: "iowatcher#1.start (fdB R)".
#ifndef TRACE_LOOP_TEXT_H_
#define TRACE_LOOP_TEXT_H_

#include <string>

#include "trace/call_text.h"
#include "trace/record.h"

namespace simloop::trace {

std::string LoopText(const loop::LoopEvent& event, FdText fd_text);

}  // namespace simloop::trace

#endif  // TRACE_LOOP_TEXT_H_
