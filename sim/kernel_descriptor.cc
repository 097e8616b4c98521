// The simulated kernel's calls on descriptors of every kind.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "sim/eventfd.h"
#include "sim/kernel.h"
#include "sim/kernel_waiting.h"
#include "sim/pipe.h"
#include "sim/regular_file.h"
#include "sim/timerfd.h"

namespace simloop::sim {

using loop::Errno;
using loop::Fd;
using loop::Result;

namespace {

// UIO_MAXIOV (readv(2)): more are EINVAL.
constexpr size_t kMostBuffers = 1024;
// Ways a transfer can go where it may be short: all, a half, one byte.
constexpr uint32_t kShares = 3;
// ioctl(2) of every descriptor, beside those of loop/abi.h.
constexpr uint32_t kFionclex = 0x5450;
constexpr uint32_t kFioclex = 0x5451;
// Clocks of timerfd_create(2) that also wake a machine which sleeps.
constexpr int kClockRealtimeAlarm = 8;
constexpr int kClockBoottimeAlarm = 9;
static_assert(loop::kONonblock == loop::kSockNonblock);
static_assert(loop::kONonblock == loop::kEfdNonblock);
static_assert(loop::kONonblock == loop::kTfdNonblock);
static_assert(loop::kOCloexec == loop::kSockCloexec);
static_assert(loop::kOCloexec == loop::kEpollCloexec);

template <typename T>
size_t Total(absl::Span<const absl::Span<T>> pieces) {
  size_t total = 0;
  for (const absl::Span<T>& piece : pieces) total += piece.size();
  return total;
}

}  // namespace

Result<Fd> Kernel::Install(std::unique_ptr<File> file, int flags) {
  file->SetNonblocking((flags & loop::kONonblock) != 0);
  FileRef made(file.release());
  // A descriptor is looked for before a file.
  if (!descriptors_.HasRoom()) return Errno::kEMFILE;
  if (host_.FilesFull(1)) return Errno::kENFILE;
  made->CountIn(host_.tally());
  return descriptors_.Add(std::move(made), (flags & loop::kOCloexec) != 0);
}

Result<loop::FdPair> Kernel::InstallPair(std::unique_ptr<File> first,
                                         std::unique_ptr<File> second,
                                         int flags) {
  if (host_.FilesFull(2)) {
    const FileRef dropped(first.release());
    const FileRef dropped_too(second.release());
    return Errno::kENFILE;
  }
  const Result<Fd> one = Install(std::move(first), flags);
  const Result<Fd> two = Install(std::move(second), flags);
  return loop::FdPair{*one, *two};
}

size_t Kernel::Share(size_t bytes, const char* what) {
  if (bytes < 2 || !host_.options().freedoms.short_transfers) return bytes;
  ++transfers_;
  switch (host_.world().Pick(ChoiceKind::kTransfer, kShares, [&] {
    return absl::StrCat(host_.name(), ".", what, "#", transfers_);
  })) {
    case 1:
      return bytes / 2;
    case 2:
      return 1;
    default:
      return bytes;
  }
}

// --- Transfers
// ---------------------------------------------------------------

Result<size_t> Kernel::Read(Fd fd, absl::Span<char> buffer) {
  File* file = descriptors_.Find(fd);
  if (file == nullptr || file->access() == loop::kOWronly) {
    return Errno::kEBADF;
  }
  sim::Socket* socket = file->AsSocket();
  if (socket != nullptr) {
    if (buffer.empty()) return size_t{0};  // sock_read_iter()
    Reception reception{buffer};
    return Receive(*socket, &reception);
  }
  if (!file->nonblocking()) {
    return Waiting<size_t>(*file, file->waiters(), absl::InfiniteDuration(),
                           [&] { return file->Read(buffer); });
  }
  const Result<size_t> result = file->Read(buffer);
  host_.RunSoftirq();
  return result;
}

Result<size_t> Kernel::Write(Fd fd, absl::Span<const char> data) {
  File* file = descriptors_.Find(fd);
  if (file == nullptr || file->access() == loop::kORdonly) {
    return Errno::kEBADF;
  }
  sim::Socket* socket = file->AsSocket();
  if (socket != nullptr) return Transmit(*socket, {data});
  const Result<size_t> result =
      file->nonblocking() ? file->Write(data) : WriteAll(*file, data);
  host_.RunSoftirq();
  if (result.error() == Errno::kEPIPE && file->raises_sigpipe()) OnBrokenPipe();
  return result;
}

// A blocking write(2) of a pipe goes on until all is written.
Result<size_t> Kernel::WriteAll(File& file, absl::Span<const char> data) {
  size_t done = 0;
  while (true) {
    const Result<size_t> result =
        Waiting<size_t>(file, file.waiters(), absl::InfiniteDuration(),
                        [&] { return file.Write(data.subspan(done)); });
    if (!result.ok()) return done > 0 ? Result<size_t>(done) : result;
    done += *result;
    if (done >= data.size() || *result == 0) return done;
  }
}

Result<size_t> Kernel::Readv(Fd fd,
                             absl::Span<const absl::Span<char>> buffers) {
  File* file = descriptors_.Find(fd);
  if (file == nullptr || file->access() == loop::kOWronly) {
    return Errno::kEBADF;
  }
  if (!file->can_read() || buffers.size() > kMostBuffers) {
    return Errno::kEINVAL;
  }
  std::string joined(Total(buffers), '\0');
  if (joined.empty()) return size_t{0};
  const Result<size_t> result = Read(fd, absl::MakeSpan(joined));
  size_t left = result.ok() ? *result : 0;
  const char* from = joined.data();
  for (const absl::Span<char>& piece : buffers) {
    const size_t count = std::min(left, piece.size());
    std::memcpy(piece.data(), from, count);
    from += count;
    left -= count;
  }
  return result;
}

Result<size_t> Kernel::Writev(Fd fd,
                              absl::Span<const absl::Span<const char>> data) {
  File* file = descriptors_.Find(fd);
  if (file == nullptr || file->access() == loop::kORdonly) {
    return Errno::kEBADF;
  }
  if (!file->can_write() || data.size() > kMostBuffers) {
    return Errno::kEINVAL;
  }
  if (Total(data) == 0) return size_t{0};
  if (data.size() == 1) return Write(fd, data[0]);
  if (!file->gathers() && !data.empty()) {
    // One write(2) a piece, until one fails or is short.
    size_t done = 0;
    for (const absl::Span<const char>& piece : data) {
      const Result<size_t> result = Write(fd, piece);
      if (!result.ok()) return done > 0 ? Result<size_t>(done) : result;
      done += *result;
      if (*result < piece.size()) break;
    }
    return done;
  }
  // As one write: what is sent leaves in as few segments (writev(2)).
  std::string joined;
  joined.reserve(Total(data));
  for (const absl::Span<const char>& piece : data) {
    joined.append(piece.data(), piece.size());
  }
  return Write(fd, joined);
}

// --- Descriptors
// -------------------------------------------------------------

Result<void> Kernel::Close(Fd fd) {
  const Result<void> result = descriptors_.Close(fd);
  host_.RunSoftirq();
  return result;
}

Result<Fd> Kernel::Dup(Fd fd) {
  File* file = descriptors_.Find(fd);
  if (file == nullptr) return Errno::kEBADF;
  return descriptors_.Add(FileRef(file));
}

Result<Fd> Kernel::Dup2(Fd fd, Fd onto) {
  File* file = descriptors_.Find(fd);
  if (file == nullptr) return Errno::kEBADF;
  if (fd == onto) return fd;
  const Result<Fd> result = descriptors_.Put(FileRef(file), onto);
  host_.RunSoftirq();
  return result;
}

Result<int> Kernel::Fcntl(Fd fd, int command, int argument) {
  File* file = descriptors_.Find(fd);
  if (file == nullptr) return Errno::kEBADF;
  switch (command) {
    case loop::kFGetfd:
      return descriptors_.cloexec(fd) ? loop::kFdCloexec : 0;
    case loop::kFSetfd:
      descriptors_.SetCloexec(fd, (argument & loop::kFdCloexec) != 0);
      return 0;
    case loop::kFGetfl:
      return file->access() | (file->nonblocking() ? loop::kONonblock : 0);
    case loop::kFSetfl:
      // Nothing here can do direct I/O (setfl()).
      if ((argument & loop::kODirect) != 0) return Errno::kEINVAL;
      file->SetNonblocking((argument & loop::kONonblock) != 0);
      if (file->AsPipe() != nullptr) {
        file->AsPipe()->SetPackets((argument & loop::kODirect) != 0);
      }
      return 0;
    case loop::kFDupfd:
    case loop::kFDupfdCloexec: {
      if (argument < 0 || argument >= descriptors_.limit()) {
        return Errno::kEINVAL;
      }
      const Result<Fd> made = descriptors_.Add(
          FileRef(file), command == loop::kFDupfdCloexec, argument);
      if (!made.ok()) return made.error();
      return made->number;
    }
    case loop::kFGetpipeSz:
      if (file->AsPipe() == nullptr) return Errno::kEBADF;
      return file->AsPipe()->size();
    case loop::kFSetpipeSz:
      if (file->AsPipe() == nullptr) return Errno::kEBADF;
      return file->AsPipe()->Resize(argument);
    default:
      return Errno::kEINVAL;
  }
}

Result<void> Kernel::Ioctl(Fd fd, uint32_t request, int* value) {
  File* file = descriptors_.Find(fd);
  if (file == nullptr) return Errno::kEBADF;
  switch (request) {
    case loop::kFionbio:
      file->SetNonblocking(*value != 0);
      return {};
    case kFioclex:
    case kFionclex:
      descriptors_.SetCloexec(fd, request == kFioclex);
      return {};
    case loop::kFioasync:
      // SIGIO is taken and never sent, where there is fasync() at all.
      if (*value != 0 && file->AsSocket() == nullptr &&
          file->AsPipe() == nullptr) {
        return Errno::kENOTTY;
      }
      return {};
    default:
      return file->Ioctl(request, value);
  }
}

// --- Makers
// ------------------------------------------------------------------

Result<Fd> Kernel::Eventfd(unsigned int initial, int flags) {
  if ((flags &
       ~(loop::kEfdSemaphore | loop::kEfdNonblock | loop::kEfdCloexec)) != 0) {
    return Errno::kEINVAL;
  }
  return Install(std::make_unique<sim::Eventfd>(
                     initial, (flags & loop::kEfdSemaphore) != 0),
                 flags);
}

Result<Fd> Kernel::TimerfdCreate(int clock, int flags) {
  if ((flags & ~(loop::kTfdNonblock | loop::kTfdCloexec)) != 0) {
    return Errno::kEINVAL;
  }
  if (clock != loop::kClockRealtime && clock != loop::kClockMonotonic &&
      clock != loop::kClockBoottime && clock != kClockRealtimeAlarm &&
      clock != kClockBoottimeAlarm) {
    return Errno::kEINVAL;
  }
  return Install(std::make_unique<sim::Timerfd>(host_), flags);
}

Result<loop::TimerSpec> Kernel::TimerfdSettime(Fd fd, int flags,
                                               const loop::TimerSpec& spec) {
  // The arguments are looked at before the descriptor (do_timerfd_settime()).
  const bool negative =
      spec.interval < absl::ZeroDuration() || spec.value < absl::ZeroDuration();
  if ((flags & ~(loop::kTfdTimerAbstime | loop::kTfdTimerCancelOnSet)) != 0 ||
      negative) {
    return Errno::kEINVAL;
  }
  File* file = descriptors_.Find(fd);
  if (file == nullptr) return Errno::kEBADF;
  if (file->AsTimerfd() == nullptr) return Errno::kEINVAL;
  return file->AsTimerfd()->Set((flags & loop::kTfdTimerAbstime) != 0, spec);
}

Result<loop::TimerSpec> Kernel::TimerfdGettime(Fd fd) {
  File* file = descriptors_.Find(fd);
  if (file == nullptr) return Errno::kEBADF;
  if (file->AsTimerfd() == nullptr) return Errno::kEINVAL;
  return file->AsTimerfd()->Get();
}

Result<loop::FdPair> Kernel::Pipe2(int flags) {
  if ((flags & ~(loop::kOCloexec | loop::kONonblock | loop::kODirect)) != 0) {
    return Errno::kEINVAL;
  }
  if (!descriptors_.HasRoom(2)) return Errno::kEMFILE;
  auto [reader, writer] = Pipe::Make((flags & loop::kODirect) != 0);
  return InstallPair(std::move(reader), std::move(writer), flags);
}

Result<Fd> Kernel::OpenRegular(const std::string& path, int flags) {
  // A descriptor is reserved first (do_sys_openat2()).
  if (!descriptors_.HasRoom()) return Errno::kEMFILE;
  Result<std::shared_ptr<Inode>> inode = host_.directory().Open(path, flags);
  if (!inode.ok()) return inode.error();
  return Install(
      std::make_unique<RegularFile>(inode.Take(), flags & loop::kOAccmode,
                                    (flags & loop::kOAppend) != 0),
      flags);
}

Result<void> Kernel::Unlink(const std::string& path) {
  return host_.directory().Unlink(path);
}

}  // namespace simloop::sim
