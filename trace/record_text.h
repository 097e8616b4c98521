// A record of any kind in one line, with everything in which two records may
// differ. Descriptors are plain numbers here.
#ifndef TRACE_RECORD_TEXT_H_
#define TRACE_RECORD_TEXT_H_

#include <string>

#include "trace/trace.h"

namespace simloop::trace {

// "1.000250ms": milliseconds with all nanoseconds.
std::string TimeText(loop::Instant time);
// "PSH ACK 18 bytes".
std::string PacketText(const Packet& packet);
// "17 1.000250ms server/echo <- 12: listen(3, 128) = 0": id, time, process and
// owner, cause. The names are those of `trace`, whose the record need not be.
std::string RecordText(const Trace& trace, const Record& record);

}  // namespace simloop::trace

#endif  // TRACE_RECORD_TEXT_H_
