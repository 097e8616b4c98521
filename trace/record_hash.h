// RecordHash: the hash of a sequence of records. It is taken over their values
// in a fixed order and width, never over memory, so that it is the same on
// every compiler, optimisation level and machine. It is no cryptography.
#ifndef TRACE_RECORD_HASH_H_
#define TRACE_RECORD_HASH_H_

#include <cstdint>

#include "trace/record.h"

namespace simloop::trace {

// The hash of no records.
inline constexpr uint64_t kEmptyHash = 0x53494d4c4f4f5001;  // "SIMLOOP" 1

// The hash of the records that gave `before`, followed by `record`. The id is
// left out: it is the record's place in the sequence; so is what only a capture
// shows (trace/wire.h). Every other field and the text of every string goes in.
uint64_t HashRecord(uint64_t before, const Record& record);

}  // namespace simloop::trace

#endif  // TRACE_RECORD_HASH_H_
