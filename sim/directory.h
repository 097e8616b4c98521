// Directory: the file names of a host, as far as a network program meets
// them: the pathnames of Unix sockets, and regular files. Directories are those
// that every Linux has, and no other can be made: /, /run, /srv, /tmp, /var,
// /var/run. Relative names start at /srv. There are no permissions.
#ifndef SIM_DIRECTORY_H_
#define SIM_DIRECTORY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "loop/result.h"

namespace simloop::sim {

namespace unix_domain {
class Socket;
}

// What a name stands for; it lives on without it as long as it is open.
struct Inode {
  enum class Kind : uint8_t { kDirectory, kRegular, kSocket };

  Kind kind = Kind::kRegular;
  std::string bytes;  // of a regular file
  // Who is bound to it; null once that one is closed.
  unix_domain::Socket* socket = nullptr;
};

class Directory final {
 public:
  Directory();

  // ENOENT, ENOTDIR, ENAMETOOLONG (path_resolution(7)).
  loop::Result<std::shared_ptr<Inode>> Find(const std::string& path) const;
  // mknod(2): EEXIST beside those.
  loop::Result<std::shared_ptr<Inode>> Make(const std::string& path,
                                            Inode::Kind kind);
  // open(2) of a regular file, or of a directory to be read (EISDIR
  // otherwise). ENXIO: a socket.
  loop::Result<std::shared_ptr<Inode>> Open(const std::string& path, int flags);
  // unlink(2): EISDIR for a directory.
  loop::Result<void> Unlink(const std::string& path);

 private:
  // Where a path leads.
  struct Place {
    std::string name;      // absolute, without "." and ".."
    bool proper = false;   // its last component is neither of the two
    bool slashed = false;  // it ends in a slash
  };

  loop::Result<Place> Resolve(const std::string& path) const;
  Inode* Look(const std::string& name) const;

  std::map<std::string, std::shared_ptr<Inode>> inodes_;  // by absolute name
};

}  // namespace simloop::sim

#endif  // SIM_DIRECTORY_H_
