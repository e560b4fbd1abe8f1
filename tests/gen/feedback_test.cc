#include "feedback.h"

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

#include "graph.h"

using namespace weft::gen;

namespace {

using Groups = std::vector<std::size_t>;

bool breaks(const std::vector<Arc>& arcs, const Groups& groups) {
  Graph graph;
  for (const Arc& arc : arcs) {
    graph.resize(std::max({graph.size(), arc.from + 1, arc.to + 1}));
    if (!std::binary_search(groups.begin(), groups.end(), arc.group)) graph[arc.from].push_back(arc.to);
  }
  return acyclic(graph);
}

/// The smallest set, and of several the first, by trying all.
Groups by_force(const std::vector<Arc>& arcs, std::size_t groups) {
  Groups best;
  bool found = false;
  for (std::size_t bits = 0; bits < std::size_t{1} << groups; ++bits) {
    Groups chosen;
    for (std::size_t group = 0; group < groups; ++group)
      if (bits >> group & 1) chosen.push_back(group);
    if (found && (chosen.size() > best.size() || (chosen.size() == best.size() && chosen > best))) continue;
    if (!breaks(arcs, chosen)) continue;
    best = chosen;
    found = true;
  }
  return best;
}

/// Some arcs stay, and lead to smaller nodes alone; a group has an arc, and sometimes more from the same
/// node.
std::vector<Arc> random_arcs(std::mt19937& random, std::size_t nodes, std::size_t groups) {
  std::vector<Arc> arcs;
  for (std::size_t count = random() % nodes; count > 0; --count) {
    const std::size_t from = 1 + random() % (nodes - 1);
    arcs.push_back({from, random() % from, Arc::fixed});
  }
  for (std::size_t group = 0; group < groups; ++group) {
    const std::size_t from = random() % nodes;
    do arcs.push_back({from, random() % nodes, group});
    while (random() % 6 == 0);
  }
  std::shuffle(arcs.begin(), arcs.end(), random);
  return arcs;
}

}  // namespace

TEST_CASE("the fewest groups go, and of several choices the first") {
  CHECK(feedback({}).groups.empty());
  CHECK(feedback({{0, 1, 0}, {1, 2, 1}}).groups.empty());
  CHECK(feedback({{0, 1, 0}, {1, 0, 1}}).groups == Groups{0});
  CHECK(feedback({{0, 1, 1}, {1, 0, 0}}).groups == Groups{0});
  CHECK(feedback({{0, 0, 0}, {0, 0, 1}}).groups == Groups{0, 1});
  // Two ways there and one back: the way back.
  CHECK(feedback({{0, 1, 0}, {0, 1, 1}, {1, 0, 2}}).groups == Groups{2});
  // What stays decides.
  CHECK(feedback({{0, 1, Arc::fixed}, {1, 0, 0}, {1, 0, 1}}).groups == Groups{0, 1});
  // One group in two cycles.
  CHECK(feedback({{0, 1, 2}, {0, 2, 2}, {1, 0, 0}, {2, 0, 1}}).groups == Groups{2});
}

TEST_CASE("random small graphs have the answer that trying all sets gives") {
  std::mt19937 random(20261121);
  for (int round = 0; round < 3000; ++round) {
    const std::size_t nodes = 2 + random() % 6, groups = random() % 10;
    const std::vector<Arc> arcs = random_arcs(random, nodes, groups);
    const Feedback result = feedback(arcs);
    CAPTURE(round);
    REQUIRE(result.groups == by_force(arcs, groups));
    REQUIRE(result.at_least == result.groups.size());
  }
}

TEST_CASE("what people write is solved exactly: forty members among thirty types") {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    const std::vector<Arc> arcs = random_arcs(random, 30, 40);
    const Feedback result = feedback(arcs);
    CAPTURE(round);
    CHECK(breaks(arcs, result.groups));
    CHECK(result.at_least == result.groups.size());
  }
}

TEST_CASE("where the exact answer takes too long there is one from which no group can be spared") {
  std::mt19937 random(8);
  int inexact = 0;
  for (int round = 0; round < 5; ++round) {
    const std::vector<Arc> arcs = random_arcs(random, 20, 100);
    const Feedback result = feedback(arcs, 300'000);
    CAPTURE(round);
    REQUIRE(breaks(arcs, result.groups));
    inexact += result.at_least < result.groups.size();
    CHECK(result.at_least > 0);
    CHECK(result.at_least <= result.groups.size());
    for (std::size_t group : result.groups) {
      Groups fewer = result.groups;
      std::erase(fewer, group);
      CHECK_FALSE(breaks(arcs, fewer));
    }
    CHECK(result.groups == feedback(arcs, 300'000).groups);
  }
  CHECK(inexact > 0);
}

TEST_CASE("graphs of any size are answered") {
  std::mt19937 random(9);
  const std::vector<Arc> large = random_arcs(random, 5'000, 15'000);
  const Feedback result = feedback(large);
  CHECK(breaks(large, result.groups));
  CHECK(result.groups.size() < 7'500);
  std::vector<Arc> ring;
  for (std::size_t node = 0; node < 20'000; ++node) ring.push_back({node, (node + 1) % 20'000, node});
  CHECK(feedback(ring).groups.size() == 1);
}
