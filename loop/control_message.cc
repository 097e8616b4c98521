#include "loop/control_message.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace simloop::loop {
namespace {

constexpr int kSolSocketLevel = 1;
constexpr int kRightsType = 1;

size_t Aligned(size_t bytes) { return (bytes + 7) & ~size_t{7}; }

// struct cmsghdr.
struct Header {
  uint64_t size;
  int32_t level;
  int32_t type;
};
static_assert(sizeof(Header) == ControlMessage::kHeaderBytes);

}  // namespace

void ControlMessage::AppendTo(std::string* control) const {
  const Header header = {kHeaderBytes + data.size(), level, type};
  control->append(reinterpret_cast<const char*>(&header), sizeof header);
  control->append(data);
  control->resize(Aligned(control->size()), '\0');
}

ControlMessage ControlMessage::Rights(absl::Span<const Fd> descriptors) {
  ControlMessage message{kSolSocketLevel, kRightsType, {}};
  for (const Fd fd : descriptors) {
    message.data.append(reinterpret_cast<const char*>(&fd.number),
                        sizeof fd.number);
  }
  return message;
}

std::vector<Fd> ControlMessage::descriptors() const {
  std::vector<Fd> list(data.size() / sizeof(int));
  for (size_t i = 0; i < list.size(); ++i) {
    std::memcpy(&list[i].number, data.data() + i * sizeof(int), sizeof(int));
  }
  return list;
}

std::vector<ControlMessage> ParseControl(absl::Span<const char> control,
                                         bool* malformed) {
  std::vector<ControlMessage> messages;
  if (malformed != nullptr) *malformed = false;
  while (control.size() >= sizeof(Header)) {
    Header header;
    std::memcpy(&header, control.data(), sizeof header);
    if (header.size < sizeof header || header.size > control.size()) {
      if (malformed != nullptr) *malformed = true;
      break;
    }
    messages.push_back({header.level, header.type,
                        std::string(control.data() + sizeof header,
                                    header.size - sizeof header)});
    control.remove_prefix(
        std::min<size_t>(control.size(), Aligned(header.size)));
  }
  return messages;
}

}  // namespace simloop::loop
