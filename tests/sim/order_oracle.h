// OrderOracle: which orders of some happenings there are at all, found without
// a world: of all permutations those whose times have a solution, which a
// system of difference constraints has if its graph has no negative cycle
// (Bellman 1958, Ford 1956).
#ifndef TESTS_SIM_ORDER_ORACLE_H_
#define TESTS_SIM_ORDER_ORACLE_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace simloop::sim {

// Something that happens `least` to `most` after its cause.
struct Happening {
  int cause = -1;  // an earlier one's place in the list; -1: the start
  int64_t least = 0;
  int64_t most = 0;
  // Those of one lane happen in the order in which they were caused. 0: none.
  // They all take the same time.
  uint32_t lane = 0;
};

// Each order as text, a letter a happening: "bac".
inline std::string OrderText(const std::vector<int>& order) {
  std::string text;
  for (const int place : order) text += static_cast<char>('a' + place);
  return text;
}

std::set<std::string> FeasibleOrders(const std::vector<Happening>& happenings);

}  // namespace simloop::sim

#endif  // TESTS_SIM_ORDER_ORACLE_H_
