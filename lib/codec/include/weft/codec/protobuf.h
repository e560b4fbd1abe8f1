// Protobuf's binary form: values to bytes and back. Include it where codecs are instantiated or values are
// encoded by hand; generated headers need <weft/codec/codec.h> only.
//
//   Chain bytes = protobuf::encode(request);
//   Result<HelloRequest> request = protobuf::decode<HelloRequest>(bytes);
#pragma once

#include <utility>

#include <weft/codec/application_exception.h>
#include <weft/codec/codec.h>
#include <weft/codec/protobuf_read.h>
#include <weft/codec/protobuf_write.h>
#include <weft/runtime/result.h>

namespace weft::protobuf {

/// As DecodeLimits' own, with as many levels as other implementations: the outermost message and 100 in it.
inline constexpr DecodeLimits usual_limits{.depth = 101};

template <class T>
std::uint8_t* Codec<T>::write(BackWriter& writer, std::uint8_t* at, const T& value) {
  return detail::write_message(writer, at, value);
}

template <class T>
void Codec<T>::read(Reader& reader, T& value, std::uint32_t group) {
  detail::read_message(reader, value, group);
}

/// Always the same bytes for the same value: fields in order of ids, maps in order of keys.
template <Described T>
Chain encode(const T& value) {
  BackWriter writer;
  return writer.finish(Codec<T>::write(writer, writer.cursor(), value));
}

/// Merges the message into `value`: of fields that are in both the message's wins, repeated ones are
/// appended, messages are merged. A failure is `invalid_argument` (malformed) or `resource_exhausted` (a
/// limit).
template <Described T>
Status decode(const Chain& bytes, T& value, const DecodeLimits& limits = usual_limits) {
  static_assert(!is_borrowed<T>, "decode it as a Borrowed<T>, which keeps what it looks at");
  Reader reader{bytes.flatten(), limits};
  Codec<T>::read(reader, value, 0);
  return std::move(reader).status();
}

/// The same for what looks into the bytes, which must be new: it looks into the bytes of one message only. A
/// Chain of several slices is put together first.
template <Described T>
Status decode(const Chain& bytes, Borrowed<T>& value, const DecodeLimits& limits = usual_limits) {
  Reader reader{bytes.flatten(), limits};
  reader.arena(value.arena());
  value.source(reader.source());
  Codec<T>::read(reader, *value, 0);
  return std::move(reader).status();
}

template <Described T>
Result<T> decode(const Chain& bytes, const DecodeLimits& limits = usual_limits) {
  T value{};
  if (Status status = decode(bytes, value, limits); !status.ok()) return status;
  return value;
}

template <Described T>
Result<Borrowed<T>> borrow(const Chain& bytes, const DecodeLimits& limits = usual_limits) {
  Result<Borrowed<T>> value{Borrowed<T>{}};
  if (Status status = decode(bytes, *value, limits); !status.ok()) value = status;
  return value;
}

namespace detail {
template <class T>
inline constexpr bool is_decoded = Described<T>;
template <class T>
inline constexpr bool is_decoded<Borrowed<T>> = true;
}  // namespace detail

/// A call's request and its result are one message each.
template <Described T>
Chain encode_arguments(const T& request) {
  return encode(request);
}
template <Described T>
Chain encode_result(const T& result) {
  return encode(result);
}

/// What decoding a request failed with, as gRPC wants it told: `internal`, or `resource_exhausted` over a
/// limit. The caller's fault.
Status undecodable_request(const Status& status);

/// Fails with `undecodable_request`. Move the payload in: received memory is then let go of before the
/// handler runs.
template <class T>
  requires detail::is_decoded<T>
Status decode_arguments(Chain payload, T& request) {
  Status status = decode(payload, request);
  return status.ok() ? status : undecodable_request(status);
}

/// A failure is the peer's.
template <class T>
  requires detail::is_decoded<T>
Status decode_result(const Chain& payload, T& result) {
  Status status = decode(payload, result);
  return status.ok() ? status : undecodable_result(status);
}

}  // namespace weft::protobuf
