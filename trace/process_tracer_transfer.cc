// The calls of ProcessTracer that move bytes.
#include "loop/abi.h"
#include "trace/process_tracer.h"
#include "trace/traced_call.h"

namespace simloop::trace {

using loop::Fd;
using loop::Result;

namespace {

// With MSG_TRUNC no bytes are written (tcp(7)), or fewer than answered.
Call ReceptionOf(Syscall call, Fd fd, const Result<size_t>& result,
                 size_t asked_bytes, int flags, const char* bytes) {
  Call record = TransferOf(call, fd, result, asked_bytes, flags, bytes);
  if ((flags & loop::kMsgTrunc) != 0) record.data = {};
  return record;
}

}  // namespace

Result<size_t> ProcessTracer::Read(Fd fd, absl::Span<char> buffer) {
  Enter();
  const Result<size_t> result = kernel_.Read(fd, buffer);
  AddCall(
      TransferOf(Syscall::kRead, fd, result, buffer.size(), 0, buffer.data()));
  return result;
}

Result<size_t> ProcessTracer::Readv(
    Fd fd, absl::Span<const absl::Span<char>> buffers) {
  Enter();
  const Result<size_t> result = kernel_.Readv(fd, buffers);
  const FirstBytes bytes(buffers);
  Call record =
      TransferOf(Syscall::kReadv, fd, result, bytes.all(), 0, bytes.data());
  record.args[1] = static_cast<int64_t>(buffers.size());
  AddCall(record);
  return result;
}

Result<size_t> ProcessTracer::Write(Fd fd, absl::Span<const char> data) {
  Enter();
  const Result<size_t> result = kernel_.Write(fd, data);
  AddCall(TransferOf(Syscall::kWrite, fd, result, data.size(), 0, data.data()));
  return result;
}

Result<size_t> ProcessTracer::Writev(
    Fd fd, absl::Span<const absl::Span<const char>> data) {
  Enter();
  const Result<size_t> result = kernel_.Writev(fd, data);
  const FirstBytes bytes(data);
  Call record =
      TransferOf(Syscall::kWritev, fd, result, bytes.all(), 0, bytes.data());
  record.args[1] = static_cast<int64_t>(data.size());
  AddCall(record);
  return result;
}

Result<size_t> ProcessTracer::Recv(Fd fd, absl::Span<char> buffer, int flags) {
  Enter();
  const Result<size_t> result = kernel_.Recv(fd, buffer, flags);
  AddCall(ReceptionOf(Syscall::kRecv, fd, result, buffer.size(), flags,
                      buffer.data()));
  return result;
}

Result<size_t> ProcessTracer::Recvfrom(Fd fd, absl::Span<char> buffer,
                                       int flags, loop::Address* from) {
  Enter();
  const Result<size_t> result = kernel_.Recvfrom(fd, buffer, flags, from);
  Call record = ReceptionOf(Syscall::kRecvfrom, fd, result, buffer.size(),
                            flags, buffer.data());
  if (result.ok()) record.address = *from;
  AddCall(record);
  return result;
}

Result<size_t> ProcessTracer::Recvmsg(Fd fd, loop::IncomingMessage* message,
                                      int flags) {
  Enter();
  const Result<size_t> result = kernel_.Recvmsg(fd, message, flags);
  const FirstBytes bytes(message->buffers);
  Call record = ReceptionOf(Syscall::kRecvmsg, fd, result, bytes.all(), flags,
                            bytes.data());
  if (result.ok()) {
    record.address = message->from;
    record.args[2] = static_cast<int64_t>(message->control_size);
  }
  AddCall(record);
  return result;
}

Result<size_t> ProcessTracer::Send(Fd fd, absl::Span<const char> data,
                                   int flags) {
  Enter();
  const Result<size_t> result = kernel_.Send(fd, data, flags);
  AddCall(
      TransferOf(Syscall::kSend, fd, result, data.size(), flags, data.data()));
  return result;
}

Result<size_t> ProcessTracer::Sendto(Fd fd, absl::Span<const char> data,
                                     int flags, const loop::Address& to) {
  Enter();
  const Result<size_t> result = kernel_.Sendto(fd, data, flags, to);
  Call record =
      TransferOf(Syscall::kSendto, fd, result, data.size(), flags, data.data());
  record.address = to;
  AddCall(record);
  return result;
}

Result<size_t> ProcessTracer::Sendmsg(Fd fd,
                                      const loop::OutgoingMessage& message,
                                      int flags) {
  Enter();
  const Result<size_t> result = kernel_.Sendmsg(fd, message, flags);
  const FirstBytes bytes(message.data);
  Call record = TransferOf(Syscall::kSendmsg, fd, result, bytes.all(), flags,
                           bytes.data());
  if (message.to != nullptr) record.address = *message.to;
  record.args[2] = static_cast<int64_t>(message.control.size());
  AddCall(record);
  return result;
}

}  // namespace simloop::trace
