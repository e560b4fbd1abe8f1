#include "feedback.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "graph.h"

namespace weft::gen {

namespace {

using Groups = std::vector<std::size_t>;

/// Arcs whose nodes and groups are counted from 0 without gaps.
class Part {
 public:
  Part(std::vector<Arc> arcs, std::size_t nodes, std::size_t groups, std::size_t work)
      : arcs_(std::move(arcs)), out_(nodes), state_(groups, State::open), work_(work) {
    for (std::size_t arc = 0; arc < arcs_.size(); ++arc) out_[arcs_[arc].from].push_back(arc);
  }

  Feedback solve() {
    std::size_t at_least = 0;
    Groups best = disjoint_cycles(at_least);
    if (spent()) return {.groups = by_order(), .at_least = 1};
    spare(best);
    // Exactly: is there one of this size?
    while (at_least < best.size()) {
      if (search(at_least)) {
        best = found_;
        break;
      }
      if (spent()) return {.groups = std::move(best), .at_least = at_least};
      ++at_least;
    }
    return {.groups = first(std::move(best)), .at_least = at_least};
  }

 private:
  enum class State : std::uint8_t { open, gone, kept };

  bool spent() const { return looked_ > work_; }
  bool is_gone(const Arc& arc) const { return arc.group != Arc::fixed && state_[arc.group] == State::gone; }
  bool is_open(const Arc& arc) const { return arc.group != Arc::fixed && state_[arc.group] == State::open; }

  Graph graph(bool with_open) {
    looked_ += arcs_.size();
    Graph graph(out_.size());
    for (const Arc& arc : arcs_)
      if (!is_gone(arc) && (with_open || !is_open(arc))) graph[arc.from].push_back(arc.to);
    return graph;
  }

  /// The open groups of a cycle that has as few of them as possible; none if it cannot be broken.
  std::optional<Groups> cycle() {
    if (acyclic(graph(true))) return std::nullopt;
    if (!acyclic(graph(false))) return Groups{};
    std::optional<Groups> shortest;
    for (std::size_t start = 0; start < arcs_.size() && !spent(); ++start) {
      if (!is_open(arcs_[start])) continue;
      auto groups = way_back(arcs_[start], shortest ? shortest->size() : out_.size() + 1);
      if (groups && (!shortest || groups->size() < shortest->size())) shortest = std::move(groups);
      if (shortest && shortest->size() == 1) break;
    }
    return shortest ? shortest : Groups{};
  }

  /// The open groups on a way from where the arc leads back to where it begins, and the arc's own, where they
  /// are fewer than `limit`. Arcs that stay cost nothing.
  std::optional<Groups> way_back(const Arc& start, std::size_t limit) {
    constexpr std::size_t none = static_cast<std::size_t>(-1);
    looked_ += out_.size();
    std::vector<std::size_t> cost(out_.size(), none), by(out_.size(), none);
    std::deque<std::size_t> open{start.to};
    cost[start.to] = 1;
    while (!open.empty()) {
      const std::size_t node = open.front();
      open.pop_front();
      if (node == start.from) break;
      for (std::size_t index : out_[node]) {
        ++looked_;
        const Arc& arc = arcs_[index];
        if (is_gone(arc)) continue;
        const std::size_t step = is_open(arc) && arc.group != start.group ? 1 : 0;
        if (cost[node] + step >= std::min(cost[arc.to], limit)) continue;
        cost[arc.to] = cost[node] + step;
        by[arc.to] = index;
        step == 0 ? open.push_front(arc.to) : open.push_back(arc.to);
      }
    }
    if (cost[start.from] >= limit) return std::nullopt;
    Groups groups{start.group};
    for (std::size_t node = start.from; node != start.to; node = arcs_[by[node]].from)
      if (is_open(arcs_[by[node]])) groups.push_back(arcs_[by[node]].group);
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    return groups;
  }

  /// The groups of cycles that share none, as many as come: each costs at least one. `count` is then how many
  /// they are, or more than all groups where a cycle cannot be broken.
  Groups disjoint_cycles(std::size_t& count) {
    const std::vector<State> before = state_;
    Groups taken;
    count = 0;
    while (auto groups = cycle()) {
      if (groups->empty() || spent()) {
        count = state_.size() + 1;
        break;
      }
      ++count;
      for (std::size_t group : *groups) {
        state_[group] = State::gone;
        taken.push_back(group);
      }
    }
    state_ = before;
    return taken;
  }

  /// Drops from the set what it can do without, the last first.
  void spare(Groups& groups) {
    std::sort(groups.begin(), groups.end());
    for (std::size_t group : groups) state_[group] = State::gone;
    for (std::size_t at = groups.size(); at-- > 0;) {
      state_[groups[at]] = State::open;
      if (!acyclic(graph(true))) state_[groups[at]] = State::gone;
    }
    std::erase_if(groups, [&](std::size_t group) { return state_[group] == State::open; });
    std::fill(state_.begin(), state_.end(), State::open);
  }

  /// Whether `limit` more groups suffice; then `found_` is all that are gone.
  bool search(std::size_t limit) {
    const std::optional<Groups> groups = cycle();
    if (spent()) return false;
    if (!groups) {
      found_.clear();
      for (std::size_t group = 0; group < state_.size(); ++group)
        if (state_[group] == State::gone) found_.push_back(group);
      return true;
    }
    if (groups->empty() || limit == 0) return false;
    std::size_t needed = 0;
    disjoint_cycles(needed);
    bool found = false;
    // One of the cycle's groups goes: the first; or not the first, but the second; ...
    if (needed <= limit)
      for (std::size_t group : *groups) {
        state_[group] = State::gone;
        if ((found = search(limit - 1))) break;
        state_[group] = State::kept;
      }
    for (std::size_t group : *groups) state_[group] = State::open;
    return found;
  }

  /// Of the sets as small as `best`, the one whose groups come first.
  Groups first(Groups best) {
    std::size_t left = best.size();
    for (std::size_t group = 0; group < state_.size() && left > 0; ++group) {
      state_[group] = State::gone;
      if (!std::binary_search(best.begin(), best.end(), group)) {
        if (!search(left - 1)) {
          state_[group] = State::kept;
          continue;
        }
        best = found_;
      }
      --left;
    }
    return best;
  }

  /// Nodes are placed one by one, those with the fewest open arcs to what is not placed yet first; these go.
  Groups by_order() {
    std::vector<std::size_t> fixed(out_.size()), open(out_.size());
    Graph into(out_.size());
    for (std::size_t index = 0; index < arcs_.size(); ++index) {
      ++(arcs_[index].group == Arc::fixed ? fixed : open)[arcs_[index].from];
      into[arcs_[index].to].push_back(index);
    }
    std::set<std::pair<std::size_t, std::size_t>> ready;  // by open arcs, then by number
    for (std::size_t node = 0; node < out_.size(); ++node)
      if (fixed[node] == 0) ready.emplace(open[node], node);
    std::vector<bool> placed(out_.size());
    std::set<std::size_t> gone;
    while (!ready.empty()) {
      const std::size_t node = ready.begin()->second;
      ready.erase(ready.begin());
      for (std::size_t index : out_[node])
        if (arcs_[index].group != Arc::fixed && !placed[arcs_[index].to]) gone.insert(arcs_[index].group);
      placed[node] = true;
      for (std::size_t index : into[node]) {
        const Arc& arc = arcs_[index];
        if (placed[arc.from]) continue;
        if (fixed[arc.from] == 0) ready.erase({open[arc.from], arc.from});
        --(arc.group == Arc::fixed ? fixed : open)[arc.from];
        if (fixed[arc.from] == 0) ready.emplace(open[arc.from], arc.from);
      }
    }
    return {gone.begin(), gone.end()};
  }

  const std::vector<Arc> arcs_;
  std::vector<std::vector<std::size_t>> out_;  ///< indices of arcs
  std::vector<State> state_;                   ///< of groups
  Groups found_;
  const std::size_t work_;
  std::size_t looked_ = 0;
};

/// Numbers without gaps, in the order of the keys.
std::map<std::size_t, std::size_t> dense(const std::set<std::size_t>& keys) {
  std::map<std::size_t, std::size_t> numbers;
  for (std::size_t key : keys) numbers.emplace_hint(numbers.end(), key, numbers.size());
  return numbers;
}

/// The components of the arcs, one where they share a group.
std::vector<std::vector<Arc>> parts(const std::vector<Arc>& arcs) {
  std::size_t nodes = 0;
  for (const Arc& arc : arcs) nodes = std::max({nodes, arc.from + 1, arc.to + 1});
  Graph graph(nodes);
  for (const Arc& arc : arcs) graph[arc.from].push_back(arc.to);
  const std::vector<std::size_t> component = components(graph);
  std::vector<std::size_t> root(nodes);  // by component: one that it is joined with
  std::iota(root.begin(), root.end(), 0);
  const auto find = [&](std::size_t at) {
    while (root[at] != at) at = root[at] = root[root[at]];
    return at;
  };
  std::map<std::size_t, std::size_t> of_group;
  const auto on_cycle = [&](const Arc& arc) { return component[arc.from] == component[arc.to]; };
  for (const Arc& arc : arcs)
    if (on_cycle(arc) && arc.group != Arc::fixed) {
      const std::size_t here = find(component[arc.from]);
      root[here] = find(of_group.emplace(arc.group, here).first->second);
    }
  std::map<std::size_t, std::vector<Arc>> joined;
  for (const Arc& arc : arcs)
    if (on_cycle(arc)) joined[find(component[arc.from])].push_back(arc);
  std::vector<std::vector<Arc>> result;
  for (auto& [number, part] : joined) result.push_back(std::move(part));
  return result;
}

}  // namespace

Feedback feedback(const std::vector<Arc>& arcs, std::size_t work) {
  Feedback result;
  // What leads to itself has to go, and often there is nothing else.
  std::set<std::size_t> forced;
  for (const Arc& arc : arcs)
    if (arc.from == arc.to && arc.group != Arc::fixed) forced.insert(arc.group);
  std::vector<Arc> rest;
  for (const Arc& arc : arcs)
    if (!forced.contains(arc.group)) rest.push_back(arc);
  result.groups.assign(forced.begin(), forced.end());
  result.at_least = forced.size();
  for (std::vector<Arc>& part : parts(rest)) {
    std::set<std::size_t> nodes, groups;
    for (const Arc& arc : part) {
      nodes.insert({arc.from, arc.to});
      if (arc.group != Arc::fixed) groups.insert(arc.group);
    }
    const auto node = dense(nodes), group = dense(groups);
    for (Arc& arc : part) {
      arc.from = node.at(arc.from);
      arc.to = node.at(arc.to);
      if (arc.group != Arc::fixed) arc.group = group.at(arc.group);
    }
    const Feedback solved = Part{std::move(part), nodes.size(), groups.size(), work}.solve();
    const std::vector<std::size_t> names(groups.begin(), groups.end());
    for (std::size_t at : solved.groups) result.groups.push_back(names[at]);
    result.at_least += solved.at_least;
  }
  std::sort(result.groups.begin(), result.groups.end());
  return result;
}

}  // namespace weft::gen
