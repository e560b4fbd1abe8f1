// Messages of protoc's own classes where Weft's would stand: for a code base that keeps its protoc types, and
// for what weft-gen makes of its services with --messages=protoc. Parsing and serializing are libprotobuf's,
// from the received slices and into the blocks that are sent; nothing is copied between. Link it with
// `weft_protobuf_dep`.
//
//   Chain bytes = protobuf::encode(order);
//   Result<shop::Order> order = protobuf::decode<shop::Order>(bytes);
#pragma once

#include <concepts>
#include <google/protobuf/message_lite.h>
#include <utility>

#include <weft/codec/application_exception.h>
#include <weft/codec/on_arena.h>
#include <weft/codec/protobuf.h>
#include <weft/runtime/bytes.h>
#include <weft/runtime/result.h>

namespace weft::protobuf {

namespace detail {

Status parse(const Chain& bytes, google::protobuf::MessageLite& message, const DecodeLimits& limits);
Chain serialize(const google::protobuf::MessageLite& message);

}  // namespace detail

/// A message class of protoc.
template <class T>
concept ProtocMessage = std::derived_from<T, google::protobuf::MessageLite>;

/// A message of those on an arena.
template <class T>
concept ArenaMessage = requires { typename T::Message; } && std::same_as<T, OnArena<typename T::Message>>;

/// Required fields that are not set are left to the receiver, who refuses the message. One of more than
/// 2 GiB, which Protobuf does not have, is sent as what every receiver refuses.
template <ProtocMessage T>
Chain encode(const T& message) {
  return detail::serialize(message);
}
template <ArenaMessage T>
Chain encode(const T& message) {
  return detail::serialize(*message);
}

/// Replaces what `message` holds. A failure is `invalid_argument`: malformed, nested deeper than
/// `limits.depth` levels, or without required fields, which are named; or `resource_exhausted`: more than
/// 2 GiB. Of the limits only the depth is looked at: what a message may take is bounded by the size that the
/// transport lets through, times what its classes take for a byte.
template <ProtocMessage T>
Status decode(const Chain& bytes, T& message, const DecodeLimits& limits = usual_limits) {
  return detail::parse(bytes, message, limits);
}
template <ArenaMessage T>
Status decode(const Chain& bytes, T& message, const DecodeLimits& limits = usual_limits) {
  return detail::parse(bytes, *message, limits);
}

template <class T>
  requires ProtocMessage<T> || ArenaMessage<T>
Result<T> decode(const Chain& bytes, const DecodeLimits& limits = usual_limits) {
  Result<T> message{T{}};
  if (Status status = decode(bytes, *message, limits); !status.ok()) return status;
  return message;
}

// A call's request and its result, as generated code asks for them: see <weft/codec/protobuf.h>.

template <class T>
  requires ProtocMessage<T> || ArenaMessage<T>
Chain encode_arguments(const T& request) {
  return encode(request);
}
template <class T>
  requires ProtocMessage<T> || ArenaMessage<T>
Chain encode_result(const T& result) {
  return encode(result);
}

template <class T>
  requires ProtocMessage<T> || ArenaMessage<T>
Status decode_arguments(Chain payload, T& request) {
  Status status = decode(payload, request);
  return status.ok() ? status : undecodable_request(status);
}
template <class T>
  requires ProtocMessage<T> || ArenaMessage<T>
Status decode_result(const Chain& payload, T& result) {
  Status status = decode(payload, result);
  return status.ok() ? status : undecodable_result(status);
}

}  // namespace weft::protobuf
