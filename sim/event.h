// Event: something that will happen at an instant of virtual time: a packet's
// arrival, a timer, a process being put on the processor. Intrusive: the owner
// keeps the object, the EventQueue only points at it.
#ifndef SIM_EVENT_H_
#define SIM_EVENT_H_

#include <cstdint>
#include <string>

#include "loop/instant.h"

namespace simloop::sim {

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // Happens now. The event is out of the queue and may be scheduled again, or
  // destroyed, by this call.
  virtual void Fire() = 0;
  // The stable name of what happens, for schedules: "client.connect#1/syn".
  virtual std::string Name() const = 0;
  // What it is called where a Scheduler is asked when it happens; see
  // sim/agenda.h.
  virtual std::string TimeName() const { return Name(); }
  // The host that it happens to (Host::index()); kEverywhere if to several.
  static constexpr uint32_t kEverywhere = UINT32_MAX;
  virtual uint32_t HostIndex() const { return kEverywhere; }
  // A lazy event may stand in the queue at an instant at which nothing is to
  // happen any more. It is then put right by Refresh(), which schedules it
  // for later or not at all, and the run does not notice.
  virtual bool Live() const { return true; }
  virtual void Refresh() {}
  // When it is to happen: later than at() where it is lazy, or never.
  virtual loop::Instant Due() const { return at_; }

  bool scheduled() const { return home_ != kNowhere; }
  loop::Instant at() const { return at_; }

 protected:
  // Owners destroy their events; the queue never does. REQUIRES: !scheduled().
  ~Event() = default;

 private:
  friend class EventQueue;
  friend class Agenda;
  static constexpr uint8_t kNowhere = 255;

  loop::Instant at_;
  uint32_t place_ = 0;  // in its home
  // Events of one lane keep their order among themselves whatever a Scheduler
  // picks: the packets of one direction of a link. 0: a lane of its own.
  uint32_t lane_ = 0;
  uint8_t home_ = kNowhere;  // which part of the queue it stands in
  bool loose_ = false;       // the world's Agenda knows its window
};

}  // namespace simloop::sim

#endif  // SIM_EVENT_H_
