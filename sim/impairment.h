// Impairment: what one direction of a link does to packets beyond a delay:
// its rate and queue, and what it loses, repeats, spoils and holds up. Each is
// asked of the Scheduler by the packet's name, piece by piece of a Train: a
// train is split around the piece that something happens to.
#ifndef SIM_IMPAIRMENT_H_
#define SIM_IMPAIRMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sim/channel.h"
#include "sim/choice.h"
#include "sim/delay.h"
#include "sim/link_options.h"
#include "sim/packet.h"
#include "sim/train.h"

namespace simloop::sim {

class Impairment final {
 public:
  // Of `channel`, which it is part of.
  Impairment(Channel& channel, const LinkOptions& options);

  void Change(const LinkOptions& options);
  // Sends `packet`, or what is left of it, from `from`.
  void Send(Host& from, Packet& packet);

  // The name of a packet in the choices of the link that `from` sends it on:
  // its own, "client.connect#1/data#3", with "+2" for the third piece of a
  // train, and with "@r1" where a router sends it.
  static std::string NameOf(const Packet& packet, const Host& from,
                            uint32_t index);

 private:
  enum class Fate : uint8_t {
    kPass,
    kReordered,
    kDuplicated,
    kCorrupted,
    kLost,
    kQueueFull,
  };
  struct Piece {
    Fate fate;
    int64_t leaves;  // nanoseconds
  };

  void Queue(const Train& train, const Host& from, const Packet& packet);
  void Decide(const Packet& packet, const Host& from);
  Fate Draw(const Packet& packet, const Host& from, uint32_t index);
  bool Lost(const Packet& packet, const Host& from, uint32_t index);
  bool Chance(ChoiceKind kind, uint32_t ppb, const Packet& packet,
              const Host& from, uint32_t index);
  void Join();
  // Schedules, or drops, `packet`: the pieces from `first` to `last`.
  void Dispose(Host& from, Packet& packet, uint32_t first, uint32_t last);
  void Schedule(const Host& from, Packet& packet, int64_t leaves,
                int64_t extra);
  // Where time is in any order.
  void ScheduleLoosely(const Host& from, Packet& packet, int64_t leaves,
                       int64_t extra);

  Channel& channel_;
  bool bad_ = false;  // of Gilbert-Elliott's two
  Delay delay_;
  LinkOptions options_;
  std::vector<Piece> pieces_;  // of the packet being sent
};

}  // namespace simloop::sim

#endif  // SIM_IMPAIRMENT_H_
