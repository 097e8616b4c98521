// What all sockets, servers and http objects of one loop share.
#include "net/stack.h"

#include <algorithm>
#include <utility>

#include "loop/abi.h"
#include "loop/check.h"
#include "loop/kernel.h"
#include "loop/table_growth.h"
#include "net/idle_lists.h"
#include "net/io_batch.h"

namespace simloop::net {
namespace {

// v0.1.96 takes a new pool when less than this is left of the old one.
constexpr size_t kLeastReadBytes = 128;

}  // namespace

Stack::Stack(loop::EventLoop& loop, Options options)
    : loop_(loop),
      quirks_(QuirksOf(loop.discipline())),
      options_(options),
      read_buffer_(new char[quirks_.read_bytes]) {
  if (!loop.gathers()) return;
  batch_ = std::make_unique<IoBatch>(loop.kernel(), quirks_.read_bytes);
  loop.SetAfterBatch([batch = batch_.get()] { batch->Flush(); });
}

Stack::~Stack() {
  if (batch_ != nullptr) {
    batch_->Flush();
    loop_.SetAfterBatch(nullptr);
  }
  waiters_.clear();
  while (!residents_.empty()) {
    Resident* const resident = residents_.back();
    residents_.pop_back();
    kinds_[resident->kind_](*resident);
  }
  idle_lists_ = nullptr;
  GiveSpare();
}

IdleLists& Stack::idle_lists() {
  if (idle_lists_ == nullptr) idle_lists_ = std::make_unique<IdleLists>(loop_);
  return *idle_lists_;
}

absl::Span<char> Stack::ReadSpace() {
  return absl::MakeSpan(read_buffer_.get() + read_used_,
                        quirks_.read_bytes - read_used_);
}

void Stack::TookReadSpace(size_t bytes) {
  if (!quirks_.read_pool_shrinks) return;
  read_used_ += bytes;
  if (quirks_.read_bytes - read_used_ < kLeastReadBytes) read_used_ = 0;
}

const std::string& Stack::HttpDateField() {
  const int64_t second = loop_.Now().nanos() / 1'000'000'000;
  if (second != date_second_) {
    date_second_ = second;
    date_ = absl::FormatTime("Date: %a, %d %b %Y %H:%M:%S GMT\r\n",
                             options_.epoch + absl::Seconds(second),
                             absl::UTCTimeZone());
  }
  return date_;
}

void Stack::MoveIn(Resident& resident, Abandonment abandonment) {
  const auto kind = std::find(kinds_.begin(), kinds_.end(), abandonment);
  resident.kind_ = static_cast<uint8_t>(kind - kinds_.begin());
  if (kind == kinds_.end()) kinds_.push_back(abandonment);
  resident.place_ = static_cast<uint32_t>(residents_.size());
  loop::GrowTable(&residents_, residents_.size() + 1);
  residents_.back() = &resident;
}

void Stack::MoveOut(Resident& resident) {
  SIMLOOP_CHECK(residents_[resident.place_] == &resident,
                "a resident is registered once");
  residents_[resident.place_] = residents_.back();
  residents_[resident.place_]->place_ = resident.place_;
  residents_.pop_back();
}

void Stack::AwaitDescriptor(absl::AnyInvocable<bool()> retry) {
  waiters_.push_back(std::move(retry));
}

void Stack::DescriptorClosed() {
  bool used = false;
  while (!used && !waiters_.empty()) {
    absl::AnyInvocable<bool()> retry = std::move(waiters_.front());
    waiters_.erase(waiters_.begin());
    used = retry();
  }
}

void Stack::TakeSpare() {
  // libuv opens /dev/null; any file will do that is nobody else's.
  const auto spare = kernel().Socket(loop::Family::kInet,
                                     loop::kSockStream | loop::kSockCloexec, 0);
  if (spare.ok()) spare_ = *spare;
}

void Stack::GiveSpare() {
  if (spare_.valid()) (void)kernel().Close(std::exchange(spare_, loop::Fd()));
}

}  // namespace simloop::net
