#include "sim/impairment.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sim/agenda.h"
#include "sim/host.h"
#include "sim/world.h"

namespace simloop::sim {

std::string Impairment::NameOf(const Packet& packet, const Host& from,
                               uint32_t index) {
  std::string name = packet.name;
  index += packet.first_piece;
  if (index > 0) absl::StrAppend(&name, "+", index);
  if (packet.hops > 0) absl::StrAppend(&name, "@", from.name());
  return name;
}

Impairment::Impairment(Channel& channel, const LinkOptions& options)
    : channel_(channel), delay_(options), options_(options) {}

void Impairment::Change(const LinkOptions& options) {
  options_ = options;
  delay_ = Delay(options);
  if (options.burst.enter_ppb == 0) bad_ = false;
}

void Impairment::Send(Host& from, Packet& packet) {
  World& world = from.world();
  const Train train(packet, channel_.mtu());
  if (packet.protocol() == Protocol::kTcp && train.pieces() > 1) {
    packet.segment.piece = train.piece_bytes();
  }
  pieces_.clear();
  Queue(train, from, packet);
  if (!world.calm()) Decide(packet, from);
  if (!train.divisible()) Join();
  const auto count = static_cast<uint32_t>(pieces_.size());
  uint32_t first = 0;
  for (uint32_t next = 1; next < count; ++next) {
    if (pieces_[next].fate == pieces_[first].fate &&
        pieces_[first].fate == Fate::kPass) {
      continue;
    }
    Packet& part = world.packets().NewPart();
    train.Cut(packet, first, next - first, &part);
    Dispose(from, part, first, next - 1);
    first = next;
  }
  if (first > 0) {
    Packet& part = world.packets().NewPart();
    train.Cut(packet, first, count - first, &part);
    world.packets().Release(packet);
    Dispose(from, part, first, count - 1);
  } else {
    Dispose(from, packet, 0, count - 1);
  }
}

// A train's pieces come one after another, the last of them now.
void Impairment::Queue(const Train& train, const Host& from,
                       const Packet& packet) {
  const int64_t now = from.world().Now().nanos();
  for (uint32_t i = 0; i < train.pieces(); ++i) {
    const int64_t ahead = train.pieces() - 1 - i;
    const int64_t leaves = channel_.queue_.Admit(
        now - ahead * packet.spacing_nanos, train.WireBytes(i));
    const bool dropped = leaves == RateQueue::kDropped;
    pieces_.push_back(
        {dropped ? Fate::kQueueFull : Fate::kPass, dropped ? now : leaves});
  }
}

void Impairment::Decide(const Packet& packet, const Host& from) {
  for (uint32_t i = 0; i < pieces_.size(); ++i) {
    if (pieces_[i].fate == Fate::kPass) {
      pieces_[i].fate = Draw(packet, from, i);
    }
  }
}

Impairment::Fate Impairment::Draw(const Packet& packet, const Host& from,
                                  uint32_t index) {
  if (Lost(packet, from, index)) return Fate::kLost;
  if (Chance(ChoiceKind::kCorrupt, options_.corrupt_ppb, packet, from, index)) {
    return Fate::kCorrupted;
  }
  if (Chance(ChoiceKind::kDuplicate, options_.duplicate_ppb, packet, from,
             index)) {
    return Fate::kDuplicated;
  }
  if (Chance(ChoiceKind::kReorder, options_.reorder_ppb, packet, from, index)) {
    return Fate::kReordered;
  }
  return Fate::kPass;
}

bool Impairment::Lost(const Packet& packet, const Host& from, uint32_t index) {
  uint32_t loss = options_.loss_ppb;
  const BurstLoss& burst = options_.burst;
  if (burst.enter_ppb > 0 || burst.loss_good_ppb > 0) {
    if (Chance(ChoiceKind::kBurst, bad_ ? burst.leave_ppb : burst.enter_ppb,
               packet, from, index)) {
      bad_ = !bad_;
    }
    loss = std::max(loss, bad_ ? burst.loss_bad_ppb : burst.loss_good_ppb);
  }
  return Chance(ChoiceKind::kLoss, loss, packet, from, index);
}

bool Impairment::Chance(ChoiceKind kind, uint32_t ppb, const Packet& packet,
                        const Host& from, uint32_t index) {
  if (ppb == 0) return false;
  return from.world().Happens(kind, ppb,
                              [&] { return NameOf(packet, from, index); });
}

// Fragments are one packet: all must come, and come together.
void Impairment::Join() {
  Piece whole = pieces_.back();
  for (const Piece& piece : pieces_) {
    whole.leaves = std::max(whole.leaves, piece.leaves);
    whole.fate = std::max(whole.fate, piece.fate);
  }
  // A fragment that comes twice is used once.
  if (whole.fate == Fate::kDuplicated && pieces_.size() > 1) {
    whole.fate = Fate::kPass;
  }
  pieces_.assign(1, whole);
}

void Impairment::Dispose(Host& from, Packet& packet, uint32_t first,
                         uint32_t last) {
  const int64_t leaves = pieces_[last].leaves;
  packet.spacing_nanos =
      last > first ? (leaves - pieces_[first].leaves) / (last - first) : 0;
  switch (pieces_[first].fate) {
    case Fate::kQueueFull:
      from.Drop(packet, "queue full");
      return;
    case Fate::kLost:
      from.Drop(packet, "lost");
      return;
    case Fate::kCorrupted:
      packet.corrupted = true;
      break;
    case Fate::kDuplicated: {
      Packet& copy = from.world().packets().NewPart();
      copy.CopyFrom(packet);
      Schedule(from, packet, leaves, 0);
      if (!copy.name.empty()) copy.name += "/copy";
      Schedule(from, copy, leaves, 0);
      return;
    }
    case Fate::kReordered:
      Schedule(from, packet, leaves,
               absl::ToInt64Nanoseconds(options_.reorder_by));
      return;
    case Fate::kPass:
      break;
  }
  Schedule(from, packet, leaves, 0);
}

void Impairment::Schedule(const Host& from, Packet& packet, int64_t leaves,
                          int64_t extra) {
  World& world = from.world();
  if (world.agenda() != nullptr) {
    ScheduleLoosely(from, packet, leaves, extra);
    return;
  }
  const int64_t delay =
      delay_.Draw(world, [&] { return NameOf(packet, from, 0); });
  // A router has a train when it has the last of it: no part goes before.
  loop::Instant at =
      std::max(world.Now(), loop::Instant::FromNanos(leaves).PlusNanos(delay))
          .PlusNanos(extra);
  if (extra > 0 || options_.reordering) {
    // Nothing behind it waits for it: it has a lane of its own.
    world.queue().Schedule(packet, at);
    return;
  }
  channel_.Schedule(world, packet, at);
}

void Impairment::ScheduleLoosely(const Host& from, Packet& packet,
                                 int64_t leaves, int64_t extra) {
  World& world = from.world();
  const Delay::Range range =
      delay_.DrawRange(world, [&] { return NameOf(packet, from, 0); });
  const auto at = [&](int64_t delay) {
    return std::max(world.Now(),
                    loop::Instant::FromNanos(leaves).PlusNanos(delay))
        .PlusNanos(extra);
  };
  const Agenda::Window window = {at(range.least), at(range.most)};
  if (extra > 0 || options_.reordering) {
    world.agenda()->Schedule(packet, window, at(range.calm),
                             ChoiceKind::kDelay);
  } else {
    channel_.ScheduleLoosely(world, packet, window.earliest, window.latest,
                             at(range.calm));
  }
}

}  // namespace simloop::sim
