// How the tests of this folder write epoll's operations and bits.
#ifndef TESTS_LOOP_EPOLL_TEXT_H_
#define TESTS_LOOP_EPOLL_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "loop/abi.h"

namespace simloop::loop {

// "IN|HUP"; "0" for none.
inline std::string EpollBitsText(uint32_t bits) {
  std::string text;
  const auto add = [&](uint32_t bit, const char* name) {
    if ((bits & bit) == 0) return;
    if (!text.empty()) text += '|';
    text += name;
  };
  add(kEpollIn, "IN");
  add(kEpollOut, "OUT");
  add(kEpollErr, "ERR");
  add(kEpollHup, "HUP");
  return text.empty() ? "0" : text;
}

// "ADD", "MOD", "DEL".
inline const char* EpollOpText(int op) {
  return op == kEpollCtlAdd ? "ADD" : op == kEpollCtlMod ? "MOD" : "DEL";
}

}  // namespace simloop::loop

#endif  // TESTS_LOOP_EPOLL_TEXT_H_
