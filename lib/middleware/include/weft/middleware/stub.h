// What the stubs of generated code share: between a service of values and a Service of bytes. The codec comes
// as the functions `encode` (Chain from const T&) and `decode` (Status from Chain or const Chain&, and T&).
#pragma once

#include <memory>
#include <utility>

#include <weft/middleware/service.h>
#include <weft/runtime/stream.h>

namespace weft::stub {

namespace detail {

template <class>
struct Signature;
template <class From, class T>
struct Signature<Status (*)(From, T&)> {
  using Value = T;
};
template <class T>
struct Signature<Chain (*)(const T&)> {
  using Value = T;
};

}  // namespace detail

/// What a codec's function makes values of, or values to.
template <auto function>
using ValueOf = typename detail::Signature<decltype(function)>::Value;

inline Reply answer(Chain payload) { return {.payload = std::move(payload)}; }
inline Reply answer(Stream<Chain> messages) { return {.payload = {}, .messages = std::move(messages)}; }

/// Values as messages.
template <auto encode>
Stream<Chain> encoded(Stream<ValueOf<encode>> values) {
  while (auto value = co_await values.next()) co_yield encode(*value);
}

/// Messages as values. One that cannot be decoded ends the stream; none at all, where a caller has streamed
/// nothing, is an empty stream.
template <auto decode>
Stream<ValueOf<decode>> decoded(std::shared_ptr<Stream<Chain>> messages) {
  if (!messages) co_return;
  while (auto message = co_await messages->next()) {
    ValueOf<decode> value{};
    co_await decode(*std::move(message), value);
    co_yield std::move(value);
  }
}

/// The messages of a call that streams its requests.
template <auto encode>
Call streaming(const Method& method, Stream<ValueOf<encode>> requests) {
  Call call{method, Chain{}};
  call.messages = std::make_shared<Stream<Chain>>(encoded<encode>(std::move(requests)));
  return call;
}

/// Makes a call that is answered by one message.
template <auto decode>
Task<ValueOf<decode>> receive(ServicePtr service, Call call) {
  Reply reply = co_await service->call(std::move(call));
  ValueOf<decode> value{};
  co_await decode(reply.payload, value);
  co_return value;
}

/// Makes a call that is answered by many; it begins with the first `next`.
template <auto decode>
Stream<ValueOf<decode>> receive_stream(ServicePtr service, Call call) {
  Reply reply = co_await service->call(std::move(call));
  while (auto message = co_await reply.messages.next()) {
    ValueOf<decode> value{};
    co_await decode(*message, value);
    co_yield std::move(value);
  }
}

}  // namespace weft::stub
