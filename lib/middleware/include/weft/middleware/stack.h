// stack(a, b, c, service): middleware around a service, the outermost first.
//
// A middleware is any struct with
//
//   weft::Task<weft::Reply> operator()(weft::Call call, weft::Next next) const;
//
// It may change the call, answer itself, call `next` never, once or several times, and look at the reply. One
// object serves all calls of its stack, on one thread; what it keeps between calls are its members (the
// operator may be non-const). Cost: one coroutine frame a layer.
#pragma once

#include <concepts>
#include <memory>
#include <utility>

#include <weft/middleware/service.h>

namespace weft {

/// The rest of the stack, as a middleware sees it. Valid for the duration of the call.
class Next {
 public:
  explicit Next(Service& service) noexcept : service_(&service) {}
  Task<Reply> operator()(Call call) const { return service_->call(std::move(call)); }

 private:
  Service* service_;
};

template <class M>
concept Middleware = requires(M& middleware, Call call, Next next) {
  { middleware(std::move(call), next) } -> std::same_as<Task<Reply>>;
};

/// What a layer that needs more than a Next (a balancer needs endpoints) offers instead of the call operator:
/// `ServicePtr over(Inner inner)`.
template <class L, class Inner>
concept LayerOver = requires(L layer, Inner inner) {
  { std::move(layer).over(std::move(inner)) } -> std::convertible_to<ServicePtr>;
};

namespace detail {

template <Middleware M>
class Layer final : public Service {
 public:
  Layer(M middleware, ServicePtr inner) : middleware_(std::move(middleware)), inner_(std::move(inner)) {}
  Task<Reply> call(Call call) override { return middleware_(std::move(call), Next{*inner_}); }

 private:
  M middleware_;
  ServicePtr inner_;
};

}  // namespace detail

inline ServicePtr stack(ServicePtr service) { return service; }

template <class First, class... Rest>
  requires(sizeof...(Rest) > 0)
ServicePtr stack(First first, Rest... rest) {
  if constexpr (sizeof...(Rest) == 1 && (LayerOver<First, Rest> && ...)) {
    return std::move(first).over(std::move(rest)...);
  } else {
    ServicePtr inner = stack(std::move(rest)...);
    if constexpr (LayerOver<First, ServicePtr>)
      return std::move(first).over(std::move(inner));
    else
      return std::make_shared<detail::Layer<First>>(std::move(first), std::move(inner));
  }
}

}  // namespace weft
