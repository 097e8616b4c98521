// ControlMessage: the control data of sendmsg(2) and recvmsg(2), in the layout
// of cmsg(3) on 64-bit Linux: struct cmsghdr, its data, padding to 8 bytes.
#ifndef LOOP_CONTROL_MESSAGE_H_
#define LOOP_CONTROL_MESSAGE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "loop/fd.h"

namespace simloop::loop {

struct ControlMessage {
  // sizeof(struct cmsghdr): length, level, type.
  static constexpr size_t kHeaderBytes = 16;

  int level = 0;
  int type = 0;
  std::string data;

  // Appends it, padded, to `control` (CMSG_SPACE).
  void AppendTo(std::string* control) const;
  // SCM_RIGHTS of unix(7).
  static ControlMessage Rights(absl::Span<const Fd> descriptors);
  // The descriptors of an SCM_RIGHTS.
  std::vector<Fd> descriptors() const;
};

// The messages of `control` (CMSG_FIRSTHDR, CMSG_NXTHDR). One whose length is
// less than its header's or more than what is left ends the sequence and is
// reported in `malformed`, which may be null.
std::vector<ControlMessage> ParseControl(absl::Span<const char> control,
                                         bool* malformed);

}  // namespace simloop::loop

#endif  // LOOP_CONTROL_MESSAGE_H_
