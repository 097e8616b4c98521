// DescriptorNames and PortNames: what a case calls descriptors and ports by,
// since their numbers are the kernel's to choose.
#ifndef CONFORMANCE_NAMES_H_
#define CONFORMANCE_NAMES_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "conformance/case_file.h"
#include "conformance/json.h"
#include "loop/address.h"
#include "loop/fd.h"

namespace simloop::conformance {

class DescriptorNames final {
 public:
  // One that was closed stands for its old number; a number is itself; one
  // that was never made is -1.
  loop::Fd Find(const std::string& name) const;
  // `name` stands for `fd` from now on. One that is open keeps its place.
  void Adopt(const std::string& name, loop::Fd fd);
  // It was closed.
  void Release(const std::string& name);
  // Those that are open, in the order of their making.
  const std::vector<std::pair<std::string, loop::Fd>>& open() const {
    return open_;
  }

 private:
  std::vector<std::pair<std::string, loop::Fd>> open_;
  std::map<std::string, loop::Fd> closed_;
};

class PortNames final {
 public:
  // The ports that the case itself writes keep their numbers.
  explicit PortNames(const Case& test);

  // The text of an address in a case's answers: ports that the kernel chose
  // are P1, P2, ... in order of appearance, a name that it chose "unix:@auto";
  // null where it names none.
  Json Text(const loop::Address& address);

 private:
  void AddLiterals(const Json& value);
  std::string PortText(uint16_t port);

  std::map<uint16_t, std::string> ports_;
  int chosen_ = 0;
};

}  // namespace simloop::conformance

#endif  // CONFORMANCE_NAMES_H_
