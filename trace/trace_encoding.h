// Encoding and decoding one record as the messages of trace/trace.proto.
#ifndef TRACE_TRACE_ENCODING_H_
#define TRACE_TRACE_ENCODING_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trace/record.h"
#include "trace/trace.pb.h"

namespace simloop::trace {

void EncodeAddress(const loop::Address& address, pb::Address& message);
absl::StatusOr<loop::Address> DecodeAddress(const pb::Address& message);

void EncodeRecord(const Record& record, pb::Record& message);
// Leaves the id to the caller; the strings of the record are the message's.
// InvalidArgument: what is out of range, and the range.
absl::StatusOr<Record> DecodeRecord(const pb::Record& message);

}  // namespace simloop::trace

#endif  // TRACE_TRACE_ENCODING_H_
