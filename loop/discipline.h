// Discipline: in which order a loop runs what is ready. Two are known; the
// table of loop/README.md sets them side by side.
#ifndef LOOP_DISCIPLINE_H_
#define LOOP_DISCIPLINE_H_

namespace simloop::loop {

enum class Discipline {
  // Node v0.1.96 over libev 3.9: one tick run per turn, before the poll;
  // timers before I/O; I/O callbacks in the reverse of the kernel's order.
  kV0196,
  // Node 20 over libuv 1.46: the kernel's order; the tick queue and then the
  // microtasks run out after every callback; immediates, closing callbacks,
  // and timers last.
  kModern,
};

// "v0.1.96", "modern".
const char* DisciplineName(Discipline discipline);

}  // namespace simloop::loop

#endif  // LOOP_DISCIPLINE_H_
