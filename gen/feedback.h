// Feedback: which arcs of a graph have to go so that no cycle is left, as few as possible. Arcs go in groups
// (a member of a struct may hold several types), and some cannot go at all.
//
// The problem is NP-hard. It is solved exactly where that takes a bounded amount of work, which suffices for
// what people write. Where it does not, each group of some disjoint short cycles goes, less those that can be
// spared: at most as many times the smallest number as such a cycle has groups. Graphs too large even for
// that are put into an order greedily.
#pragma once

#include <cstddef>
#include <vector>

namespace weft::gen {

struct Arc {
  static constexpr std::size_t fixed = static_cast<std::size_t>(-1);

  std::size_t from = 0;
  std::size_t to = 0;
  std::size_t group = fixed;  ///< counted from 0; `fixed`: it stays
};

struct Feedback {
  std::vector<std::size_t> groups;  ///< rising
  std::size_t at_least = 0;         ///< no set is smaller than this: where it is reached, `groups` is exact
};

/// A set of groups without which the arcs have no cycle: the smallest, and of several the one whose groups
/// come first. Nodes are counted from 0, and the fixed arcs alone have no cycle. `work` limits how often an
/// arc is looked at; the same input has the same result everywhere.
Feedback feedback(const std::vector<Arc>& arcs, std::size_t work = 10'000'000);

}  // namespace weft::gen
