// Router: from a method's name on the wire to the service instance that serves it. One for each core.
#pragma once

#include <cstddef>
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
    std::size_t reply_size = 0;  ///< of its largest replies lately, in bytes
  };

  void add(std::unique_ptr<ServiceInterface> service);

  /// Of Thrift: "method", or "service:method" as Thrift's multiplexed clients say. Names are compared byte by
  /// byte. Null: unknown.
  Route* find(std::string_view name);
  /// Of gRPC: "/package.Service/Method", exactly so.
  Route* find_path(std::string_view path);

  /// The innermost service of the server's stack.
  Task<Reply> call(Call call) override;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::vector<std::unique_ptr<ServiceInterface>> services_;
  using Routes = std::unordered_map<std::string, Route, Hash, std::equal_to<>>;
  void add_path(const ServedMethod& served, ServiceInterface& service);

  Routes by_name_, by_path_;
  std::unordered_map<const Method*, Route*> by_method_;
};

}  // namespace weft::detail
