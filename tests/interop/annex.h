// Annex: kitchen.thrift's services, as its comments say; other people's clients call them.
#pragma once

#include "kitchen.weft.h"

namespace interop {

using namespace weft_kitchen;

struct Annex final : weft_kitchen::Annex {
  weft::Task<std::string> ping(std::string msg) override;
  weft::Task<void> poke(std::int64_t token) override;
  weft::Task<std::int64_t> pokes(std::int64_t token) override;

  weft::Task<void> nothing() override { co_return; }
  weft::Task<std::int64_t> add(std::int64_t a, std::int64_t b) override;
  weft::Task<std::string> echo_string(std::string s) override { co_return s; }
  weft::Task<weft::Bytes> echo_binary(weft::Bytes b) override { co_return b; }
  weft::Task<bool> negate(bool v) override { co_return !v; }
  weft::Task<double> echo_double(double v) override { co_return v; }
  weft::Task<Color> next_color(Color c) override;
  weft::Task<Every> echo_every(Every v) override { co_return v; }
  weft::Task<Optionals> echo_optionals(Optionals v) override { co_return v; }
  weft::Task<Pick> echo_pick(Pick v) override { co_return v; }
  weft::Task<Tree> echo_tree(Tree v) override { co_return v; }
  weft::Task<Nest> echo_nest(Nest v) override { co_return v; }
  weft::Task<Item> echo_item(Item v) override { co_return v; }
  weft::Task<std::vector<bool>> echo_bools(std::vector<bool> v) override { co_return v; }
  weft::Task<std::map<std::string, std::int64_t>> echo_counts(
      std::map<std::string, std::int64_t> v) override {
    co_return v;
  }
  weft::Task<std::set<std::int32_t>> echo_set(std::set<std::int32_t> v) override { co_return v; }
  weft::Task<Req> echo_req(Req v) override { co_return v; }

  weft::Task<std::int32_t> odd_args(std::int32_t a, std::int32_t b, std::int32_t c) override;
  weft::Task<std::int32_t> may_throw(std::int32_t which) override;
  weft::Task<void> void_throw(std::int32_t which) override;
  weft::Task<std::int64_t> slow(std::int32_t ms, std::int64_t token) override;
  weft::Task<weft::Bytes> make_blob(std::int32_t n) override;
  weft::Task<std::int64_t> sum(std::vector<std::int64_t> v) override;
  weft::Task<void> drop(std::string, std::vector<std::int32_t>) override { co_return; }

  weft::Task<std::string> annex() override { co_return "annex"; }
};

}  // namespace interop
