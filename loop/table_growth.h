// GrowTable: how the tables grow that have an entry a descriptor. There may be
// a million, so that what vector would keep beside is a third of what is used.
#ifndef LOOP_TABLE_GROWTH_H_
#define LOOP_TABLE_GROWTH_H_

#include <cstddef>
#include <vector>

namespace simloop::loop {

// Makes it `size` entries long, the new ones blank. By an eighth at a time:
// each entry is moved some eight times in all. REQUIRES: it is no longer.
template <typename T>
void GrowTable(std::vector<T>* table, size_t size) {
  constexpr size_t kLeast = 16;
  if (size > table->capacity()) table->reserve(size + size / 8 + kLeast);
  table->resize(size);
}

}  // namespace simloop::loop

#endif  // LOOP_TABLE_GROWTH_H_
