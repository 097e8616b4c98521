// Reading and writing a trace as a file (trace/trace.proto).
#ifndef TRACE_TRACE_FILE_H_
#define TRACE_TRACE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trace/trace.h"

namespace simloop::trace {

// The bytes of a trace file.
std::string SerializeTrace(const Trace& trace);
// Takes any bytes; `name` stands before the error: "a.trace: entry 17: ...".
// InvalidArgument: not a trace, cut short, another version, or a value that no
// run can have.
absl::StatusOr<Trace> ParseTrace(absl::string_view bytes,
                                 absl::string_view name);

// The same to and from `path`. NotFound or Unavailable where the file cannot
// be opened, read or written, with the reason.
absl::Status SaveTrace(const Trace& trace, const std::string& path);
absl::StatusOr<Trace> LoadTrace(const std::string& path);

// Writes any bytes to `path`, with the same errors.
absl::Status SaveBytes(absl::string_view bytes, const std::string& path);

}  // namespace simloop::trace

#endif  // TRACE_TRACE_FILE_H_
