// Thrift's compact protocol: values to bytes and back. Include it where codecs are instantiated or values are
// encoded by hand; generated headers need <weft/codec/codec.h> only.
//
//   Chain bytes = compact::encode(request);
//   Result<HelloRequest> request = compact::decode<HelloRequest>(bytes);
#pragma once

#include <optional>
#include <utility>

#include <weft/codec/application_exception.h>
#include <weft/codec/codec.h>
#include <weft/codec/compact_read.h>
#include <weft/codec/compact_write.h>
#include <weft/runtime/result.h>

namespace weft::compact {

template <class T>
void Codec<T>::write(Writer& writer, const T& value) {
  if constexpr (Schema<T>::shape == Shape::union_)
    detail::write_union(writer, UnionRecord<const T>{value});
  else
    detail::write_record(writer, StructRecord<const T>{value});
}

template <class T>
void Codec<T>::read(Reader& reader, T& value) {
  if constexpr (Schema<T>::shape == Shape::union_) {
    value.value = {};
    detail::read_record(reader, UnionRecord<T>{value});
  } else {
    detail::read_record(reader, StructRecord<T>{value});
  }
}

template <Described T>
Chain encode(const T& value) {
  Writer writer;
  Codec<T>::write(writer, value);
  return writer.finish();
}

/// Fields that are not in the message keep the values that they have in `value`. Bytes behind the value are
/// ignored, as Apache's libraries do.
template <Described T>
Status decode(const Chain& bytes, T& value, const DecodeLimits& limits = {}) {
  static_assert(!is_borrowed<T>, "decode it as a Borrowed<T>, which keeps what it looks at");
  Reader reader{bytes.flatten(), limits};
  Codec<T>::read(reader, value);
  return std::move(reader).status();
}
/// The same for what looks into the bytes. A Chain of several slices is put together first.
template <Described T>
Status decode(const Chain& bytes, Borrowed<T>& value, const DecodeLimits& limits = {}) {
  Reader reader{bytes.flatten(), limits};
  detail::read_value(reader, value);
  return std::move(reader).status();
}

template <Described T>
Result<T> decode(const Chain& bytes, const DecodeLimits& limits = {}) {
  T value{};
  if (Status status = decode(bytes, value, limits); !status.ok()) return status;
  return value;
}

template <Described T>
Result<Borrowed<T>> borrow(const Chain& bytes, const DecodeLimits& limits = {}) {
  Result<Borrowed<T>> value{Borrowed<T>{}};
  if (Status status = decode(bytes, *value, limits); !status.ok()) value = status;
  return value;
}

/// The arguments of a call: a struct of those ids, written in their order.
template <std::int32_t... Ids, class... Ts>
Chain encode_arguments(Argument<Ids, Ts>... arguments) {
  Writer writer;
  detail::write_record(writer, ArgumentRecord{arguments...});
  return writer.finish();
}

/// Missing arguments keep the values that they have; unknown ones are skipped. A failure is the caller's,
/// marked as `undecodable_arguments`. Move the payload in: received memory is then let go of before the
/// handler runs.
template <std::int32_t... Ids, class... Ts>
Status decode_arguments(Chain payload, const DecodeLimits& limits, Argument<Ids, Ts>... arguments) {
  Reader reader{payload.flatten(), limits};
  detail::read_record(reader, ArgumentRecord{arguments...});
  if (reader.ok()) [[likely]]
    return {};
  return undecodable_arguments(std::move(reader).status());
}
template <std::int32_t... Ids, class... Ts>
Status decode_arguments(Chain payload, Argument<Ids, Ts>... arguments) {
  return decode_arguments(std::move(payload), DecodeLimits{}, arguments...);
}

/// The result of a call: `argument<0>(value)`, a declared exception under its id, or nothing for void.
inline Chain encode_result() { return Bytes::of_static({"\0", 1}); }
template <std::int32_t Id, class T>
Chain encode_result(Argument<Id, T> result) {
  return encode_arguments(result);
}

/// Sets the std::optional of whatever the result holds: perhaps none, which is right for void and otherwise a
/// `missing_result`. A failure is the peer's.
template <std::int32_t... Ids, class... Ts>
Status decode_result(const Chain& payload, const DecodeLimits& limits,
                     Argument<Ids, std::optional<Ts>>... results) {
  Reader reader{payload.flatten(), limits};
  detail::read_record(reader, ArgumentRecord{results...});
  if (reader.ok()) [[likely]]
    return {};
  return undecodable_result(std::move(reader).status());
}
template <std::int32_t... Ids, class... Ts>
Status decode_result(const Chain& payload, Argument<Ids, std::optional<Ts>>... results) {
  return decode_result(payload, DecodeLimits{}, results...);
}

}  // namespace weft::compact
