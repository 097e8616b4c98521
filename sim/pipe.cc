#include "sim/pipe.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>

namespace simloop::sim {
namespace {

using loop::Errno;
using loop::Result;

constexpr size_t kPageBytes = 4096;
constexpr size_t kDefaultPages = 16;
constexpr uint32_t kReadable = loop::kEpollIn | loop::kEpollRdnorm;
constexpr uint32_t kWritable = loop::kEpollOut | loop::kEpollWrnorm;
// round_pipe_size(): no larger one has a power of two.
constexpr uint32_t kLargest = 1u << 31;

// One page (struct pipe_buffer).
struct Page {
  std::string bytes;
  size_t consumed = 0;
  bool packet = false;

  size_t left() const { return bytes.size() - consumed; }
};

}  // namespace

// What both ends share (struct pipe_inode_info).
class PipeRing final {
 public:
  bool full() const { return pages.size() >= capacity; }

  std::deque<Page> pages;
  size_t capacity = kDefaultPages;
  // Null once closed.
  Pipe* reader = nullptr;
  Pipe* writer = nullptr;
};

Pipe::Pipe(std::shared_ptr<PipeRing> ring, End end)
    : ring_(std::move(ring)), end_(end) {
  (end == End::kRead ? ring_->reader : ring_->writer) = this;
}

std::pair<std::unique_ptr<Pipe>, std::unique_ptr<Pipe>> Pipe::Make(
    bool packets) {
  const auto ring = std::make_shared<PipeRing>();
  auto reader = std::make_unique<Pipe>(ring, End::kRead);
  auto writer = std::make_unique<Pipe>(ring, End::kWrite);
  writer->SetPackets(packets);
  return {std::move(reader), std::move(writer)};
}

// pipe_poll().
uint32_t Pipe::Readiness() {
  uint32_t bits = 0;
  if (end_ == End::kRead) {
    if (!ring_->pages.empty()) bits |= kReadable;
    if (ring_->writer == nullptr) bits |= loop::kEpollHup;
  } else {
    if (!ring_->full()) bits |= kWritable;
    if (ring_->reader == nullptr) bits |= loop::kEpollErr;
  }
  return bits;
}

// pipe_read().
Result<size_t> Pipe::Read(absl::Span<char> buffer) {
  if (buffer.empty()) return size_t{0};
  size_t done = 0;
  bool wake_writer = false;
  std::deque<Page>& pages = ring_->pages;
  while (!pages.empty() && done < buffer.size()) {
    Page& page = pages.front();
    const size_t count = std::min(page.left(), buffer.size() - done);
    std::memcpy(buffer.data() + done, page.bytes.data() + page.consumed, count);
    done += count;
    page.consumed += count;
    const bool packet = page.packet;
    if (packet || page.left() == 0) {
      // A writer is told only of the first free page.
      wake_writer |= ring_->full();
      pages.pop_front();
    }
    if (packet) break;
  }
  if (wake_writer && ring_->writer != nullptr) {
    ring_->writer->waiters_.Wake(kWritable);
  }
  if (done == 0 && ring_->writer != nullptr) return Errno::kEAGAIN;
  return done;
}

// pipe_write().
Result<size_t> Pipe::Write(absl::Span<const char> data) {
  if (data.empty()) return size_t{0};
  if (ring_->reader == nullptr) return Errno::kEPIPE;
  size_t done = 0;
  std::deque<Page>& pages = ring_->pages;
  // What does not fill pages goes into the rest of the last one, if it fits.
  const size_t odd = data.size() % kPageBytes;
  if (odd > 0 && !pages.empty()) {
    Page& last = pages.back();
    if (!last.packet && last.bytes.size() + odd <= kPageBytes) {
      last.bytes.append(data.data(), odd);
      done = odd;
    }
  }
  while (done < data.size() && !ring_->full()) {
    const size_t count = std::min(kPageBytes, data.size() - done);
    pages.push_back({std::string(data.data() + done, count), 0, packets_});
    done += count;
  }
  // Whoever polls is told of each write, even of one that moved nothing
  // (poll_usage of fs/pipe.c).
  ring_->reader->waiters_.Wake(kReadable);
  if (done == 0) return Errno::kEAGAIN;
  return done;
}

Result<void> Pipe::Ioctl(uint32_t request, int* value) {
  if (request != loop::kFionread) return Errno::kENOTTY;
  size_t total = 0;
  for (const Page& page : ring_->pages) total += page.left();
  *value = static_cast<int>(total);
  return {};
}

int Pipe::size() const {
  return static_cast<int>(ring_->capacity * kPageBytes);
}

// pipe_set_size().
Result<int> Pipe::Resize(int bytes) {
  const auto wanted = static_cast<uint32_t>(bytes);
  if (wanted > kLargest) return Errno::kEINVAL;
  uint64_t rounded = kPageBytes;
  while (rounded < wanted) rounded *= 2;
  const size_t capacity = rounded / kPageBytes;
  if (capacity > ring_->capacity && rounded > kMostBytes) return Errno::kEPERM;
  if (capacity < ring_->pages.size()) return Errno::kEBUSY;
  ring_->capacity = capacity;
  // There may be more room.
  if (ring_->writer != nullptr) ring_->writer->waiters_.Wake(0);
  return size();
}

// pipe_release().
void Pipe::Release() {
  (end_ == End::kRead ? ring_->reader : ring_->writer) = nullptr;
  Pipe* const other = end_ == End::kRead ? ring_->writer : ring_->reader;
  if (other != nullptr) other->waiters_.Wake(0);
}

}  // namespace simloop::sim
