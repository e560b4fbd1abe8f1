// Graph: nodes by number, and the strongly connected components of directed graphs.
#pragma once

#include <cstddef>
#include <vector>

namespace weft::gen {

/// For each node, the nodes that it leads to.
using Graph = std::vector<std::vector<std::size_t>>;

/// For each node the number of its component: nodes that lead to each other share one. Needs no stack,
/// however long the paths are.
std::vector<std::size_t> components(const Graph& graph);

/// Whether the graph has no cycle. A node that leads to itself is one.
bool acyclic(const Graph& graph);

/// Each node after those it leads to, and otherwise in the order of their numbers. Nodes on cycles are left
/// out, and what leads to them.
std::vector<std::size_t> order(const Graph& graph);

}  // namespace weft::gen
