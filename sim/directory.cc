#include "sim/directory.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "loop/abi.h"

namespace simloop::sim {
namespace {

using loop::Errno;
using loop::Result;

constexpr absl::string_view kDirectories[] = {"",     "/run", "/srv",
                                              "/tmp", "/var", "/var/run"};
constexpr absl::string_view kWorking = "/srv";
// open(2): O_DIRECTORY.
constexpr int kODirectory = 0200000;
// NAME_MAX.
constexpr size_t kMostNameBytes = 255;

}  // namespace

Directory::Directory() {
  for (const absl::string_view name : kDirectories) {
    auto inode = std::make_shared<Inode>();
    inode->kind = Inode::Kind::kDirectory;
    inodes_.emplace(std::string(name), std::move(inode));
  }
}

Inode* Directory::Look(const std::string& name) const {
  const auto found = inodes_.find(name);
  return found == inodes_.end() ? nullptr : found->second.get();
}

Result<Directory::Place> Directory::Resolve(const std::string& path) const {
  if (path.empty()) return Errno::kENOENT;
  Place place;
  if (path[0] != '/') place.name = std::string(kWorking);
  place.slashed = path.back() == '/';
  const std::vector<absl::string_view> parts =
      absl::StrSplit(path, '/', absl::SkipEmpty());
  for (const absl::string_view part : parts) {
    // What stands before the last must be a directory.
    const Inode* const parent = Look(place.name);
    if (parent == nullptr) return Errno::kENOENT;
    if (parent->kind != Inode::Kind::kDirectory) return Errno::kENOTDIR;
    if (part.size() > kMostNameBytes) return Errno::kENAMETOOLONG;
    place.proper = part != "." && part != "..";
    if (part == "..") {
      place.name.resize(place.name.empty() ? 0 : place.name.rfind('/'));
    } else if (part != ".") {
      absl::StrAppend(&place.name, "/", part);
    }
  }
  return place;
}

Result<std::shared_ptr<Inode>> Directory::Find(const std::string& path) const {
  const Result<Place> place = Resolve(path);
  if (!place.ok()) return place.error();
  const auto found = inodes_.find(place->name);
  if (found == inodes_.end()) return Errno::kENOENT;
  if (place->slashed && found->second->kind != Inode::Kind::kDirectory) {
    return Errno::kENOTDIR;
  }
  return found->second;
}

// filename_create().
Result<std::shared_ptr<Inode>> Directory::Make(const std::string& path,
                                               Inode::Kind kind) {
  const Result<Place> place = Resolve(path);
  if (!place.ok()) return place.error();
  if (!place->proper || Look(place->name) != nullptr) return Errno::kEEXIST;
  if (place->slashed) return Errno::kENOENT;
  auto inode = std::make_shared<Inode>();
  inode->kind = kind;
  inodes_.emplace(place->name, inode);
  return inode;
}

Result<std::shared_ptr<Inode>> Directory::Open(const std::string& path,
                                               int flags) {
  Result<std::shared_ptr<Inode>> found = Find(path);
  if (!found.ok()) {
    if (found.error() != Errno::kENOENT || (flags & loop::kOCreat) == 0) {
      return found;
    }
    if (!path.empty() && path.back() == '/') return Errno::kEISDIR;
    return Make(path, Inode::Kind::kRegular);
  }
  const int exclusive = loop::kOCreat | loop::kOExcl;
  if ((flags & exclusive) == exclusive) return Errno::kEEXIST;
  switch ((*found)->kind) {
    case Inode::Kind::kDirectory:
      if ((flags & (loop::kOAccmode | loop::kOCreat)) != 0) {
        return Errno::kEISDIR;
      }
      return found;
    case Inode::Kind::kSocket:
      return (flags & kODirectory) != 0 ? Errno::kENOTDIR : Errno::kENXIO;
    case Inode::Kind::kRegular:
      if ((flags & kODirectory) != 0) return Errno::kENOTDIR;
      if ((flags & loop::kOTrunc) != 0) (*found)->bytes.clear();
      return found;
  }
  return found;
}

// do_unlinkat().
Result<void> Directory::Unlink(const std::string& path) {
  const Result<Place> place = Resolve(path);
  if (!place.ok()) return place.error();
  if (!place->proper) return Errno::kEISDIR;
  const Inode* const inode = Look(place->name);
  if (inode == nullptr) return Errno::kENOENT;
  if (inode->kind == Inode::Kind::kDirectory) return Errno::kEISDIR;
  if (place->slashed) return Errno::kENOTDIR;
  inodes_.erase(place->name);
  return {};
}

}  // namespace simloop::sim
