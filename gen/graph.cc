#include "graph.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace weft::gen {

// Tarjan's algorithm, with the recursion on a stack of its own.
std::vector<std::size_t> components(const Graph& graph) {
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  struct Visit {
    std::size_t node;
    std::size_t edge;
  };
  std::vector<std::size_t> index(graph.size(), none), low(graph.size()), component(graph.size(), none), open;
  std::vector<Visit> visits;
  std::size_t next_index = 0, next_component = 0;
  for (std::size_t root = 0; root < graph.size(); ++root) {
    if (index[root] != none) continue;
    visits.push_back({root, 0});
    while (!visits.empty()) {
      auto& [node, edge] = visits.back();
      if (edge == 0 && index[node] == none) {
        index[node] = low[node] = next_index++;
        open.push_back(node);
      }
      if (edge < graph[node].size()) {
        const std::size_t to = graph[node][edge++];
        if (index[to] == none)
          visits.push_back({to, 0});
        else if (component[to] == none)
          low[node] = std::min(low[node], index[to]);
        continue;
      }
      if (low[node] == index[node]) {
        std::size_t member;
        do {
          member = open.back();
          open.pop_back();
          component[member] = next_component;
        } while (member != node);
        ++next_component;
      }
      const std::size_t done = node;
      visits.pop_back();
      if (!visits.empty()) low[visits.back().node] = std::min(low[visits.back().node], low[done]);
    }
  }
  return component;
}

bool acyclic(const Graph& graph) { return order(graph).size() == graph.size(); }

std::vector<std::size_t> order(const Graph& graph) {
  std::vector<std::size_t> missing(graph.size()), result;
  Graph back(graph.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t node = 0; node < graph.size(); ++node) {
    missing[node] = graph[node].size();
    for (std::size_t to : graph[node]) back[to].push_back(node);
    if (missing[node] == 0) ready.push(node);
  }
  while (!ready.empty()) {
    const std::size_t node = ready.top();
    ready.pop();
    result.push_back(node);
    for (std::size_t from : back[node])
      if (--missing[from] == 0) ready.push(from);
  }
  return result;
}

}  // namespace weft::gen
