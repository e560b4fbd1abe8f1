#include "model.h"

#include <algorithm>

namespace weft::gen {

const std::string* find(const Annotations& annotations, std::string_view name) noexcept {
  for (const Annotation& annotation : annotations)
    if (annotation.name == name) return &annotation.value;
  return nullptr;
}

bool Reserved::has(std::int32_t id) const noexcept {
  return std::any_of(ids.begin(), ids.end(),
                     [&](const Range& range) { return range.first <= id && id <= range.last; });
}

bool Reserved::has(std::string_view name) const noexcept {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const Type& bare(const Type& type) noexcept {
  const Type* bare = &type;
  while (bare->kind == Type::Kind::alias) bare = &bare->alias->type;
  return *bare;
}

bool same(const Type& left, const Type& right) noexcept {
  const Type& a = bare(left);
  const Type& b = bare(right);
  if (a.kind != b.kind || a.structure != b.structure || a.enumeration != b.enumeration ||
      a.arguments.size() != b.arguments.size())
    return false;
  for (std::size_t index = 0; index < a.arguments.size(); ++index)
    if (!same(a.arguments[index], b.arguments[index])) return false;
  return true;
}

}  // namespace weft::gen
