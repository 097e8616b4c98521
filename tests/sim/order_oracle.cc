#include "tests/sim/order_oracle.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace simloop::sim {
namespace {

// to - from <= most.
struct Edge {
  size_t from;
  size_t to;
  int64_t most;
};

// Node 0 is the start, i + 1 the i-th happening.
bool Solvable(const std::vector<Edge>& edges, size_t nodes) {
  std::vector<int64_t> distance(nodes, 0);
  for (size_t round = 0; round <= nodes; ++round) {
    bool changed = false;
    for (const Edge& edge : edges) {
      if (distance[edge.from] + edge.most >= distance[edge.to]) continue;
      distance[edge.to] = distance[edge.from] + edge.most;
      changed = true;
    }
    if (!changed) return true;
  }
  return false;
}

bool KeepsCauses(const std::vector<Happening>& happenings,
                 const std::vector<size_t>& rank) {
  const auto cause_rank = [&](const Happening& happening) {
    return happening.cause < 0 ? 0 : 1 + rank[happening.cause];
  };
  for (size_t i = 0; i < happenings.size(); ++i) {
    if (cause_rank(happenings[i]) > rank[i]) return false;
    for (size_t j = i + 1; j < happenings.size(); ++j) {
      if (happenings[i].lane == 0 || happenings[i].lane != happenings[j].lane) {
        continue;
      }
      const bool first = cause_rank(happenings[i]) <= cause_rank(happenings[j]);
      if (first != (rank[i] < rank[j])) return false;
    }
  }
  return true;
}

}  // namespace

std::set<std::string> FeasibleOrders(const std::vector<Happening>& happenings) {
  const size_t count = happenings.size();
  std::vector<Edge> windows;
  for (size_t i = 0; i < count; ++i) {
    const auto cause = static_cast<size_t>(happenings[i].cause + 1);
    windows.push_back({cause, i + 1, happenings[i].most});
    windows.push_back({i + 1, cause, -happenings[i].least});
  }
  std::set<std::string> orders;
  std::vector<int> order(count);
  std::iota(order.begin(), order.end(), 0);
  do {
    std::vector<size_t> rank(count);
    for (size_t i = 0; i < count; ++i) rank[order[i]] = i;
    if (!KeepsCauses(happenings, rank)) continue;
    std::vector<Edge> edges = windows;
    for (size_t i = 0; i + 1 < count; ++i) {
      edges.push_back({static_cast<size_t>(order[i + 1]) + 1,
                       static_cast<size_t>(order[i]) + 1, 0});
    }
    if (Solvable(edges, count + 1)) orders.insert(OrderText(order));
  } while (std::next_permutation(order.begin(), order.end()));
  return orders;
}

}  // namespace simloop::sim
