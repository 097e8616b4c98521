#include "sim/unix/namespace.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "sim/directory.h"
#include "sim/host.h"
#include "sim/unix/socket.h"
#include "sim/world.h"

namespace simloop::sim::unix_domain {

using loop::Errno;
using loop::Result;

namespace {

// offsetof(struct sockaddr_un, sun_path).
constexpr size_t kPathOffset = 2;
// Autobound names have five hexadecimal digits.
constexpr uint32_t kAutobindMask = 0xfffff;

bool IsAbstract(const std::string& name) { return name[0] == '\0'; }

}  // namespace

Namespace::~Namespace() { CollectGarbage(); }

Result<std::string> Namespace::NameOf(const loop::Address& address) {
  const size_t size = address.size();
  if (size <= kPathOffset ||
      size > kPathOffset + loop::Address::kUnixPathBytes ||
      address.family != loop::Family::kUnix) {
    return Errno::kEINVAL;
  }
  std::string name =
      address.path.substr(0, std::min(address.path.size(), size - kPathOffset));
  if (!name.empty() && !IsAbstract(name)) {
    name.resize(std::min(name.size(), name.find('\0')));
  }
  // A pathname of no bytes begins with the byte of 0 that ends it.
  if (name.empty()) name.push_back('\0');
  return name;
}

Errno Namespace::Bind(Socket& socket, const std::string& name) {
  if (!IsAbstract(name)) return BindPath(socket, name);
  if (socket.bound()) return Errno::kEINVAL;
  const bool added =
      abstract_.emplace(std::pair(socket.type(), name), &socket).second;
  if (!added) return Errno::kEADDRINUSE;
  socket.SetName(name, nullptr);
  return Errno::kOk;
}

// unix_bind_bsd(): the file is made before the socket is looked at.
Errno Namespace::BindPath(Socket& socket, const std::string& name) {
  Result<std::shared_ptr<Inode>> made =
      host_.directory().Make(name, Inode::Kind::kSocket);
  if (made.error() == Errno::kEEXIST) return Errno::kEADDRINUSE;
  if (!made.ok()) return made.error();
  if (socket.bound()) {
    static_cast<void>(host_.directory().Unlink(name));
    return Errno::kEINVAL;
  }
  (*made)->socket = &socket;
  socket.SetName(name, made.Take());
  return Errno::kOk;
}

void Namespace::Autobind(Socket& socket) {
  while (!socket.bound()) {
    const std::string name =
        absl::StrFormat("%c%05x", '\0', autobound_++ & kAutobindMask);
    static_cast<void>(Bind(socket, name));
  }
}

Result<Socket*> Namespace::Find(const std::string& name, int type) const {
  if (IsAbstract(name)) {
    const auto found = abstract_.find({type, name});
    if (found == abstract_.end()) return Errno::kECONNREFUSED;
    return found->second;
  }
  const Result<std::shared_ptr<Inode>> inode = host_.directory().Find(name);
  if (!inode.ok()) return inode.error();
  Socket* const socket = (*inode)->socket;
  if (socket == nullptr) return Errno::kECONNREFUSED;
  if (socket->type() != type) return Errno::kEPROTOTYPE;
  return socket;
}

void Namespace::Add(Socket& socket) {
  socket.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &socket;
  first_ = &socket;
}

void Namespace::Remove(Socket& socket) {
  (socket.previous_ == nullptr ? first_ : socket.previous_->next_) =
      socket.next_;
  if (socket.next_ != nullptr) socket.next_->previous_ = socket.previous_;
  if (!socket.bound()) return;
  const auto found = abstract_.find({socket.type(), socket.name()});
  if (found != abstract_.end() && found->second == &socket) {
    abstract_.erase(found);
  }
}

bool Namespace::BacklogDenied() {
  if (!host_.options().freedoms.unix_backlog) return false;
  ++connects_;
  return host_.world().Pick(ChoiceKind::kBacklog, 2, [&] {
    return absl::StrCat(host_.name(), ".unix_connect#", connects_);
  }) != 0;
}

bool Namespace::MemoryDenied() {
  if (!host_.options().freedoms.memory) return false;
  ++sends_;
  return host_.world().Pick(ChoiceKind::kMemory, 2, [&] {
    return absl::StrCat(host_.name(), ".unix_send#", sends_);
  }) != 0;
}

}  // namespace simloop::sim::unix_domain
