// A system call in one line: in full, as strace(1) prints it, and short, as
// the anatomy and the ladder do.
#ifndef TRACE_CALL_TEXT_H_
#define TRACE_CALL_TEXT_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "trace/record.h"

namespace simloop::trace {

// How a descriptor is written: "fdA", or its number.
using FdText = absl::FunctionRef<std::string(loop::Fd)>;

// "read(fdC, \"GET / HTTP/1.0\\r\\n\\r\\n\", 40960) = 18". `reported` is what
// an epoll_wait reported, where it is known. Data that the record holds only
// the beginning of ends in "...".
std::string CallText(const Call& call, FdText fd_text,
                     absl::Span<const Readiness> reported = {});

// Whether it is made on a descriptor.
bool AsksDescriptor(Syscall call);

// "read(fdC) -> 18".
std::string ShortCallText(const Call& call, FdText fd_text);

}  // namespace simloop::trace

#endif  // TRACE_CALL_TEXT_H_
