// Router: from a method's name on the wire to the service instance that serves it. One for each core.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <weft/middleware/service.h>

namespace weft::detail {

class Router final : public Service {
 public:
  struct Route {
    const ServedMethod* served;
    ServiceInterface* service;
  };

  void add(std::unique_ptr<ServiceInterface> service);

  /// "method", or "service:method" as Thrift's multiplexed clients say. Names are compared byte by byte.
  /// Null: unknown.
  const Route* find(std::string_view name) const;

  /// The innermost service of the server's stack.
  Task<Reply> call(Call call) override;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::vector<std::unique_ptr<ServiceInterface>> services_;
  std::unordered_map<std::string, Route, Hash, std::equal_to<>> by_name_;
  std::unordered_map<const Method*, const Route*> by_method_;
};

}  // namespace weft::detail
